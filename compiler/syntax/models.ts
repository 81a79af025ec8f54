import type { IToken } from 'chevrotain';
import { suggest } from '../diagnostics/index.js';
import type {
  BoundChoice,
  BoundStage,
  Expression,
  Identifier as IdentifierNode,
  Model,
  ModelMember,
  Setting,
} from './ast.js';
import type { BlockContent } from './lookahead.js';
import { StatementParser } from './statements.js';
import { Colon, contextual, Equals, Identifier, Reserved, reserved } from './tokens.js';

const modelWords = ['data', 'recognition', 'generative', 'bound', 'train'] as const;
const modelPhrase = '`data`, `recognition`, `generative`, `bound` or `train`';

/** Rules for models and for what their blocks share with other declarations. */
export abstract class ModelParser extends StatementParser {
  protected readonly model = this.RULE('model', (doc: string | null): Model => {
    const start = this.CONSUME(contextual.model).startOffset;
    const name = this.SUBRULE(this.identifier, { ARGS: ['the name of the model'] });
    const of = `\`model ${name?.name}\``;
    const members = this.block('members', of, () => this.SUBRULE(this.modelMember));
    return this.ACTION(() => ({ kind: 'model', span: this.spanFrom(start), doc, name, members }));
  });

  private readonly modelMember = this.RULE('modelMember', (): ModelMember | null => {
    const start = this.LA(1).startOffset;
    return this.OR<ModelMember | null>({
      IGNORE_AMBIGUITIES: true,
      DEF: [
        {
          ALT: () => {
            this.CONSUME(reserved.data);
            const name = this.SUBRULE(this.identifier, { ARGS: ['the name of the data variable'] });
            this.CONSUME(Colon, { ERR_MSG: '`:` and the type of the data' });
            const type = this.SUBRULE(this.typeExpression);
            return this.ACTION(() => ({ kind: 'data', span: this.spanFrom(start), name, type }));
          },
        },
        { ALT: () => this.network(this.CONSUME(contextual.recognition), 'recognition', 1) },
        { ALT: () => this.network(this.CONSUME(contextual.generative), 'generative', 2) },
        {
          ALT: () => {
            this.CONSUME(contextual.bound);
            return this.SUBRULE(this.choice, { ARGS: [start] });
          },
        },
        {
          ALT: () => {
            this.CONSUME(contextual.train);
            const settings = this.SUBRULE(this.settings, { ARGS: ['settings', '`train`'] });
            return this.ACTION(() => ({ kind: 'train', span: this.spanFrom(start), settings }));
          },
        },
        { ALT: () => this.strayMember('members', modelPhrase, this.modelHint()) },
      ],
    });
  });

  /** `iwae(k=50)`, or `elbo(k=1) for 10 epochs then iwae(k=50)`; `start`: where the member starts. */
  protected readonly choice = this.RULE('choice', (start: number): BoundChoice => {
    const stages = [this.SUBRULE1(this.stage)];
    const lengths: Expression[] = [];
    this.MANY(() => {
      this.CONSUME(reserved.for);
      lengths.push(this.SUBRULE(this.expression));
      this.CONSUME(contextual.epochs, { ERR_MSG: '`epochs`, as in `for 10 epochs then iwae(k=50)`' });
      this.CONSUME(contextual.then, { ERR_MSG: '`then` and the bound of the epochs after these' });
      stages.push(this.SUBRULE2(this.stage));
    });
    return this.ACTION(() => ({
      ...stages.at(-1)!,
      kind: 'bound-choice',
      span: this.spanFrom(start),
      earlier: lengths.map((epochs, index) => ({ ...stages[index]!, epochs })),
    }));
  });

  /** `iwae(k=50) using one_sample` */
  private readonly stage = this.RULE('stage', (): BoundStage => {
    const start = this.LA(1).startOffset;
    const value = this.SUBRULE(this.expression);
    const estimator = this.OPTION(() => this.SUBRULE(this.estimator)) ?? null;
    return this.ACTION(() => ({ span: this.spanFrom(start), value, estimator }));
  });

  /** `using one_sample`. A name on a later line is the next member's. */
  private readonly estimator = this.RULE('estimator', (): IdentifierNode | null => {
    this.CONSUME(contextual.using);
    const missing = this.ACTION(() => {
      if (this.onSameLine() && (this.isAt(1, Identifier) || this.isAt(1, Reserved))) return false;
      this.unexpected('the name of an estimator', 'as in `using one_sample`');
      return true;
    });
    if (missing) return null;
    return this.SUBRULE(this.identifier, { ARGS: ['the name of an estimator'] });
  });

  private network(word: IToken, role: 'recognition' | 'generative', occurrence: 1 | 2): ModelMember {
    const options: { ARGS: [boolean, string] } = { ARGS: [true, `\`${role}\``] };
    const statements =
      occurrence === 1 ? this.SUBRULE1(this.statements, options) : this.SUBRULE2(this.statements, options);
    return this.ACTION(() => ({ kind: 'network', span: this.spanFrom(word.startOffset), role, statements }));
  }

  private modelHint(): string | null {
    const { image, tokenType } = this.LA(1);
    if (this.statementHead(1)) return 'statements stand in `recognition { … }` or `generative { … }`';
    if (tokenType === contextual.optimizer || tokenType === contextual.schedule || image === 'batch') {
      return `\`${image}\` stands in \`train { … }\``;
    }
    return didYouMean(image, modelWords);
  }

  /** `{ name e  name e }` */
  protected readonly settings = this.RULE(
    'settings',
    (content: BlockContent, of: string): readonly Setting[] =>
      this.block(content, of, () => this.SUBRULE(this.setting, { ARGS: [content] })),
  );

  private readonly setting = this.RULE('setting', (content: BlockContent): Setting | null => {
    const start = this.LA(1).startOffset;
    return this.OR<Setting | null>({
      IGNORE_AMBIGUITIES: true,
      DEF: [
        {
          ALT: () => {
            const name = this.memberName(this.CONSUME(Identifier));
            const value = this.SUBRULE(this.expression);
            return this.ACTION(() => ({ span: this.spanFrom(start), name, value }));
          },
        },
        {
          ALT: () =>
            this.strayMember(content, 'the name of a setting and its value, such as `batch 20`', null),
        },
      ],
    });
  });

  /** Reports `name = e` where members are written `name e`, and reads on behind the `=`. */
  protected memberName(token: IToken): IdentifierNode {
    return this.ACTION(() => {
      if (this.typeAt(1) === Equals) {
        this.unexpected('a value', `write \`${token.image} …\`, without \`=\``);
        this.skip();
      }
      return { span: this.spanOf(token), name: token.image };
    });
  }

  protected strayMember(content: BlockContent, expected: string, hint: string | null): null {
    this.SUBRULE(this.stray, { ARGS: [content, expected, hint] });
    return null;
  }
}

export function didYouMean(image: string, words: readonly string[]): string | null {
  const word = suggest(image, words);
  return word === null ? null : `did you mean \`${word}\`?`;
}
