import type { IToken } from 'chevrotain';
import { diagnose } from '../diagnostics/index.js';
import { spanText } from '../support/source.js';
import type {
  Argument,
  BinaryOperator,
  Call,
  Expression,
  Hole,
  Identifier as IdentifierNode,
} from './ast.js';
import { limits } from './limits.js';
import { type Operand, OperatorStack } from './precedence.js';
import { RecoveringParser, StopParsing } from './recovery.js';
import {
  Colon,
  Comma,
  Equals,
  Identifier,
  Infix,
  LeftBrace,
  LeftParen,
  LeftSquare,
  Minus,
  NumberToken,
  Reserved,
  RightBrace,
  RightParen,
  RightSquare,
  reserved,
  StarStar,
  StringToken,
} from './tokens.js';

/** Rules for names and expressions. An expression never fails: what cannot be read becomes a Hole. */
export abstract class ExpressionParser extends RecoveringParser {
  /** `role` completes "expected …": `a name for the value`. */
  protected readonly identifier = this.RULE('identifier', (role: string): IdentifierNode => {
    const token = this.OR({
      DEF: [
        { ALT: () => this.CONSUME(Identifier) },
        { GATE: () => this.onSameLine(), ALT: () => this.reservedName(this.CONSUME(Reserved), role) },
      ],
      ERR_MSG: role,
    });
    return this.ACTION(() => ({ span: this.spanOf(token), name: token.image }));
  });

  private reservedName(token: IToken, role: string): IToken {
    this.ACTION(() =>
      this.report(diagnose('reserved-word', this.spanOf(token), { word: token.image, role })),
    );
    return token;
  }

  /** Entry point of everything that nests, so the depth is counted here. */
  protected readonly expression = this.RULE('expression', (): Expression => this.operators().node);

  private operators(): Operand {
    this.ACTION(() => this.enter());
    const stack = new OperatorStack(this.source, (first, second) => {
      this.report(diagnose('chained-comparison', this.spanOf(this.LA(0)), { first, second }));
    });
    this.MANY1(() => {
      const minus = this.CONSUME1(Minus);
      this.ACTION(() => stack.minus(minus.startOffset));
    });
    const first = this.SUBRULE1(this.operand);
    this.ACTION(() => stack.operand(first));
    this.MANY2(() => {
      const operator = this.CONSUME(Infix);
      this.ACTION(() => stack.infix(this.infixOperator(operator), operator.startOffset));
      this.MANY3(() => {
        const minus = this.CONSUME2(Minus);
        this.ACTION(() => stack.minus(minus.startOffset));
      });
      const next = this.SUBRULE2(this.operand);
      this.ACTION(() => stack.operand(next));
    });
    this.depth--;
    return this.RECORDING_PHASE ? first : stack.finish();
  }

  private enter(): void {
    this.depth++;
    if (this.depth <= limits.nesting) return;
    this.report(diagnose('nested-too-deeply', this.spanOf(this.LA(1)), { limit: limits.nesting }));
    throw new StopParsing();
  }

  private infixOperator(token: IToken): BinaryOperator {
    if (token.tokenType !== StarStar) return token.tokenType.name as BinaryOperator;
    this.report(diagnose('power-operator', this.spanOf(token), {}));
    return '^';
  }

  private readonly operand = this.RULE('operand', (): Operand => {
    const missing = this.ACTION(() => this.missingOperand());
    if (missing) return missing;
    const start = this.LA(1).startOffset;
    const primary = this.OR1<Expression>([
      { ALT: () => this.numberLiteral(this.CONSUME(NumberToken)) },
      { ALT: () => this.nameExpression(this.CONSUME(Identifier)) },
      { ALT: () => this.SUBRULE(this.listLiteral) },
      { ALT: () => this.SUBRULE(this.dataReference) },
      { ALT: () => this.SUBRULE(this.fold) },
      { ALT: () => this.SUBRULE(this.parenthesised) },
    ]);
    const node = this.postfix(primary, start);
    return this.ACTION(() => ({ node, start, end: this.previousEnd() }));
  });

  /** A Hole, reported, where no operand starts or where the next line starts a statement. */
  private missingOperand(): Operand | null {
    const statement = this.statementHead(1) && !this.onSameLine();
    if (!statement && !this.declarationHead(1) && this.startsOperand()) return null;
    const end = this.previousEnd();
    if (this.isAt(1, StringToken)) return this.stringOperand();
    this.unexpected('an expression');
    const node: Hole = { kind: 'hole', span: { file: this.source, start: end, end } };
    return { node, start: end, end };
  }

  private stringOperand(): Operand {
    const token = this.LA(1);
    // Other strings are not well formed, and the lexer has said so.
    if (token.tokenType === StringToken)
      this.unexpected('an expression', 'strings stand only behind `import`');
    this.skip();
    const span = this.spanOf(token);
    return { node: { kind: 'hole', span }, start: span.start, end: span.end };
  }

  private startsOperand(): boolean {
    const type = this.typeAt(1);
    return (
      type === LeftParen ||
      type === LeftSquare ||
      type === reserved.data ||
      type === reserved.fold ||
      this.isAt(1, NumberToken) ||
      this.isAt(1, Identifier)
    );
  }

  private numberLiteral(token: IToken): Expression {
    const span = this.spanOf(token);
    // The lexer has reported a malformed number; what was most likely meant keeps the checker quiet about it.
    const value = Number(token.image.replaceAll('_', ''));
    if (Number.isNaN(value)) return { kind: 'hole', span };
    const hint = sizeHint(value);
    if (hint !== null) {
      this.report(diagnose('invalid-number', span, { text: token.image, hint }));
      return { kind: 'hole', span };
    }
    return { kind: 'number', span, value, isInteger: /^[\d_]+$/.test(token.image) };
  }

  private nameExpression(token: IToken): Expression {
    return { kind: 'name', span: this.spanOf(token), name: token.image };
  }

  private readonly parenthesised = this.RULE('parenthesised', (): Expression => {
    this.opened(this.CONSUME(LeftParen));
    const inner = this.SUBRULE(this.expression);
    if (this.closes(RightParen, null)) this.CONSUME(RightParen);
    return inner;
  });

  private readonly listLiteral = this.RULE('listLiteral', (): Expression => {
    const start = this.LA(1).startOffset;
    const elements = this.SUBRULE(this.bracketed);
    return this.ACTION(() => ({ kind: 'list', span: this.spanFrom(start), elements }));
  });

  /** `[a, b]`; a comma may follow the last. */
  protected readonly bracketed = this.RULE('bracketed', (): readonly Expression[] => {
    const elements: Expression[] = [];
    this.opened(this.CONSUME(LeftSquare));
    this.OPTION({
      GATE: () => this.typeAt(1) !== RightSquare,
      DEF: () => {
        elements.push(this.SUBRULE1(this.expression));
        this.MANY(() => {
          this.CONSUME(Comma);
          if (this.RECORDING_PHASE || this.typeAt(1) !== RightSquare)
            elements.push(this.SUBRULE2(this.expression));
        });
      },
    });
    if (this.closes(RightSquare, elements.length === 0 ? 'an expression or ' : '`,` or '))
      this.CONSUME(RightSquare);
    return elements;
  });

  private readonly dataReference = this.RULE('dataReference', (): Expression => {
    const start = this.CONSUME(reserved.data).startOffset;
    const name = this.SUBRULE(this.identifier, { ARGS: ['the name of a data variable'] });
    return this.ACTION(() => ({ kind: 'data-reference', span: this.spanFrom(start), name }));
  });

  private readonly fold = this.RULE('fold', (): Expression => {
    const start = this.CONSUME(reserved.fold).startOffset;
    const accumulator = this.SUBRULE1(this.identifier, { ARGS: ['a name for the value carried along'] });
    this.CONSUME(Equals);
    const initial = this.SUBRULE1(this.expression);
    this.CONSUME(reserved.for);
    const element = this.SUBRULE2(this.identifier, { ARGS: ['a name for the element of the list'] });
    this.CONSUME(reserved.in);
    const list = this.SUBRULE2(this.expression);
    this.opened(this.CONSUME(LeftBrace));
    const body = this.SUBRULE3(this.expression);
    if (this.closes(RightBrace, null, '`fold`')) this.CONSUME(RightBrace);
    return this.ACTION(() => ({
      kind: 'fold',
      span: this.spanFrom(start),
      accumulator,
      initial,
      element,
      list,
      body,
    }));
  });

  /** Calls and indices behind a primary, on its line. */
  private postfix(primary: Expression, start: number): Expression {
    let node = primary;
    this.MANY({
      GATE: () => this.onSameLine(),
      DEF: () => {
        this.OR2([
          {
            ALT: () => {
              const open = this.LA(1);
              const passed = this.SUBRULE(this.callArguments);
              this.ACTION(() => {
                node = this.call(node, passed, start, open);
              });
            },
          },
          {
            ALT: () => {
              const indices = this.SUBRULE(this.bracketed);
              this.ACTION(() => {
                node = { kind: 'index', span: this.spanFrom(start), target: node, indices };
              });
            },
          },
        ]);
      },
    });
    return node;
  }

  /** `f(…)`, or `f[k](…)`, which was read as an index until its arguments came. */
  private call(target: Expression, passed: readonly Argument[], start: number, open: IToken): Expression {
    const span = this.spanFrom(start);
    if (target.kind === 'name') {
      return { kind: 'call', span, callee: identifierOf(target), axes: null, arguments: passed };
    }
    if (target.kind === 'index' && target.target.kind === 'name') {
      const axes = this.axesOf(target.indices);
      const call: Call = { kind: 'call', span, callee: identifierOf(target.target), axes, arguments: passed };
      return call;
    }
    if (target.kind !== 'hole') {
      const text = `\`${shortened(spanText(target.span))}\``;
      this.report(diagnose('call-of-expression', this.spanOf(open), { target: text }));
    }
    return { kind: 'hole', span };
  }

  private axesOf(indices: readonly Expression[]): readonly IdentifierNode[] {
    return indices.flatMap(index => {
      if (index.kind === 'name') return [identifierOf(index)];
      if (index.kind !== 'hole') {
        this.report(diagnose('axis-not-a-name', index.span, { found: shortened(spanText(index.span)) }));
      }
      return [];
    });
  }

  private readonly callArguments = this.RULE('callArguments', (): readonly Argument[] => {
    const passed: Argument[] = [];
    this.opened(this.CONSUME(LeftParen));
    this.OPTION({
      GATE: () => this.typeAt(1) !== RightParen,
      DEF: () => {
        passed.push(this.SUBRULE1(this.argument));
        this.MANY(() => {
          this.CONSUME(Comma);
          if (this.RECORDING_PHASE || this.typeAt(1) !== RightParen)
            passed.push(this.SUBRULE2(this.argument));
        });
      },
    });
    if (this.closes(RightParen, passed.length === 0 ? 'an argument or ' : '`,` or '))
      this.CONSUME(RightParen);
    return passed;
  });

  private readonly argument = this.RULE('argument', (): Argument => {
    const start = this.LA(1).startOffset;
    let name: IdentifierNode | null = null;
    this.OPTION({
      GATE: () => this.typeAt(2) === Equals || this.typeAt(2) === Colon,
      DEF: () => {
        const given = this.SUBRULE(this.identifier, { ARGS: ['the name of an argument'] });
        this.OR([
          { ALT: () => this.CONSUME(Equals) },
          {
            ALT: () => {
              const colon = this.CONSUME(Colon);
              this.ACTION(() =>
                this.report(diagnose('named-argument-colon', this.spanOf(colon), { name: given.name })),
              );
            },
          },
        ]);
        name = given;
      },
    });
    const value = this.SUBRULE(this.expression);
    // A Hole stands behind the last token and so before the one that was no expression.
    return this.ACTION(() => ({ span: this.spanFrom(Math.min(start, value.span.start)), name, value }));
  });
}

/** Devices compute with 32 bits: what is too large there is infinite, and what is too small is 0. */
function sizeHint(value: number): string | null {
  if (!Number.isFinite(Math.fround(value)))
    return 'it is too large for the 32 bits that devices compute with';
  const tooSmall = value !== 0 && value < 2 ** -126;
  return tooSmall ? 'it is too small for the 32 bits that devices compute with: write `0`' : null;
}

const identifierOf = ({ span, name }: { span: IdentifierNode['span']; name: string }): IdentifierNode => ({
  span,
  name,
});

const shortened = (text: string): string => {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 40 ? `${line.slice(0, 40)}…` : line;
};
