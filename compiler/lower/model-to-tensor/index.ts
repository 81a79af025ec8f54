export { dataEncoding } from './data.js';
export {
  encodeGraph,
  initialiseGraph,
  objectiveGraph,
  outputName,
  pictureRows,
  reconstructGraph,
  sampleGraph,
} from './entries.js';
export {
  decodeGraph,
  evaluateActiveGraph,
  evaluateGraph,
  evaluationBlock,
  givenName,
  jointDensityGraph,
  latentDensityGraph,
} from './evaluation.js';
export { statisticName } from './expression.js';
export { stateName, updateGraph } from './update.js';
