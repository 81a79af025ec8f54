export { dataEncoding } from './data.js';
export {
  encodeGraph,
  evaluateGraph,
  evaluationBlock,
  initialiseGraph,
  objectiveGraph,
  outputName,
  pictureRows,
  reconstructGraph,
  sampleGraph,
} from './entries.js';
export { statisticName } from './expression.js';
export { stateName, updateGraph } from './update.js';
