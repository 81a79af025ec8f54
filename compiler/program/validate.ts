import { scalars } from '../scalar/registry.js';
import { elementBytes } from '../support/element.js';
import {
  clockNames,
  type Entry,
  type EntryName,
  entryKeys,
  entryNames,
  entryOf,
  gpuClasses,
  type HostFormula,
  type Program,
  type ProgramBuffer,
  programVersion,
} from './ir.js';
import { type Check, count, list, number, oneOf, optional, record, text, triple } from './shape.js';

/** What came of looking at a value that should be a program. */
export type Validation =
  | { readonly kind: 'program'; readonly program: Program }
  | { readonly kind: 'other-version'; readonly found: string }
  | { readonly kind: 'invalid'; readonly reason: string };

const shape = list(count(1));

const hostFormula: Check = (value, path) => {
  const kind = record({ kind: oneOf(['constant', 'clock', 'scalar']) })(value, path);
  if (kind !== null) return kind;
  const formula = value as HostFormula;
  if (formula.kind === 'constant') return record({ value: number })(value, path);
  if (formula.kind === 'clock') return record({ clock: oneOf(clockNames) })(value, path);
  const problem = record({ op: oneOf(Object.keys(scalars)), args: list(hostFormula) })(value, path);
  if (problem !== null) return problem;
  const { arity } = scalars[formula.op];
  return formula.args.length === arity
    ? null
    : `${path} gives '${formula.op}' ${formula.args.length} arguments, not ${arity}`;
};

const entry = record({
  launches: list(count(0)),
  dispatches: record(Object.fromEntries(gpuClasses.map(name => [name, list(count(0))]))),
  rows: count(1),
  samples: count(1),
  host: list(hostFormula),
  results: list(record({ name: text, buffer: text, shape })),
});

const access = oneOf(['read', 'read_write']);

const roles: Readonly<Record<ProgramBuffer['role'], true>> = {
  parameters: true,
  gradients: true,
  state: true,
  dataset: true,
  statistic: true,
  rows: true,
  order: true,
  given: true,
  workspace: true,
  result: true,
};

const program = record({
  model: record({
    name: text,
    signature: text,
    bound: text,
    k: count(1),
    data: list(
      record({
        name: text,
        element: oneOf(['real', 'positive', 'unit', 'binary', 'byte', 'int']),
        shape,
        encoding: oneOf(['byte', 'f32']),
      }),
    ),
    latents: list(record({ name: text, shape })),
  }),
  training: record({
    batch: count(1),
    optimizer: text,
    schedule: text,
    epochs: count(0),
    stages: list(record({ bound: text, k: count(1), epochs: count(1) })),
    neededFlops: count(0),
  }),
  parameters: list(
    record({ name: text, role: oneOf(['recognition', 'generative']), shape, offset: count(0) }),
  ),
  states: list(record({ name: text, initial: number })),
  buffers: list(
    record({
      name: text,
      role: oneOf(Object.keys(roles)),
      element: oneOf(Object.keys(elementBytes)),
      length: count(0),
    }),
  ),
  kernels: list(
    record({
      name: text,
      bindings: list(record({ buffer: text, offset: count(0), access })),
      flops: count(0),
      productFlops: count(0),
      bytes: count(0),
      wasm: optional(record({ units: count(1), scratchBytes: count(0) })),
    }),
  ),
  dispatches: list(
    record({
      name: text,
      jobs: list(list(count(0))),
      source: text,
      workgroups: triple(count(1)),
      bindings: list(record({ buffer: text, access })),
    }),
  ),
  entries: record(Object.fromEntries(entryNames.map(name => [name, entry]))),
  earlierSteps: list(entry),
});

/** Results that the runtime reads by name. */
function resultsNeeded({ model }: Program): Readonly<Record<EntryName, readonly string[]>> {
  const dataMeans = model.data.map(({ name }) => `mean.${name}`);
  const latents = (...prefixes: readonly string[]) =>
    model.latents.flatMap(({ name }) => prefixes.map(prefix => `${prefix}.${name}`));
  const weight = [...model.data.map(({ name }) => `log_lik.${name}`), ...latents('log_prior', 'log_q')];
  return {
    initialise: [],
    train_step: ['bound'],
    evaluate: [...weight, ...latents('mean')],
    evaluate_active: weight,
    sample: dataMeans,
    encode: latents('mean', 'draw'),
    reconstruct: [...dataMeans, ...model.data.map(({ name }) => `data.${name}`)],
    decode: dataMeans,
    latent_density: ['log_q', 'log_prior'],
    joint_density: ['log_joint'],
  };
}

/** Entries whose results are lists of items: their first axis counts these. */
const listing: readonly EntryName[] = ['sample', 'encode', 'reconstruct', 'decode'];

/** Checks a value that was read from a file: its version, its shape, and that every name and index in it exists. */
export function validateProgram(value: unknown): Validation {
  const head = record({ format: oneOf(['iwaec-program']), version: number })(value, '');
  if (head !== null) return { kind: 'invalid', reason: head };
  const { version } = value as { readonly version: number };
  if (version !== programVersion) return { kind: 'other-version', found: String(version) };
  const reason = program(value, '') ?? brokenReference(value as Program);
  return reason === null ? { kind: 'program', program: value as Program } : { kind: 'invalid', reason };
}

function brokenReference(program: Program): string | null {
  const buffers = new Map(program.buffers.map(buffer => [buffer.name, buffer]));
  if (buffers.size !== program.buffers.length) return 'two buffers have the same name';
  return (
    missingBuffer(program, buffers) ??
    badElement(program) ??
    strayParameter(program, buffers.get('parameters')!.length) ??
    strayArray(program, buffers) ??
    badJob(program) ??
    badEntry(program, buffers)
  );
}

type Buffers = ReadonlyMap<string, ProgramBuffer>;

const sizeOf = (extents: readonly number[]) => extents.reduce((product, extent) => product * extent, 1);

function missingBuffer(program: Program, buffers: Buffers): string | null {
  const needed = [
    'parameters',
    ...program.states.map(({ name }) => `state.${name}`),
    ...program.model.data.map(({ name }) => `dataset.${name}`),
    ...[...program.kernels, ...program.dispatches].flatMap(({ bindings }) =>
      bindings.map(({ buffer }) => buffer),
    ),
  ];
  const missing = needed.find(name => !buffers.has(name));
  return missing === undefined ? null : `there is no buffer '${missing}'`;
}

/** The host reads and writes whole words. */
function badElement({ buffers }: Program): string | null {
  const bad = buffers.find(({ element, role }) => element === 'f16' && role !== 'workspace');
  return bad === undefined ? null : `buffer '${bad.name}' has 16 bits an element and is no workspace`;
}

function strayParameter(program: Program, length: number): string | null {
  const stray = program.parameters.find(slot => slot.offset + sizeOf(slot.shape) > length);
  return stray === undefined ? null : `parameter '${stray.name}' ends after the buffer 'parameters'`;
}

/** Length 0 is set when data are bound. */
function strayArray(program: Program, buffers: Buffers): string | null {
  for (const { name, bindings } of program.kernels) {
    const stray = bindings.find(({ buffer, offset }) => offset > 0 && offset >= buffers.get(buffer)!.length);
    if (stray !== undefined) return `an array of kernel '${name}' begins after the buffer '${stray.buffer}'`;
  }
  return null;
}

function badJob(program: Program): string | null {
  const bad = program.dispatches.find(({ jobs }) =>
    jobs.flat().some(index => index >= program.kernels.length),
  );
  return bad === undefined ? null : `dispatch '${bad.name}' has a kernel that does not exist`;
}

function badEntry(program: Program, buffers: Buffers): string | null {
  const needed = resultsNeeded(program);
  for (const key of entryKeys(program)) {
    const name = typeof key === 'number' ? 'train_step' : key;
    const entry = entryOf(program, key);
    const reason =
      badLaunch(program, entry) ?? badResult(entry, needed[name], buffers) ?? badItems(name, entry);
    if (reason !== null) return `${key === name ? `entries.${key}` : `earlierSteps[${key}]`}: ${reason}`;
  }
  const stages = program.earlierSteps.length + 1;
  return program.training.stages.length === stages ? null : `training.stages has not ${stages} stages`;
}

function badLaunch(program: Program, entry: Entry): string | null {
  const launch = entry.launches.find(index => index >= program.kernels.length);
  if (launch !== undefined) return `there is no kernel ${launch}`;
  const dispatch = gpuClasses
    .flatMap(name => entry.dispatches[name])
    .find(index => index >= program.dispatches.length);
  return dispatch === undefined ? null : `there is no dispatch ${dispatch}`;
}

function badResult(entry: Entry, needed: readonly string[], buffers: Buffers): string | null {
  const absent = needed.find(name => !entry.results.some(result => result.name === name));
  if (absent !== undefined) return `there is no result '${absent}'`;
  for (const { name, buffer, shape: extents } of entry.results) {
    const found = buffers.get(buffer);
    if (found?.role !== 'result') return `result '${name}' names '${buffer}', which is no result buffer`;
    if (found.length !== sizeOf(extents)) return `result '${name}' has another size than its buffer`;
  }
  return null;
}

function badItems(name: EntryName, entry: Entry): string | null {
  if (!listing.includes(name)) return null;
  const [items, ...others] = new Set(entry.results.map(result => result.shape[0]));
  return items !== undefined && others.length === 0 ? null : 'its results are not lists of the same length';
}
