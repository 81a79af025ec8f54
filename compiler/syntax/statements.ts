import type { IToken } from 'chevrotain';
import { diagnose } from '../diagnostics/index.js';
import type { Draw, Let, ParameterDeclaration, Return, Statement } from './ast.js';
import type { BlockContent } from './lookahead.js';
import { SignatureParser } from './signatures.js';
import { Colon, Equals, Identifier, LeftBrace, RightBrace, reserved, Tilde } from './tokens.js';

/** Rules for what stands between the braces of networks, functions, layers and reductions. */
export abstract class StatementParser extends SignatureParser {
  /**
   * `{ … }` around whatever `member` reads; null members, which were reported, are left out. `of` names the block
   * if it is never closed.
   */
  protected block<Member>(content: BlockContent, of: string, member: () => Member | null): readonly Member[] {
    const members: Member[] = [];
    this.opened(this.CONSUME(LeftBrace));
    this.MANY({
      GATE: () => !this.blockEnds(content),
      DEF: () => {
        const parsed = this.guarded(content, member);
        if (parsed) members.push(parsed);
      },
    });
    if (this.closes(RightBrace, null, of)) this.CONSUME(RightBrace);
    return members;
  }

  protected readonly statements = this.RULE(
    'statements',
    (network: boolean, of: string): readonly Statement[] =>
      this.block('statements', of, () => this.SUBRULE(this.statement, { ARGS: [network] })),
  );

  private readonly statement = this.RULE('statement', (network: boolean): Statement | null =>
    this.OR<Statement | null>({
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { ALT: () => this.SUBRULE(this.letStatement) },
        { ALT: () => this.SUBRULE(this.parameterDeclaration) },
        { ALT: () => this.SUBRULE(this.returnStatement) },
        {
          GATE: () => this.typeAt(2) === Tilde || this.typeAt(2) === Equals,
          ALT: () => this.SUBRULE(this.draw, { ARGS: [network] }),
        },
        {
          ALT: () => {
            this.SUBRULE(this.stray, {
              ARGS: ['statements', statementPhrase(network), this.statementHint()],
            });
            return null;
          },
        },
      ],
    }),
  );

  private statementHint(): string | null {
    if (this.typeAt(1) !== Identifier) return null;
    return this.typeAt(2) === Colon ? `a parameter is written \`param ${this.LA(1).image}: real = …\`` : null;
  }

  protected readonly letStatement = this.RULE('letStatement', (): Let => {
    const start = this.CONSUME(reserved.let).startOffset;
    const name = this.SUBRULE(this.identifier, { ARGS: ['a name for the value'] });
    this.CONSUME(Equals, { ERR_MSG: '`=` and a value' });
    const value = this.SUBRULE(this.expression);
    return this.ACTION(() => ({ kind: 'let', span: this.spanFrom(start), name, value }));
  });

  /** `h ~ d`. Also reads `h = e`, which is reported and taken for what the block would have had it. */
  private readonly draw = this.RULE('draw', (network: boolean): Draw | Let => {
    const start = this.LA(1).startOffset;
    const name = this.SUBRULE(this.identifier, { ARGS: ['the name of a variable'] });
    const assigned = this.OR<IToken | null>([
      {
        ALT: () => {
          this.CONSUME(Tilde);
          return null;
        },
      },
      { ALT: () => this.CONSUME(Equals) },
    ]);
    this.ACTION(() => {
      if (!assigned) return;
      this.report(diagnose('bare-assignment', this.spanOf(assigned), { name: name.name, network }));
    });
    const value = this.SUBRULE(this.expression);
    return this.ACTION<Draw | Let>(() => {
      const kind = assigned && !network ? 'let' : 'draw';
      return { kind, span: this.spanFrom(start), name, value };
    });
  });

  private readonly parameterDeclaration = this.RULE('parameterDeclaration', (): ParameterDeclaration => {
    const start = this.CONSUME(reserved.param).startOffset;
    const name = this.SUBRULE(this.identifier, { ARGS: ['the name of the parameter'] });
    this.CONSUME(Colon, { ERR_MSG: '`:` and the type of the parameter' });
    const type = this.SUBRULE(this.typeExpression);
    const initialiser = this.OR<'draw' | 'value'>({
      DEF: [
        {
          ALT: () => {
            this.CONSUME(Tilde);
            return 'draw';
          },
        },
        {
          ALT: () => {
            this.CONSUME(Equals);
            return 'value';
          },
        },
      ],
      ERR_MSG: '`~` and a distribution, or `=` and a value, to start the parameter from',
    });
    const value = this.SUBRULE(this.expression);
    return this.ACTION(() => ({
      kind: 'parameter',
      span: this.spanFrom(start),
      name,
      type,
      initialiser,
      value,
    }));
  });

  private readonly returnStatement = this.RULE('returnStatement', (): Return => {
    const start = this.CONSUME(reserved.return).startOffset;
    const value = this.SUBRULE(this.expression);
    return this.ACTION(() => ({ kind: 'return', span: this.spanFrom(start), value }));
  });

  /** `= e`, which stands for `{ return e }`, or a block. */
  protected readonly body = this.RULE('body', (of: string): readonly Statement[] =>
    this.OR<readonly Statement[]>({
      DEF: [
        {
          ALT: () => {
            this.CONSUME(Equals);
            const value = this.SUBRULE(this.expression);
            return this.ACTION(() => [{ kind: 'return', span: value.span, value }]);
          },
        },
        { ALT: () => this.SUBRULE(this.statements, { ARGS: [false, of] }) },
      ],
      ERR_MSG: '`=` and an expression, or a block `{ … }`',
    }),
  );
}

const statementPhrase = (network: boolean): string =>
  network ? 'a statement, `name ~ …` or `let name = …`' : 'a statement, `let name = …` or `return …`';
