import * as lanes from './lanes.js';
import { binary, type ScalarRow } from './row.js';

const reals = [-10, 10] as const;
const anyReal = [-1e4, 1e4] as const;
const exact = {
  domain: [reals, reals],
  finite: [anyReal, anyReal],
  relative: 0,
  absolute: 0,
} as const;

/** Conditions are numbers, 1 or 0, on every device. */
const wgslCondition = (operator: string) => (a: string, b: string) =>
  `select(0.0, 1.0, ${a} ${operator} ${b})`;

const select: ScalarRow = {
  arity: 3,
  doc: 'b where a is not 0, otherwise c',
  evaluate: (condition, a, b) => (condition !== 0 ? a! : b!),
  derivative: (algebra, [condition]) => [
    null,
    algebra.apply('select', condition!, algebra.constant(1), algebra.constant(0)),
    algebra.apply('select', condition!, algebra.constant(0), algebra.constant(1)),
  ],
  wgsl: (condition, a, b) => `select(${b}, ${a}, ${condition} != 0.0)`,
  wat: (algebra, condition, a, b) => lanes.select(algebra, condition!, a!, b!),
  cost: 'cheap',
  test: { domain: [[0, 1], reals, reals], finite: [anyReal, anyReal, anyReal], relative: 0, absolute: 0 },
};

export const comparison = {
  minimum: binary({
    doc: 'the smaller; at a tie the derivative goes to b',
    evaluate: (a, b) => Math.min(a, b),
    derivative: (algebra, a, b) => [algebra.apply('less', a, b), algebra.apply('less_equal', b, a)],
    wgsl: (a, b) => `min(${a}, ${b})`,
    wat: (v, a, b) => v.minimum(a, b),
    cost: 'cheap',
    test: exact,
  }),
  maximum: binary({
    doc: 'the larger; at a tie the derivative goes to b, so that relu = maximum(a, 0) has derivative 0 at 0',
    evaluate: (a, b) => Math.max(a, b),
    derivative: (algebra, a, b) => [algebra.apply('less', b, a), algebra.apply('less_equal', a, b)],
    wgsl: (a, b) => `max(${a}, ${b})`,
    wat: (v, a, b) => v.maximum(a, b),
    cost: 'cheap',
    test: exact,
  }),
  less: binary({
    doc: '1 if a < b, otherwise 0',
    evaluate: (a, b) => (a < b ? 1 : 0),
    derivative: null,
    wgsl: wgslCondition('<'),
    wat: lanes.less,
    cost: 'cheap',
    test: exact,
  }),
  less_equal: binary({
    doc: '1 if a <= b, otherwise 0',
    evaluate: (a, b) => (a <= b ? 1 : 0),
    derivative: null,
    wgsl: wgslCondition('<='),
    wat: lanes.lessEqual,
    cost: 'cheap',
    test: exact,
  }),
  equal: binary({
    doc: '1 if a = b, otherwise 0',
    evaluate: (a, b) => (a === b ? 1 : 0),
    derivative: null,
    wgsl: wgslCondition('=='),
    wat: lanes.equal,
    cost: 'cheap',
    test: exact,
  }),
  select,
};
