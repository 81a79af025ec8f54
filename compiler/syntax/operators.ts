import type { BinaryOperator } from './ast.js';

export interface OperatorFacts {
  /** Higher binds tighter. */
  readonly precedence: number;
  readonly associativity: 'left' | 'right' | 'none';
}

/** Between `*` and `^`: `-x^2` is `-(x^2)` and `-x * y` is `(-x) * y`. */
export const unaryPrecedence = 5;

export const binaryOperators: Readonly<Record<BinaryOperator, OperatorFacts>> = {
  '|>': { precedence: 1, associativity: 'left' },
  '<': { precedence: 2, associativity: 'none' },
  '<=': { precedence: 2, associativity: 'none' },
  '>': { precedence: 2, associativity: 'none' },
  '>=': { precedence: 2, associativity: 'none' },
  '==': { precedence: 2, associativity: 'none' },
  '+': { precedence: 3, associativity: 'left' },
  '-': { precedence: 3, associativity: 'left' },
  '*': { precedence: 4, associativity: 'left' },
  '/': { precedence: 4, associativity: 'left' },
  '@': { precedence: 4, associativity: 'left' },
  '^': { precedence: 6, associativity: 'right' },
};
