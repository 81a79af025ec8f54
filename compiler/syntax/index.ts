export type * from './ast.js';
export { binaryOperators, type OperatorFacts, unaryPrecedence } from './operators.js';
export { type ParseResult, parse } from './parse.js';
export { printAst } from './print.js';
export { limits } from './recovery.js';
export { keywords } from './words.js';
