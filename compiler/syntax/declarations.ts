import type { IToken, TokenType } from 'chevrotain';
import type {
  Bound,
  BoundClause,
  Distribution,
  DistributionMember,
  FunctionDeclaration,
  Identifier as IdentifierNode,
  Import,
  Item,
  Optimizer,
  OptimizerMember,
  Reduction,
  Schedule,
  Statement,
} from './ast.js';
import { didYouMean, ModelParser } from './models.js';
import {
  Colon,
  Comma,
  contextual,
  Equals,
  Identifier,
  LeftParen,
  LeftSquare,
  RightBrace,
  RightParen,
  RightSquare,
  reserved,
  StringToken,
} from './tokens.js';
import { declarationWords, memberWords } from './words.js';

const fileWords = ['import', ...declarationWords] as const;

/** Rules for files and all declarations but models. */
export abstract class DeclarationParser extends ModelParser {
  /** The `///` lines above the declaration that starts with this token. */
  protected abstract docOf(first: IToken): string | null;

  protected readonly items: Item[] = [];

  protected readonly file = this.RULE('file', (): void => {
    this.MANY({
      GATE: () => !this.blockEnds('declarations'),
      DEF: () => {
        const item = this.guarded('declarations', () => this.SUBRULE(this.item));
        this.ACTION(() => {
          if (item) this.items.push(item);
        });
      },
    });
  });

  private readonly item = this.RULE('item', (): Item | null => {
    const doc = this.ACTION(() => this.docOf(this.LA(1)));
    return this.OR<Item | null>({
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { ALT: () => this.SUBRULE(this.importItem) },
        { ALT: () => this.SUBRULE(this.model, { ARGS: [doc] }) },
        { ALT: () => this.SUBRULE(this.functionItem, { ARGS: [doc] }) },
        { ALT: () => this.SUBRULE(this.distribution, { ARGS: [doc] }) },
        { ALT: () => this.SUBRULE(this.bound, { ARGS: [doc] }) },
        { ALT: () => this.SUBRULE(this.reduction, { ARGS: [doc] }) },
        { ALT: () => this.SUBRULE(this.optimizer, { ARGS: [doc] }) },
        { ALT: () => this.SUBRULE(this.schedule, { ARGS: [doc] }) },
        {
          ALT: () =>
            this.strayMember('declarations', 'a declaration, such as `model name { … }`', this.itemHint()),
        },
      ],
    });
  });

  private itemHint(): string | null {
    const { image, tokenType } = this.LA(1);
    if (this.statementHead(1))
      return 'statements stand in the networks of a model, in functions and in layers';
    if (tokenType === RightBrace) return 'this `}` closes nothing; is there one too many above?';
    if ((memberWords as readonly string[]).includes(image) || tokenType === reserved.data) {
      return `\`${image}\` stands inside a declaration; is there a \`}\` too many above?`;
    }
    return didYouMean(image, fileWords);
  }

  private readonly importItem = this.RULE('importItem', (): Import => {
    const start = this.CONSUME(reserved.import).startOffset;
    const text = this.CONSUME(StringToken, { ERR_MSG: 'the path of a file in double quotes' });
    return this.ACTION(() => {
      const path = text.image.replace(/^["'“”„‘`]|["'“”’`]$/g, '');
      return { kind: 'import', span: this.spanFrom(start), path, pathSpan: this.spanOf(text) };
    });
  });

  // --- functions, layers, reductions --------------------------------------------------------------------------

  private readonly functionItem = this.RULE('functionItem', (doc: string | null): FunctionDeclaration => {
    const word = this.OR([
      { ALT: () => this.CONSUME(contextual.function) },
      { ALT: () => this.CONSUME(contextual.layer) },
    ]);
    const kind = word.tokenType === contextual.layer ? 'layer' : 'function';
    const name = this.SUBRULE(this.identifier, { ARGS: [`the name of the ${kind}`] });
    const parameters = this.SUBRULE(this.formalParameters);
    const body = this.SUBRULE(this.body, { ARGS: [`\`${kind} ${name?.name}\``] });
    return this.ACTION(() => ({
      kind,
      span: this.spanFrom(word.startOffset),
      doc,
      name,
      parameters,
      body,
    }));
  });

  private readonly reduction = this.RULE('reduction', (doc: string | null): Reduction => {
    const word = this.OR([
      { ALT: () => this.CONSUME(contextual.reduction) },
      { ALT: () => this.CONSUME(contextual.weights) },
    ]);
    const name = this.SUBRULE1(this.identifier, { ARGS: ['the name of the reduction'] });
    this.CONSUME(LeftSquare, { ERR_MSG: 'the sample axis, as in `[a]`' });
    const axis = this.SUBRULE2(this.identifier, { ARGS: ['the name of the sample axis'] });
    this.CONSUME(RightSquare);
    this.CONSUME(LeftParen, { ERR_MSG: 'the quantity to reduce, as in `(v)`' });
    const parameter = this.SUBRULE3(this.identifier, { ARGS: ['the name of the quantity to reduce'] });
    this.CONSUME(RightParen);
    const body: readonly Statement[] = this.SUBRULE(this.body, {
      ARGS: [`\`${word.image} ${name?.name}\``],
    });
    return this.ACTION(() => {
      const kind = word.tokenType === contextual.weights ? 'weights' : 'reduction';
      return { kind, span: this.spanFrom(word.startOffset), doc, name, axis, parameter, body };
    });
  });

  // --- distributions ------------------------------------------------------------------------------------------

  private readonly distribution = this.RULE('distribution', (doc: string | null): Distribution => {
    const start = this.CONSUME(contextual.distribution).startOffset;
    const name = this.SUBRULE(this.identifier, { ARGS: ['the name of the distribution'] });
    const parameters = this.SUBRULE(this.formalParameters);
    const of = `\`distribution ${name?.name}\``;
    const members = this.block('members', of, () => this.SUBRULE(this.distributionMember));
    return this.ACTION(() => ({
      kind: 'distribution',
      span: this.spanFrom(start),
      doc,
      name,
      parameters,
      members,
    }));
  });

  private readonly distributionMember = this.RULE('distributionMember', (): DistributionMember | null => {
    const start = this.LA(1).startOffset;
    return this.OR<DistributionMember | null>({
      IGNORE_AMBIGUITIES: true,
      DEF: [
        {
          ALT: () => {
            this.memberName(this.CONSUME(contextual.support));
            const type = this.SUBRULE(this.typeExpression);
            return this.ACTION(() => ({ kind: 'support', span: this.spanFrom(start), type }));
          },
        },
        {
          ALT: () => {
            this.CONSUME(contextual.noise);
            const name = this.SUBRULE1(this.identifier, { ARGS: ['a name for the noise'] });
            this.CONSUME(Colon, { ERR_MSG: '`:` and the law of the noise, such as `normal`' });
            const law = this.SUBRULE2(this.identifier, {
              ARGS: ['the law of the noise, such as `normal`'],
            });
            return this.ACTION(() => ({ kind: 'noise', span: this.spanFrom(start), name, law }));
          },
        },
        { ALT: () => this.SUBRULE(this.formula) },
        {
          ALT: () =>
            this.strayMember(
              'members',
              'a member such as `support real` or `log_prob(x) = …`',
              this.formulaHint(),
            ),
        },
      ],
    });
  });

  private formulaHint(): string | null {
    return this.typeAt(1) === Equals
      ? 'the parameter of a formula stands in parentheses: `log_prob(x) = …`'
      : null;
  }

  /** `sample e`, or `log_prob(x) = e`. */
  private readonly formula = this.RULE('formula', (): DistributionMember => {
    const start = this.LA(1).startOffset;
    const token = this.CONSUME1(Identifier);
    const parameters: IdentifierNode[] = [];
    this.OPTION({
      GATE: () => this.formulaHasParameters(),
      DEF: () => {
        this.CONSUME(LeftParen);
        this.MANY_SEP({
          SEP: Comma,
          DEF: () => parameters.push(this.SUBRULE(this.identifier, { ARGS: ['the name of a parameter'] })),
        });
        this.CONSUME(RightParen);
        this.CONSUME(Equals);
      },
    });
    const name = this.memberName(token);
    const value = this.SUBRULE(this.expression);
    return this.ACTION(() => ({ kind: 'formula', span: this.spanFrom(start), name, parameters, value }));
  });

  /** `(x, y) =`: in `sample (a + b) * z` the parenthesis starts the formula itself. */
  private formulaHasParameters(): boolean {
    if (!this.onSameLine()) return false;
    let k = 2;
    while (this.isAt(k, Identifier) || this.typeAt(k) === Comma) k++;
    return this.typeAt(k) === RightParen && this.typeAt(k + 1) === Equals;
  }

  // --- bounds, optimizers, schedules --------------------------------------------------------------------------

  private readonly bound = this.RULE('bound', (doc: string | null): Bound => {
    const start = this.CONSUME(contextual.bound).startOffset;
    const name = this.SUBRULE(this.identifier, { ARGS: ['the name of the bound'] });
    const parameters = this.OPTION(() => this.SUBRULE(this.formalParameters)) ?? [];
    const clauses = this.OR<readonly BoundClause[]>({
      DEF: [
        {
          ALT: () => {
            this.CONSUME(Equals);
            const value = this.SUBRULE(this.expression);
            return this.ACTION(() => [{ role: 'all', span: value.span, value }]);
          },
        },
        { ALT: () => this.block('members', `\`bound ${name?.name}\``, () => this.SUBRULE(this.boundClause)) },
      ],
      ERR_MSG: '`=` and a formula, or a block `{ … }`',
    });
    return this.ACTION(() => ({ kind: 'bound', span: this.spanFrom(start), doc, name, parameters, clauses }));
  });

  private readonly boundClause = this.RULE('boundClause', (): BoundClause | null => {
    const start = this.LA(1).startOffset;
    const word = this.OR<IToken | null>({
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { ALT: () => this.CONSUME(contextual.value) },
        { ALT: () => this.CONSUME(contextual.generative) },
        { ALT: () => this.CONSUME(contextual.recognition) },
        {
          ALT: () => this.strayMember('members', '`value`, `generative` or `recognition`', this.clauseHint()),
        },
      ],
    });
    if (!word && !this.RECORDING_PHASE) return null;
    if (word) this.memberName(word);
    const value = this.SUBRULE(this.expression);
    return this.ACTION(() => {
      const role = clauseRoles.get(word?.tokenType) ?? 'value';
      return { role, span: this.spanFrom(start), value };
    });
  });

  private clauseHint(): string | null {
    return didYouMean(this.LA(1).image, ['value', 'generative', 'recognition']);
  }

  private readonly optimizer = this.RULE('optimizer', (doc: string | null): Optimizer => {
    const start = this.CONSUME(contextual.optimizer).startOffset;
    const name = this.SUBRULE(this.identifier, { ARGS: ['the name of the optimizer'] });
    const parameters = this.SUBRULE(this.formalParameters);
    const of = `\`optimizer ${name?.name}\``;
    const members = this.block('members', of, () => this.SUBRULE(this.optimizerMember));
    return this.ACTION(() => ({
      kind: 'optimizer',
      span: this.spanFrom(start),
      doc,
      name,
      parameters,
      members,
    }));
  });

  private readonly optimizerMember = this.RULE('optimizerMember', (): OptimizerMember | null => {
    const start = this.LA(1).startOffset;
    const word = this.OR<IToken | null>({
      IGNORE_AMBIGUITIES: true,
      DEF: [
        { ALT: () => this.CONSUME(contextual.state) },
        { ALT: () => this.CONSUME(contextual.next) },
        { ALT: () => this.CONSUME(reserved.let) },
        {
          ALT: () => this.strayMember('members', '`state name = …`, `next name = …` or `let name = …`', null),
        },
      ],
    });
    if (!word && !this.RECORDING_PHASE) return null;
    const name = this.SUBRULE(this.identifier, { ARGS: ['a name'] });
    this.CONSUME(Equals, { ERR_MSG: '`=` and a value' });
    const value = this.SUBRULE(this.expression);
    return this.ACTION(() => {
      const kind = memberKinds.get(word?.tokenType) ?? 'let';
      return { kind, span: this.spanFrom(start), name, value };
    });
  });

  private readonly schedule = this.RULE('schedule', (doc: string | null): Schedule => {
    const start = this.CONSUME(contextual.schedule).startOffset;
    const name = this.SUBRULE(this.identifier, { ARGS: ['the name of the schedule'] });
    const parameters = this.SUBRULE(this.formalParameters);
    const settings = this.SUBRULE(this.settings, { ARGS: ['members', `\`schedule ${name?.name}\``] });
    return this.ACTION(() => ({
      kind: 'schedule',
      span: this.spanFrom(start),
      doc,
      name,
      parameters,
      settings,
    }));
  });
}

const clauseRoles: ReadonlyMap<TokenType | undefined, BoundClause['role']> = new Map([
  [contextual.value, 'value'],
  [contextual.generative, 'generative'],
  [contextual.recognition, 'recognition'],
]);

const memberKinds: ReadonlyMap<TokenType | undefined, OptimizerMember['kind']> = new Map([
  [contextual.state, 'state'],
  [contextual.next, 'next'],
  [reserved.let, 'let'],
]);
