export { type EstimatorName, estimatorNames, estimators } from './estimators.js';
export { boundText } from './formula.js';
export * from './ir.js';
export { printModel } from './print.js';
export { verifyModel } from './verify.js';
