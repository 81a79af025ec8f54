import type { ScalarOp } from '../scalar/registry.js';
import { unreachable } from '../support/bug.js';
import type { BoundExpr, Expr, UpdateExpr } from './ir.js';
import { boundChildren, expressionChildren, nodesOf, updateChildren } from './traverse.js';

/** A formula as text, and how tightly its outermost operation binds. */
interface Piece {
  readonly text: string;
  readonly binds: number;
}

const atom = (text: string): Piece => ({ text, binds: 9 });
const grouped = (piece: Piece, atLeast: number): string =>
  piece.binds < atLeast ? `(${piece.text})` : piece.text;

/** Operations written between their arguments; the right one of `-` and `/` binds more tightly. */
const infix: Partial<
  Record<ScalarOp, { readonly symbol: string; readonly binds: number; readonly right: number }>
> = {
  less: { symbol: '<', binds: 1, right: 2 },
  less_equal: { symbol: '<=', binds: 1, right: 2 },
  equal: { symbol: '==', binds: 1, right: 2 },
  add: { symbol: '+', binds: 2, right: 2 },
  subtract: { symbol: '-', binds: 2, right: 3 },
  multiply: { symbol: '*', binds: 3, right: 3 },
  divide: { symbol: '/', binds: 3, right: 4 },
};

function scalarPiece(op: ScalarOp, args: readonly Piece[]): Piece {
  const [a, b] = args as [Piece, Piece];
  const between = infix[op];
  if (between !== undefined) {
    const { symbol, binds, right } = between;
    const second = b.text.startsWith('-') ? `(${b.text})` : grouped(b, right);
    return { text: `${grouped(a, binds)} ${symbol} ${second}`, binds };
  }
  if (op === 'negate') return { text: `-${grouped(a, 5)}`, binds: 4 };
  if (op === 'power') return { text: `${grouped(a, 6)}^${grouped(b, 5)}`, binds: 5 };
  if (op === 'square') return { text: `${grouped(a, 6)}^2`, binds: 5 };
  return call(op, args);
}

const call = (name: string, args: readonly Piece[]): Piece =>
  atom(`${name}(${args.map(arg => arg.text).join(', ')})`);

/** Seven digits are what a device sees of it. */
function numberPiece(value: number): Piece {
  const text = String(Number(value.toPrecision(7)));
  return value < 0 ? { text, binds: 4 } : atom(text);
}

/** A formula that names what occurs in it more than once. */
export interface Formula {
  /** Definitions, each before its use. */
  readonly lets: readonly {
    readonly name: string;
    readonly text: string;
    readonly shape: readonly number[];
  }[];
  readonly results: readonly string[];
}

interface Syntax<Node> {
  readonly children: (node: Node) => readonly Node[];
  readonly print: (node: Node, children: readonly Piece[]) => Piece;
  readonly shape: (node: Node) => readonly number[];
  /** Longer texts than this are named even if they occur once. */
  readonly width: number;
}

/** `roots` as text; nodes used twice, and parts of very long lines, are named t1, t2, … from `first` on. */
function formula<Node extends object>(roots: readonly Node[], syntax: Syntax<Node>): Formula {
  const nodes = nodesOf(roots, syntax.children);
  const uses = new Map<Node, number>();
  for (const used of [...roots, ...nodes.flatMap(syntax.children)]) uses.set(used, (uses.get(used) ?? 0) + 1);
  // Roots that are one node are one result, which needs no name.
  for (const root of new Set(roots))
    uses.set(root, (uses.get(root) ?? 0) - roots.filter(other => other === root).length + 1);
  const pieces = new Map<Node, Piece>();
  const lets: { name: string; text: string; shape: readonly number[] }[] = [];
  for (const node of nodes) {
    const children = syntax.children(node);
    const piece = syntax.print(
      node,
      children.map(child => pieces.get(child)!),
    );
    const shared = children.length > 0 && (uses.get(node) ?? 0) > 1;
    const long = children.length > 0 && !roots.includes(node) && piece.text.length > syntax.width;
    if (!shared && !long) {
      pieces.set(node, piece);
      continue;
    }
    const name = `t${lets.length + 1}`;
    lets.push({ name, text: piece.text, shape: syntax.shape(node) });
    pieces.set(node, atom(name));
  }
  return { lets, results: roots.map(root => pieces.get(root)!.text) };
}

const expressionSyntax: Syntax<Expr> = {
  children: expressionChildren,
  shape: node => node.shape,
  width: 90,
  print: (node, children) => {
    switch (node.kind) {
      case 'constant':
        return numberPiece(node.value);
      case 'variable':
      case 'parameter':
        return atom(node.name);
      case 'statistic':
        return atom(`mean(data ${node.data})`);
      case 'noise':
        return atom(`noise(${node.law}, ${node.site})`);
      case 'scalar':
        return scalarPiece(node.op, children);
      case 'matmul':
        return { text: `${grouped(children[0]!, 3)} @ ${grouped(children[1]!, 4)}`, binds: 3 };
      case 'sum':
      case 'stop':
        return call(node.kind, children);
      default:
        return unreachable(node, 'model expression');
    }
  },
};

const boundSyntax: Syntax<BoundExpr> = {
  children: boundChildren,
  shape: () => [],
  width: 200,
  print: (node, children) => {
    switch (node.kind) {
      case 'constant':
        return numberPiece(node.value);
      case 'quantity':
        return atom(node.layer === null ? node.name : `${node.name}[${node.layer}]`);
      case 'clock':
        return atom(node.clock);
      case 'scalar':
        return scalarPiece(node.op, children);
      case 'reduce':
        return call(`${node.op}[${node.over}]`, children);
      case 'rank':
        return call(`rank[${node.over}]`, children);
      case 'stop':
        return call('stop', children);
      default:
        return unreachable(node, 'bound expression');
    }
  },
};

const updateSyntax: Syntax<UpdateExpr> = {
  children: updateChildren,
  shape: () => [],
  width: 200,
  print: (node, children) => {
    switch (node.kind) {
      case 'constant':
        return numberPiece(node.value);
      case 'clock':
        return atom(node.clock);
      case 'operand':
        return atom(node.operand);
      case 'state':
        return atom(node.name);
      case 'scalar':
        return scalarPiece(node.op, children);
      default:
        return unreachable(node, 'update expression');
    }
  },
};

export const expressionFormula = (roots: readonly Expr[]): Formula => formula(roots, expressionSyntax);
export const boundFormula = (roots: readonly BoundExpr[]): Formula => formula(roots, boundSyntax);
export const updateFormula = (roots: readonly UpdateExpr[]): Formula => formula(roots, updateSyntax);

/** A bound's formula on one line; parts that repeat are written out. */
export function boundText(expr: BoundExpr): string {
  const write = (node: BoundExpr): Piece => boundSyntax.print(node, boundChildren(node).map(write));
  return write(expr).text;
}
