import type { DataVariable } from '../../model/ir.js';
import type { GraphBuilder } from '../../tensor/build.js';
import type { Axis, NodeId } from '../../tensor/ir.js';
import { shapeAxes } from './quantities.js';

/** How rows of a variable lie on the device: grey levels and bits as bytes, everything else as f32. */
export const dataEncoding = (variable: DataVariable): 'byte' | 'f32' =>
  variable.element === 'binary' || variable.element === 'unit' || variable.element === 'byte'
    ? 'byte'
    : 'f32';

/**
 * The batch as the model sees it. Grey levels v / 255 are probabilities for binary data: x = [u < v / 255], drawn afresh
 * whenever the data's clock moves (Salakhutdinov & Murray 2008); where the clock `threshold` is 1, u is one half.
 */
export function decodeData(builder: GraphBuilder, variable: DataVariable, datum: Axis): NodeId {
  const axes = shapeAxes([datum], variable.shape);
  const stored = builder.dataset(variable.name, axes);
  if (variable.element !== 'binary' && variable.element !== 'unit') return stored;
  const level = builder.apply('divide', stored, builder.constant(255));
  if (variable.element === 'unit') return level;
  const noise = builder.noise('uniform', `data.${variable.name}`, 'data', axes);
  const threshold = builder.host({ kind: 'clock', clock: 'threshold' });
  const cut = builder.apply('select', threshold, builder.constant(0.5), noise);
  return builder.apply('less', cut, level);
}
