import type { Affine, Loop, Scalar } from '../../kernel/ir.js';
import { scalarArguments, scalarsOf } from '../../kernel/scalar.js';
import { frameWords } from '../../program/frame.js';
import { invariant } from '../../support/bug.js';
import type { ModuleText } from './module.js';
import { noiseFunctions } from './prelude.js';
import { literal, type Text, unsigned } from './text.js';

/** What stands for loops and reductions in some place of a kernel's text. */
export interface Scope {
  /** u32 expressions, one word each. */
  readonly loops: ReadonlyMap<string, string>;
  readonly accumulator: (reduction: number) => string;
  /** Scalars that have a name already. */
  readonly known?: ReadonlyMap<Scalar, string>;
}

/** `constant + stride * loop`, in u32. */
export function printAffine(module: ModuleText, form: Affine, loops: ReadonlyMap<string, string>): string {
  const terms = form.terms.map(({ loop, stride }) => {
    const name = loops.get(loop);
    invariant(name !== undefined, () => `loop ${loop} is not in scope`);
    return stride === 1 ? name : `${unsigned(stride)} * ${name}`;
  });
  if (!module.isOmitted(form.constant) || terms.length === 0) terms.push(unsigned(form.constant));
  return terms.join(' + ');
}

/**
 * Binds each loop of a nest to its counter, given the number of the point in the nest's row-major order. The outermost
 * needs no remainder because the number is in range.
 */
export function bindLoops(
  text: Text,
  module: ModuleText,
  loops: readonly Loop[],
  point: string,
): ReadonlyMap<string, string> {
  if (loops.length === 1) return new Map([[loops[0]!.name, point]]);
  let inner = 1;
  const counters = loops
    .toReversed()
    .map(({ name, extent }, i) => {
      const quotient = inner === 1 ? point : `${point} / ${unsigned(inner)}`;
      inner *= extent;
      const isOutermost = i === loops.length - 1;
      return [name, isOutermost ? quotient : `(${quotient}) % ${unsigned(extent)}`] as const;
    })
    .toReversed();
  return new Map(
    counters.map(([name, value]) => {
      const counter = module.fresh(`at_${name}_`);
      text.line(`let ${counter} = ${value};`);
      return [name, counter];
    }),
  );
}

/** Expressions nest no deeper than this before they get a name: parsers limit depth, readers more so. */
const deepest = 12;

/** Writes what the scalars need and returns one expression for each; what they share is computed once. */
export function printScalars(
  text: Text,
  module: ModuleText,
  roots: readonly Scalar[],
  scope: Scope,
): readonly string[] {
  const uses = new Map<Scalar, number>();
  const known = scope.known ?? new Map<Scalar, string>();
  const order = scalarsOf(roots, known);
  for (const scalar of [...roots, ...order.flatMap(scalarArguments)])
    uses.set(scalar, (uses.get(scalar) ?? 0) + 1);
  const printed = new Map<Scalar, { readonly text: string; readonly depth: number }>();
  for (const [scalar, text] of known) printed.set(scalar, { text, depth: 0 });
  for (const scalar of order) {
    const args = scalarArguments(scalar).map(arg => printed.get(arg)!);
    const depth = 1 + Math.max(0, ...args.map(arg => arg.depth));
    const expression = printOne(
      module,
      scalar,
      args.map(arg => arg.text),
      scope,
    );
    const isAtom = scalar.kind === 'constant' || scalar.kind === 'accumulator';
    if (isAtom || (uses.get(scalar) === 1 && depth < deepest && scalar.kind === 'apply')) {
      printed.set(scalar, { text: expression, depth });
      continue;
    }
    const name = module.fresh('v');
    text.line(`let ${name} = ${expression};`);
    printed.set(scalar, { text: name, depth: 0 });
  }
  return roots.map(root => printed.get(root)!.text);
}

/** Gives each scalar a name. */
export function bindScalars(
  text: Text,
  module: ModuleText,
  scalars: readonly Scalar[],
  scope: Scope,
): ReadonlyMap<Scalar, string> {
  const values = printScalars(text, module, scalars, scope);
  return new Map(
    scalars.map((scalar, i) => {
      const name = module.fresh('v');
      text.line(`let ${name} = ${values[i]};`);
      return [scalar, name];
    }),
  );
}

function printOne(module: ModuleText, scalar: Scalar, args: readonly string[], scope: Scope): string {
  switch (scalar.kind) {
    case 'constant':
      return literal(scalar.value);
    case 'host':
      return module.host(scalar.slot);
    case 'load':
      return module.load(scalar.buffer, printAffine(module, scalar.index, scope.loops));
    case 'dataset':
      return printDataset(module, scalar, scope);
    case 'noise':
      return printNoise(module, scalar, args, scope);
    case 'index':
      return `f32(${printAffine(module, scalar.value, scope.loops)})`;
    case 'accumulator':
      return scope.accumulator(scalar.reduction);
    case 'apply':
      return module.scalar(scalar.op, args);
  }
}

function printDataset(
  module: ModuleText,
  scalar: Extract<Scalar, { kind: 'dataset' }>,
  scope: Scope,
): string {
  const row = module.element(scalar.rows, printAffine(module, scalar.row, scope.loops));
  const position = `${row} * ${unsigned(scalar.width)} + ${printAffine(module, scalar.feature, scope.loops)}`;
  if (scalar.encoding === 'f32') return module.element(scalar.buffer, position);
  const word = module.element(scalar.buffer, `(${position}) >> 2u`);
  return `f32((${word} >> (8u * ((${position}) & 3u))) & 255u)`;
}

function printNoise(
  module: ModuleText,
  scalar: Extract<Scalar, { kind: 'noise' }>,
  choice: readonly string[],
  scope: Scope,
): string {
  const { seedLow, seedHigh, step, dataSeedLow, dataSeedHigh, dataStep, sampleOffset } = frameWords;
  const isModel = scalar.clock === 'model';
  const [low, high, time] = (isModel ? [seedLow, seedHigh, step] : [dataSeedLow, dataSeedHigh, dataStep]).map(
    word => module.frameWord(word),
  );
  const row =
    scalar.rows === null ? '0u' : module.element(scalar.rows, printAffine(module, scalar.row, scope.loops));
  const position = printAffine(module, scalar.sample, scope.loops);
  const offset = isModel ? [module.frameWord(sampleOffset)] : [];
  const sample = [position, ...choice.map(number => `u32(${number})`), ...offset].join(' + ');
  module.use(noiseFunctions[scalar.law]);
  const key = `vec4<u32>(${low}, ${high}, ${unsigned(scalar.stream)}, ${time})`;
  return `noise_${scalar.law}(${key}, vec3<u32>(${row}, ${sample}, ${printAffine(module, scalar.element, scope.loops)}))`;
}
