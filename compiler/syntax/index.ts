export type * from './ast.js';
export { type FormatResult, format } from './format/index.js';
export { type HighlightKind, type HighlightRule, highlightKinds, highlightRules } from './highlight.js';
export { limits } from './limits.js';
export { binaryOperators, type OperatorFacts, unaryPrecedence } from './operators.js';
export { type Alone, type AloneResult, type ParseResult, parse, parseAlone } from './parse.js';
export { printAst } from './print.js';
export { type AnyNode, childrenOf } from './walk.js';
export { keywords } from './words.js';
