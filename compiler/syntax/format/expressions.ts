import { spanText } from '../../support/source.js';
import type { Argument, Binary, Call, Expression, Fold, FormalParameter, TypeExpression } from '../ast.js';
import { binaryOperators, unaryPrecedence } from '../operators.js';
import { byKind, line, none, type Separator, soft, space, type Writer } from './writer.js';

/** `open item, item close` on one line, or one item a line. The opening bracket stays with what is before it. */
export function bracketed<Item>(
  writer: Writer,
  [opening, closing]: readonly [string, string],
  items: readonly Item[],
  write: (item: Item) => void,
  isGlued = true,
): void {
  const edge = items.length === 0 ? none : soft;
  writer.open();
  if (isGlued) writer.glued(opening);
  else writer.token(opening);
  writer.indent(2);
  items.forEach((item, index) => {
    if (index > 0) writer.glued(',');
    writer.separate(index === 0 ? edge : line);
    write(item);
  });
  writer.closing(closing, edge, null);
  writer.close();
}

const round = ['(', ')'] as const;
const square = ['[', ']'] as const;

export const names = (
  writer: Writer,
  brackets: 'round' | 'square',
  items: readonly { readonly name: string }[],
): void => bracketed(writer, brackets === 'round' ? round : square, items, ({ name }) => writer.token(name));

const expressions = (writer: Writer, items: readonly Expression[], isGlued = true): void =>
  bracketed(writer, square, items, item => expression(writer, item), isGlued);

export function type(writer: Writer, { name, dimensions }: TypeExpression): void {
  writer.token(name.name);
  if (dimensions) expressions(writer, dimensions);
}

export const formalParameters = (writer: Writer, parameters: readonly FormalParameter[]): void =>
  bracketed(writer, round, parameters, parameter => {
    writer.token(parameter.name.name);
    writer.token(':');
    writer.separate(space);
    type(writer, parameter.type);
    if (!parameter.defaultValue) return;
    writer.separate(space);
    writer.token('=');
    writer.separate(space);
    expression(writer, parameter.defaultValue);
  });

export const expression = byKind<Expression>({
  number: (writer, node) => writer.token(spanText(node.span)),
  name: (writer, node) => writer.token(node.name),
  list: (writer, node) => expressions(writer, node.elements, false),
  'data-reference': (writer, node) => {
    writer.token('data');
    writer.separate(space);
    writer.token(node.name.name);
  },
  unary: (writer, { operand: node }) => {
    writer.token('-');
    operand(writer, node, precedenceOf(node) < unaryPrecedence);
  },
  binary: (writer, node) => binary(writer, node),
  call: (writer, node) => call(writer, node),
  index: (writer, { target, indices }) => {
    operand(writer, target, target.kind === 'unary' || target.kind === 'binary');
    expressions(writer, indices);
  },
  fold: (writer, node) => fold(writer, node),
  hole: (writer, node) => writer.token(spanText(node.span)),
});

function fold(writer: Writer, node: Fold): void {
  writer.open();
  writer.token('fold');
  writer.separate(space);
  writer.token(node.accumulator.name);
  writer.separate(space);
  writer.token('=');
  writer.separate(space);
  expression(writer, node.initial);
  writer.separate(space);
  writer.token('for');
  writer.separate(space);
  writer.token(node.element.name);
  writer.separate(space);
  writer.token('in');
  writer.separate(space);
  expression(writer, node.list);
  writer.separate(space);
  writer.token('{');
  writer.indent(2);
  writer.separate(line);
  expression(writer, node.body);
  writer.closing('}', line, null);
  writer.close();
}

// --- operators ------------------------------------------------------------------------------------------------

function precedenceOf(node: Expression): number {
  if (node.kind === 'binary') return binaryOperators[node.operator].precedence;
  return node.kind === 'unary' ? unaryPrecedence : Number.POSITIVE_INFINITY;
}

function operand(writer: Writer, node: Expression, parenthesised: boolean): void {
  if (!parenthesised) {
    expression(writer, node);
    return;
  }
  writer.token('(');
  expression(writer, node);
  writer.token(')');
}

/** Whether `node` needs parentheses on that side of an operator. A minus sign on its right needs none. */
function needsParentheses(node: Expression, operator: Binary['operator'], side: 'left' | 'right'): boolean {
  const { precedence, associativity } = binaryOperators[operator];
  const own = precedenceOf(node);
  if (node.kind === 'unary') return side === 'left' && own < precedence;
  return own < precedence || (own === precedence && associativity !== side);
}

/** The operands of `a + b - c`, left to right, each with the operator before it. */
function chainOf(
  node: Binary,
): readonly { readonly operator: Binary['operator']; readonly node: Expression }[] {
  const { left, operator } = node;
  const goesOn =
    left.kind === 'binary' &&
    precedenceOf(left) === precedenceOf(node) &&
    !needsParentheses(left, operator, 'left');
  const before = goesOn ? chainOf(left) : [{ operator, node: left }];
  return [...before, { operator, node: node.right }];
}

function binary(writer: Writer, node: Binary): void {
  const isPower = node.operator === '^';
  const before: Separator = isPower ? none : line;
  writer.open();
  const [first, ...others] = chainOf(node);
  if (first) operand(writer, first.node, needsParentheses(first.node, first.operator, 'left'));
  writer.indent(2);
  for (const { operator, node: right } of others) {
    writer.separate(before);
    writer.token(operator);
    writer.separate(isPower ? none : space);
    operand(writer, right, needsParentheses(right, operator, 'right'));
  }
  writer.indent(-2);
  writer.close();
}

// --- calls ----------------------------------------------------------------------------------------------------

function call(writer: Writer, node: Call): void {
  writer.token(node.callee.name);
  if (node.axes) names(writer, 'square', node.axes);
  const isTight = node.arguments.every(({ name, value }) => name === null || isPlain(value));
  bracketed(writer, round, node.arguments, passed => argument(writer, passed, isTight ? none : space));
}

function argument(writer: Writer, { name, value }: Argument, around: Separator): void {
  if (name) {
    writer.token(name.name);
    writer.separate(around);
    writer.token('=');
    writer.separate(around);
  }
  expression(writer, value);
}

/** Numbers, names and lists of them: an argument `k=50` needs no air. */
function isPlain(node: Expression): boolean {
  if (node.kind === 'unary') return node.operand.kind === 'number' || node.operand.kind === 'name';
  if (node.kind === 'list') return node.elements.every(isPlain);
  return node.kind === 'number' || node.kind === 'name';
}

// --- values ---------------------------------------------------------------------------------------------------

/** Whether a value breaks well inside itself, so that it can stay behind its `=`. */
const breaksInside = ({ kind }: Expression): boolean =>
  kind !== 'binary' && kind !== 'unary' && kind !== 'fold';

/** What stands behind `=` or `~`: there, or on a line of its own. */
export function value(writer: Writer, node: Expression): void {
  if (breaksInside(node)) {
    writer.separate(space);
    expression(writer, node);
    return;
  }
  writer.open();
  writer.indent(2);
  writer.separate(line);
  expression(writer, node);
  writer.indent(-2);
  writer.close();
}
