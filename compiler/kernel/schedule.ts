/**
 * How a class of device walks a kernel: plain numbers, so that a table or a tuner can choose them. `chooseSchedule`
 * picks one for a kernel; printers take both. One set for each device class.
 */
export type DeviceClass = 'gpu' | 'software' | 'wasm';

export type Schedule =
  /** One domain point an invocation (a reduction is a loop in it). */
  | { readonly kind: 'pointwise'; readonly workgroup: number }
  /** One workgroup a domain point: lanes stride over the reduction, then combine in a tree of fixed shape. */
  | { readonly kind: 'cooperative'; readonly workgroup: number }
  /** Matrix product by tiles in workgroup memory: tileRows × tileColumns a workgroup, threadRows × threadColumns an invocation. */
  | {
      readonly kind: 'tiled';
      readonly tileRows: number;
      readonly tileColumns: number;
      readonly tileDepth: number;
      readonly threadRows: number;
      readonly threadColumns: number;
    }
  /** Matrix product by register blocks straight from memory, for devices without real workgroup memory. */
  | {
      readonly kind: 'blocked';
      readonly threadRows: number;
      readonly threadColumns: number;
      readonly workgroup: number;
    };
