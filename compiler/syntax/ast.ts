import type { SourceFile, Span } from '../support/source.js';

/** What was written, and nothing more: no name is resolved here. Every node carries the span of its text. */
interface Located {
  readonly span: Span;
}

export interface Identifier extends Located {
  readonly name: string;
}

export interface File extends Located {
  readonly source: SourceFile;
  readonly items: readonly Item[];
}

export type Item =
  | Import
  | Model
  | FunctionDeclaration
  | Distribution
  | Bound
  | Reduction
  | Optimizer
  | Schedule;

/** The `///` lines right above a declaration, without the slashes. */
interface Documented {
  readonly doc: string | null;
}

/** `import "my_bounds.iwae"`: brings every declaration of that file, except its models, into scope. */
export interface Import extends Located {
  readonly kind: 'import';
  readonly path: string;
  readonly pathSpan: Span;
}

export interface Model extends Located, Documented {
  readonly kind: 'model';
  readonly name: Identifier;
  readonly members: readonly ModelMember[];
}

export type ModelMember = Data | Network | BoundChoice | Train;

/** `data x: binary[784]` */
export interface Data extends Located {
  readonly kind: 'data';
  readonly name: Identifier;
  readonly type: TypeExpression;
}

/** `recognition { … }` or `generative { … }` */
export interface Network extends Located {
  readonly kind: 'network';
  readonly role: 'recognition' | 'generative';
  readonly statements: readonly Statement[];
}

/** `iwae(k=50)`, or `iwae(k=50) using one_sample` */
export interface BoundStage extends Located {
  readonly value: Expression;
  readonly estimator: Identifier | null;
}

/** `bound iwae(k=50)`, or `bound elbo(k=50) for 2187 epochs then iwae(k=50)`: the last stage, after all `earlier` ones. */
export interface BoundChoice extends BoundStage {
  readonly kind: 'bound-choice';
  readonly earlier: readonly (BoundStage & { readonly epochs: Expression })[];
}

/** `train { optimizer adam(lr=1e-3)  batch 20 }`: a keyword-like name and its value, in any order. */
export interface Train extends Located {
  readonly kind: 'train';
  readonly settings: readonly Setting[];
}

export interface Setting extends Located {
  readonly name: Identifier;
  readonly value: Expression;
}

export type Statement = Let | Draw | ParameterDeclaration | Return;

/** `let y = e` */
export interface Let extends Located {
  readonly kind: 'let';
  readonly name: Identifier;
  readonly value: Expression;
}

/** `h ~ e`: in a network, a factor of p or q. */
export interface Draw extends Located {
  readonly kind: 'draw';
  readonly name: Identifier;
  readonly value: Expression;
}

/** `param weight: real[n, size] ~ e` (drawn once from a distribution) or `= e`; in layers and networks. */
export interface ParameterDeclaration extends Located {
  readonly kind: 'parameter';
  readonly name: Identifier;
  readonly type: TypeExpression;
  readonly initialiser: 'draw' | 'value';
  readonly value: Expression;
}

/** `return e`: the last statement of a block body. */
export interface Return extends Located {
  readonly kind: 'return';
  readonly value: Expression;
}

/**
 * `function f(a: real) = e`, or `layer dense(x: real[n], size: int) { … return e }`.
 * Only a layer may hold `param`.
 */
export interface FunctionDeclaration extends Located, Documented {
  readonly kind: 'function' | 'layer';
  readonly name: Identifier;
  readonly parameters: readonly FormalParameter[];
  readonly body: readonly Statement[];
}

export interface FormalParameter extends Located {
  readonly name: Identifier;
  readonly type: TypeExpression;
  readonly defaultValue: Expression | null;
}

/**
 * `distribution normal(mean: real, scale: positive) { support real  noise z: normal  sample e  log_prob(x) = e  mean e }`
 */
export interface Distribution extends Located, Documented {
  readonly kind: 'distribution';
  readonly name: Identifier;
  readonly parameters: readonly FormalParameter[];
  readonly members: readonly DistributionMember[];
}

export type DistributionMember =
  | (Located & { readonly kind: 'support'; readonly type: TypeExpression })
  | (Located & { readonly kind: 'noise'; readonly name: Identifier; readonly law: Identifier })
  | (Located & {
      readonly kind: 'formula';
      /** `sample`, `log_prob`, `mean`, `entropy`, …: which are allowed is the checker's business. */
      readonly name: Identifier;
      readonly parameters: readonly Identifier[];
      readonly value: Expression;
    });

/** `bound iwae(k: int) = e`, or a block of `value e`, `generative e`, `recognition e`. */
export interface Bound extends Located, Documented {
  readonly kind: 'bound';
  readonly name: Identifier;
  readonly parameters: readonly FormalParameter[];
  /** A one-line bound has the single clause `all`. */
  readonly clauses: readonly BoundClause[];
}

export interface BoundClause extends Located {
  readonly role: 'all' | 'value' | 'generative' | 'recognition';
  readonly value: Expression;
}

/**
 * `reduction logmeanexp[a](v) { let m = …  return … }`: removes the sample axis `a` from `v`.
 * `weights softmax[a](v) = e`: keeps it.
 */
export interface Reduction extends Located, Documented {
  readonly kind: 'reduction' | 'weights';
  readonly name: Identifier;
  readonly axis: Identifier;
  readonly parameter: Identifier;
  readonly body: readonly Statement[];
}

/**
 * `optimizer adam(lr: positive, …) { state m = 0  next m = e  next parameter = e }`: elementwise, one ascent step.
 */
export interface Optimizer extends Located, Documented {
  readonly kind: 'optimizer';
  readonly name: Identifier;
  readonly parameters: readonly FormalParameter[];
  readonly members: readonly OptimizerMember[];
}

export interface OptimizerMember extends Located {
  readonly kind: 'state' | 'next' | 'let';
  readonly name: Identifier;
  readonly value: Expression;
}

/** `schedule burda(stages: int = 8) { epochs e  rate e }`: `rate` multiplies lr at `epoch`; `epochs` is the whole run. */
export interface Schedule extends Located, Documented {
  readonly kind: 'schedule';
  readonly name: Identifier;
  readonly parameters: readonly FormalParameter[];
  readonly settings: readonly Setting[];
}

/** `real[784]`, `int`, `int[]` (a list of any length), `real[n, size]`, `function`. */
export interface TypeExpression extends Located {
  readonly name: Identifier;
  /** null: a scalar; []: a list of any length; otherwise one entry a dimension. */
  readonly dimensions: readonly Expression[] | null;
}

export type Expression =
  | NumberLiteral
  | Name
  | ListLiteral
  | DataReference
  | Unary
  | Binary
  | Call
  | Index
  | Fold
  | Hole;

export interface NumberLiteral extends Located {
  readonly kind: 'number';
  readonly value: number;
  readonly isInteger: boolean;
}

export interface Name extends Located {
  readonly kind: 'name';
  readonly name: string;
}

export interface ListLiteral extends Located {
  readonly kind: 'list';
  readonly elements: readonly Expression[];
}

/** `data x`: the data set itself, as in `mean(data x)`, not the datum at hand. */
export interface DataReference extends Located {
  readonly kind: 'data-reference';
  readonly name: Identifier;
}

export interface Unary extends Located {
  readonly kind: 'unary';
  readonly operator: '-';
  readonly operand: Expression;
}

/** Loosest first: `|>`; comparisons; `+ -`; `* / @` (`@` is the matrix product); unary minus; `^` (right associative). */
export type BinaryOperator = '|>' | '<' | '<=' | '>' | '>=' | '==' | '+' | '-' | '*' | '/' | '@' | '^';

export interface Binary extends Located {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

/** `f(a, name = b)` or, with sample axes, `logmeanexp[k1, k2](e)`. */
export interface Call extends Located {
  readonly kind: 'call';
  readonly callee: Identifier;
  readonly axes: readonly Identifier[] | null;
  readonly arguments: readonly Argument[];
}

export interface Argument extends Located {
  readonly name: Identifier | null;
  readonly value: Expression;
}

/** `normal(0, 1)[50]`, `log_q[h1]`, `size[k]`. */
export interface Index extends Located {
  readonly kind: 'index';
  readonly target: Expression;
  readonly indices: readonly Expression[];
}

/** `fold y = x for size in hidden { y |> dense(size) }` */
export interface Fold extends Located {
  readonly kind: 'fold';
  readonly accumulator: Identifier;
  readonly initial: Expression;
  readonly element: Identifier;
  readonly list: Expression;
  readonly body: Expression;
}

/** Stands where an expression could not be parsed; its error is already reported. */
export interface Hole extends Located {
  readonly kind: 'hole';
}
