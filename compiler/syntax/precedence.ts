import type { SourceFile } from '../support/source.js';
import type { Binary, BinaryOperator, Expression, Unary } from './ast.js';
import { binaryOperators, unaryPrecedence } from './operators.js';

/** An expression and the text it takes, parentheses around it included. */
export interface Operand {
  readonly node: Expression;
  readonly start: number;
  readonly end: number;
}

interface Pending {
  /** null: unary minus. */
  readonly operator: BinaryOperator | null;
  readonly precedence: number;
  readonly start: number;
}

/**
 * Turns operands and operators, given from left to right, into a tree by precedence (Dijkstra's shunting yard). With
 * explicit stacks instead of recursion, so that a long chain cannot overflow the call stack.
 */
export class OperatorStack {
  private readonly file: SourceFile;
  private readonly operands: Operand[] = [];
  private readonly pending: Pending[] = [];
  private readonly onChain: (first: BinaryOperator, second: BinaryOperator) => void;

  /** `onChain` is told of a comparison that follows another. */
  constructor(file: SourceFile, onChain: (first: BinaryOperator, second: BinaryOperator) => void) {
    this.file = file;
    this.onChain = onChain;
  }

  operand(operand: Operand): void {
    this.operands.push(operand);
  }

  minus(start: number): void {
    this.pending.push({ operator: null, precedence: unaryPrecedence, start });
  }

  infix(operator: BinaryOperator, start: number): void {
    const { precedence, associativity } = binaryOperators[operator];
    for (;;) {
      const top = this.pending[this.pending.length - 1];
      if (!top) break;
      const reduces = associativity === 'right' ? top.precedence > precedence : top.precedence >= precedence;
      if (!reduces) break;
      if (associativity === 'none' && top.precedence === precedence && top.operator) {
        this.onChain(top.operator, operator);
      }
      this.reduce();
    }
    this.pending.push({ operator, precedence, start });
  }

  finish(): Operand {
    while (this.pending.length > 0) this.reduce();
    return this.operands.pop()!;
  }

  private reduce(): void {
    const { operator, start } = this.pending.pop()!;
    const right = this.operands.pop()!;
    if (operator === null) {
      const span = { file: this.file, start, end: right.end };
      const node: Unary = { kind: 'unary', span, operator: '-', operand: right.node };
      this.operands.push({ node, start, end: right.end });
      return;
    }
    const left = this.operands.pop()!;
    const span = { file: this.file, start: left.start, end: right.end };
    const node: Binary = { kind: 'binary', span, operator, left: left.node, right: right.node };
    this.operands.push({ node, start: left.start, end: right.end });
  }
}
