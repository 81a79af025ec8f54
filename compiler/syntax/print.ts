import { spanText } from '../support/source.js';
import type { File } from './ast.js';
import { type AnyNode, childFields } from './walk.js';

/** Fields that hold a name or a type; they stand on the line of their node. */
const inline: ReadonlySet<string> = new Set([
  'name',
  'callee',
  'axis',
  'axes',
  'parameter',
  'accumulator',
  'element',
  'law',
  'estimator',
  'type',
]);
/** Fields whose nodes are told apart by what precedes them; all others need no label. */
const labels: ReadonlyMap<string, string> = new Map([
  ['initial', 'from: '],
  ['list', 'over: '],
  ['defaultValue', 'default: '],
]);

/** The tree as indented text, one node a line, for people; `--emit=ast`. */
export function printAst(file: File): string {
  const lines = [`file ${file.source.path}`];
  for (const item of file.items) printNode(item, '', '  ', lines);
  return `${lines.join('\n')}\n`;
}

function printNode(node: AnyNode, label: string, indent: string, lines: string[]): void {
  const wrapped = wrappedValue(node);
  if (wrapped) {
    printNode(wrapped.value, label + wrapped.label, indent, lines);
    return;
  }
  lines.push(`${indent}${label}${headOf(node)}`);
  for (const [field, children] of childFields(node)) {
    if (inline.has(field) || namesOnly(children)) continue;
    for (const child of children) printNode(child, labels.get(field) ?? '', `${indent}  `, lines);
  }
}

/** Arguments, settings and clauses are a name and a value, and print as one line. */
function wrappedValue(node: AnyNode): { readonly label: string; readonly value: AnyNode } | null {
  if (node.kind !== undefined) return null;
  const fields = Object.fromEntries(childFields(node));
  const value = fields.value?.[0];
  if (!value) return null;
  if ('role' in node) return { label: `${String(node.role)}: `, value };
  const name = fields.name?.[0];
  return { label: name ? `${textOf(name)} = ` : '', value };
}

/** Identifiers have a name, and nothing else, as text. */
const namesOnly = (nodes: readonly AnyNode[]): boolean =>
  nodes.every(node => node.kind === undefined && 'name' in node && typeof node.name === 'string');

function headOf(node: AnyNode): string {
  const kind = typeof node.kind === 'string' ? node.kind : 'parameter';
  const children = Object.fromEntries(childFields(node));
  const names = Object.entries(children).flatMap(([field, nodes]) => {
    if (field === 'type') return [];
    if (field === 'axes' || field === 'axis') return [`[${nodes.map(textOf).join(', ')}]`];
    if (field === 'parameters' && namesOnly(nodes)) return [`(${nodes.map(textOf).join(', ')})`];
    if (field === 'parameter') return [`(${nodes.map(textOf).join(', ')})`];
    return inline.has(field) ? [nodes.map(textOf).join(', ')] : [];
  });
  const type = children.type?.[0];
  const head = [kind, ...scalarsOf(node), ...names].join(' ').replace(/ (?=[[(])/g, '');
  return type ? `${head}: ${textOf(type)}` : head;
}

/** Texts and numbers of the node itself: an operator, a number, the path of an import. */
const scalarsOf = (node: AnyNode): readonly string[] =>
  Object.entries(node).flatMap(([field, value]) => {
    if (field === 'kind' || field === 'doc') return [];
    return typeof value === 'string' || typeof value === 'number' ? [String(value)] : [];
  });

const textOf = (node: AnyNode): string => spanText(node.span).replace(/\s+/g, ' ');
