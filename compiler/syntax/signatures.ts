import type { Expression, FormalParameter, TypeExpression } from './ast.js';
import { ExpressionParser } from './expressions.js';
import { Colon, Comma, Equals, LeftParen, RightParen } from './tokens.js';

/** Rules for types and for the parameters of declarations. */
export abstract class SignatureParser extends ExpressionParser {
  protected readonly typeExpression = this.RULE('typeExpression', (): TypeExpression => {
    const start = this.LA(1).startOffset;
    const name = this.SUBRULE(this.identifier, { ARGS: ['a type, such as `real` or `binary[784]`'] });
    let dimensions: readonly Expression[] | null = null;
    this.OPTION({
      GATE: () => this.onSameLine(),
      DEF: () => {
        dimensions = this.SUBRULE(this.bracketed);
      },
    });
    return this.ACTION(() => ({ span: this.spanFrom(start), name, dimensions }));
  });

  /** `(a: real, b: int = 2)` */
  protected readonly formalParameters = this.RULE('formalParameters', (): readonly FormalParameter[] => {
    const parameters: FormalParameter[] = [];
    this.opened(this.CONSUME(LeftParen));
    this.OPTION(() => {
      parameters.push(this.SUBRULE1(this.formalParameter));
      this.MANY(() => {
        this.CONSUME(Comma);
        if (this.RECORDING_PHASE || this.typeAt(1) !== RightParen)
          parameters.push(this.SUBRULE2(this.formalParameter));
      });
    });
    if (this.closes(RightParen, '`,` or ')) this.CONSUME(RightParen);
    return parameters;
  });

  private readonly formalParameter = this.RULE('formalParameter', (): FormalParameter => {
    const start = this.LA(1).startOffset;
    const name = this.SUBRULE(this.identifier, { ARGS: ['the name of a parameter'] });
    this.CONSUME(Colon, { ERR_MSG: '`:` and the type of the parameter' });
    const type = this.SUBRULE(this.typeExpression);
    let defaultValue: Expression | null = null;
    this.OPTION(() => {
      this.CONSUME(Equals);
      defaultValue = this.SUBRULE(this.expression);
    });
    return this.ACTION(() => ({ span: this.spanFrom(start), name, type, defaultValue }));
  });
}
