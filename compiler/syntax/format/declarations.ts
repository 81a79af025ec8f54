import { spanText } from '../../support/source.js';
import type {
  Bound,
  BoundClause,
  BoundStage,
  Distribution,
  DistributionMember,
  Draw,
  Expression,
  File,
  FunctionDeclaration,
  Identifier,
  Item,
  ModelMember,
  Optimizer,
  OptimizerMember,
  Reduction,
  Schedule,
  Setting,
  Statement,
  TypeExpression,
} from '../ast.js';
import { declarationWords } from '../words.js';
import { expression, formalParameters, names, type, value } from './expressions.js';
import { byKind, member, none, type Separator, space, type Writer } from './writer.js';

export function file(writer: Writer, { items }: File): void {
  items.forEach((node, index) => {
    const doc = node.kind === 'import' ? null : node.doc;
    writer.separate(member(index === 0, doc === null ? 0 : doc.split('\n').length));
    item(writer, node);
  });
}

const item = byKind<Item>({
  import: (writer, node) => head(writer, 'import', spanText(node.pathSpan)),
  model: (writer, { name, members }) => {
    head(writer, 'model', name.name);
    block(writer, members, modelMember);
  },
  function: (writer, node) => functionItem(writer, node),
  layer: (writer, node) => functionItem(writer, node),
  distribution: (writer, node) => {
    headWithParameters(writer, node);
    block(writer, node.members, distributionMember);
  },
  bound: (writer, node) => bound(writer, node),
  reduction: (writer, node) => reduction(writer, node),
  weights: (writer, node) => reduction(writer, node),
  optimizer: (writer, node) => {
    headWithParameters(writer, node);
    block(writer, node.members, optimizerMember);
  },
  schedule: (writer, node) => {
    headWithParameters(writer, node);
    block(writer, node.settings, setting);
  },
});

/** Words one behind another. */
function head(writer: Writer, first: string, ...others: readonly string[]): void {
  writer.token(first);
  for (const word of others) {
    writer.separate(space);
    writer.token(word);
  }
}

function headWithParameters(
  writer: Writer,
  { kind, name, parameters }: FunctionDeclaration | Distribution | Optimizer | Schedule,
): void {
  head(writer, kind, name.name);
  formalParameters(writer, parameters);
}

/** `name: type` */
function typed(writer: Writer, word: string, { name }: Identifier, of: TypeExpression): void {
  head(writer, word, name);
  writer.token(':');
  writer.separate(space);
  type(writer, of);
}

function block<Member>(
  writer: Writer,
  members: readonly Member[],
  write: (writer: Writer, member: Member) => void,
): void {
  writer.separate(space);
  writer.token('{');
  writer.indent(2);
  members.forEach((node, index) => {
    writer.separate(member(index === 0));
    write(writer, node);
  });
  const isEmpty = members.length === 0;
  writer.closing('}', isEmpty ? none : member(false), !isEmpty);
}

/** ` = e` */
function assigned(writer: Writer, node: Expression, mark = '=', before: Separator = space): void {
  writer.separate(before);
  writer.token(mark);
  value(writer, node);
}

// --- models ---------------------------------------------------------------------------------------------------

const modelMember = byKind<ModelMember>({
  data: (writer, node) => typed(writer, 'data', node.name, node.type),
  network: (writer, node) => {
    writer.token(node.role);
    statements(writer, node.statements);
  },
  'bound-choice': (writer, choice) => {
    writer.token('bound');
    for (const earlier of choice.earlier) {
      stage(writer, earlier);
      writer.separate(space);
      named(writer, 'for', earlier.epochs);
      writer.separate(space);
      head(writer, 'epochs', 'then');
    }
    stage(writer, choice);
  },
  train: (writer, node) => {
    writer.token('train');
    block(writer, node.settings, setting);
  },
});

/** ` iwae(k=50) using one_sample` */
function stage(writer: Writer, { value: node, estimator }: BoundStage): void {
  writer.separate(space);
  expression(writer, node);
  if (estimator === null) return;
  writer.separate(space);
  head(writer, 'using', estimator.name);
}

/** `name e` */
function named(writer: Writer, name: string, node: Expression, width = 0): void {
  writer.token(name);
  writer.separate({ kind: 'text', text: ' '.repeat(Math.max(1, width - name.length + 1)) });
  expression(writer, node);
}

/**
 * A setting of one of these names whose value starts with a name reads as a declaration at the start of a line. An
 * `optimizer` or a `schedule` is told from its declaration by what follows.
 */
const readAsDeclarations: ReadonlySet<string> = new Set(
  declarationWords.filter(word => word !== 'optimizer' && word !== 'schedule'),
);

function setting(writer: Writer, { name: { name }, value: node }: Setting): void {
  if (!readAsDeclarations.has(name) || startsWithMark(node)) {
    named(writer, name, node);
    return;
  }
  writer.token(name);
  writer.separate(space);
  writer.raw('(');
  expression(writer, node);
  writer.raw(')');
}

function startsWithMark(node: Expression): boolean {
  if (node.kind === 'binary') return startsWithMark(node.left);
  if (node.kind === 'index') return startsWithMark(node.target);
  return node.kind === 'number' || node.kind === 'list' || node.kind === 'unary';
}

// --- statements -----------------------------------------------------------------------------------------------

/** The `~` of a block stand in one column. */
function statements(writer: Writer, nodes: readonly Statement[]): void {
  const drawn = nodes.flatMap(node => (node.kind === 'draw' ? [node.name.name.length] : []));
  const width = Math.max(0, ...drawn);
  block(writer, nodes, (_, node) => {
    if (node.kind === 'draw') draw(writer, node, width);
    else statement(writer, node);
  });
}

function draw(writer: Writer, { name: { name }, value: node }: Draw, width: number): void {
  writer.token(name);
  assigned(writer, node, '~', { kind: 'text', text: ' '.repeat(width - name.length + 1) });
}

const statement = byKind<Exclude<Statement, Draw>>({
  let: (writer, node) => {
    head(writer, 'let', node.name.name);
    assigned(writer, node.value);
  },
  parameter: (writer, node) => {
    typed(writer, 'param', node.name, node.type);
    assigned(writer, node.value, node.initialiser === 'draw' ? '~' : '=');
  },
  return: (writer, node) => named(writer, 'return', node.value),
});

/** `= e` or a block, as it was written. */
function body(writer: Writer, nodes: readonly Statement[]): void {
  const [only] = nodes;
  if (only?.kind === 'return' && writer.comes('=')) assigned(writer, only.value);
  else statements(writer, nodes);
}

// --- definitions ----------------------------------------------------------------------------------------------

function functionItem(writer: Writer, node: FunctionDeclaration): void {
  headWithParameters(writer, node);
  body(writer, node.body);
}

function reduction(writer: Writer, node: Reduction): void {
  head(writer, node.kind, node.name.name);
  names(writer, 'square', [node.axis]);
  names(writer, 'round', [node.parameter]);
  body(writer, node.body);
}

const distributionMember = byKind<DistributionMember>({
  support: (writer, node) => {
    writer.token('support');
    writer.separate(space);
    type(writer, node.type);
  },
  noise: (writer, node) => {
    head(writer, 'noise', node.name.name);
    writer.token(':');
    writer.separate(space);
    writer.token(node.law.name);
  },
  formula: (writer, { name, parameters, value: node }) => {
    if (parameters.length === 0) {
      constantFormula(writer, name, node);
      return;
    }
    writer.token(name.name);
    names(writer, 'round', parameters);
    assigned(writer, node);
  },
});

/** `mean e`; also what was written `mean() = e`. */
function constantFormula(writer: Writer, { name }: Identifier, node: Expression): void {
  writer.token(name);
  if (writer.comes('=')) writer.skip('=');
  writer.separate(space);
  expression(writer, node);
}

function bound(writer: Writer, { name, parameters, clauses }: Bound): void {
  head(writer, 'bound', name.name);
  if (parameters.length > 0) formalParameters(writer, parameters);
  const [only] = clauses;
  if (only?.role === 'all') {
    assigned(writer, only.value);
    return;
  }
  const width = Math.max(0, ...clauses.map(({ role }) => role.length));
  block(writer, clauses, (_, { role, value: node }: BoundClause) => named(writer, role, node, width));
}

function optimizerMember(writer: Writer, { kind, name, value: node }: OptimizerMember): void {
  head(writer, kind, name.name);
  assigned(writer, node);
}
