import type { TypedModel } from '../model/ir.js';
import type { ParameterSlot } from '../program/ir.js';

/** Parameters start at multiples of four elements, so that every row of four can be one vector load. */
const alignment = 4;

/** Where each parameter lies in the flat arrays `parameters`, `gradients` and `state.*`, and how long those are. */
export interface ParameterLayout {
  readonly slots: readonly ParameterSlot[];
  readonly length: number;
  readonly offsetOf: (name: string) => number;
}

export function layoutParameters(model: TypedModel): ParameterLayout {
  let length = 0;
  const slots = model.parameters.map(({ name, role, shape }) => {
    const offset = length;
    const count = shape.reduce((product, size) => product * size, 1);
    length = Math.ceil((offset + count) / alignment) * alignment;
    return { name, role, shape, offset };
  });
  const offsets = new Map(slots.map(slot => [slot.name, slot.offset]));
  return { slots, length, offsetOf: name => offsets.get(name)! };
}
