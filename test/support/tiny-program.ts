import {
  type Artefact,
  type Entry,
  type Program,
  type ProgramKernel,
  programVersion,
  type Result,
} from '../../compiler/program/index.js';
import type { Dataset } from '../../runtime/index.js';

/*
 * A program small enough to follow by hand, with whole numbers and halves only, so that its results are exact: rows of
 * four bytes, a batch of two, and a "training step" p ← p / 2 + Σ bytes of the batch + step.
 */
export const width = 4;
export const batch = 2;
export const chunk = 4;

const frame =
  'struct Frame { words: array<vec4<u32>, 16> }\n@group(0) @binding(0) var<uniform> frame: Frame;\n';

const bindings = (...declarations: readonly string[]) =>
  declarations.map((text, i) => `@group(0) @binding(${i + 1}) var<storage, ${text};\n`).join('');

const kernelText = (declarations: string, size: number, body: string) =>
  `${frame}${declarations}
fn word(i: u32) -> u32 { return frame.words[i / 4u][i % 4u]; }
@compute @workgroup_size(${size})
fn main(@builtin(local_invocation_index) i: u32) {
${body}
}
`;

const byteAt = (row: string, feature: string) =>
  `f32((dataset[(${row} * 4u + ${feature}) / 4u] >> (8u * (${feature} % 4u))) & 255u)`;

interface KernelSpec {
  readonly bindings: ProgramKernel['bindings'];
  readonly text: string;
}

const read = (buffer: string) => ({ buffer, offset: 0, access: 'read' as const });
const change = (buffer: string) => ({ buffer, offset: 0, access: 'read_write' as const });

const kernelSpecs = {
  initialise: {
    bindings: [read('mean.x'), change('parameters')],
    text: kernelText(
      bindings('read> mean: array<f32>', 'read_write> parameters: array<f32>'),
      width,
      'parameters[i] = mean[i] + f32(word(1u));',
    ),
  },
  rows: {
    bindings: [change('rows')],
    text: kernelText(bindings('read_write> rows: array<u32>'), batch, 'rows[i] = (word(6u) + i) % word(7u);'),
  },
  ordered_rows: {
    bindings: [read('order'), change('rows')],
    text: kernelText(
      bindings('read> order: array<u32>', 'read_write> rows: array<u32>'),
      batch,
      'rows[i] = order[(word(6u) + i) % word(7u)];',
    ),
  },
  step: {
    bindings: [
      read('dataset.x'),
      read('rows'),
      change('parameters'),
      change('state.velocity'),
      change('bound'),
    ],
    text: kernelText(
      bindings(
        'read> dataset: array<u32>',
        'read> rows: array<u32>',
        'read_write> parameters: array<f32>',
        'read_write> velocity: array<f32>',
        'read_write> bound: array<f32>',
      ),
      width,
      `let sum = ${byteAt('rows[0]', 'i')} + ${byteAt('rows[1]', 'i')};
  velocity[i] = velocity[i] + 1.0;
  let next = parameters[i] * 0.5 + sum + f32(word(0u));
  parameters[i] = next;
  if (i == 0u) { bound[word(11u)] = next; }`,
    ),
  },
  weights: {
    bindings: [read('dataset.x'), read('rows'), change('log_lik'), change('log_prior'), change('log_q')],
    text: kernelText(
      bindings(
        'read> dataset: array<u32>',
        'read> rows: array<u32>',
        'read_write> log_lik: array<f32>',
        'read_write> log_prior: array<f32>',
        'read_write> log_q: array<f32>',
      ),
      batch,
      `for (var s = 0u; s < ${chunk}u; s++) {
    let at = (word(11u) * ${batch}u + i) * ${chunk}u + s;
    log_lik[at] = ${byteAt('rows[i]', '0u')};
    log_prior[at] = f32(word(10u) + s) * -0.5;
    log_q[at] = f32(word(10u) + s) * -0.375;
  }`,
    ),
  },
  draws: {
    bindings: [change('means')],
    text: kernelText(
      bindings('read_write> means: array<f32>'),
      batch * width,
      `means[word(11u) * ${batch * width}u + i] = ${chunk}.0 * f32(i);`,
    ),
  },
  pictures: {
    bindings: [read('parameters'), change('pictures')],
    text: kernelText(
      bindings('read> parameters: array<f32>', 'read_write> pictures: array<f32>'),
      batch * width,
      `pictures[word(11u) * ${batch * width}u + i] = parameters[i % 4u] + f32(word(10u) + i / 4u);`,
    ),
  },
  look: {
    bindings: [read('dataset.x'), read('rows'), change('pictures')],
    text: kernelText(
      bindings('read> dataset: array<u32>', 'read> rows: array<u32>', 'read_write> pictures: array<f32>'),
      batch * width,
      `pictures[word(11u) * ${batch * width}u + i] = ${byteAt('rows[i / 4u]', '(i % 4u)')};`,
    ),
  },
} satisfies Record<string, KernelSpec>;

type KernelName = keyof typeof kernelSpecs;
const kernelNames = Object.keys(kernelSpecs) as readonly KernelName[];

/** Each kernel is a dispatch of its own. */
function entry(launches: readonly KernelName[], samples: number, results: readonly Result[]): Entry {
  const indices = launches.map(name => kernelNames.indexOf(name));
  const dispatches = { gpu: indices, software: indices, subgroups: indices };
  return { launches: indices, dispatches, rows: batch, samples, host: [], results };
}

const result = (name: string, shape: readonly number[], buffer = name): Result => ({ name, buffer, shape });
const weight = (name: string, variable: string) => result(`${name}.${variable}`, [batch, chunk], name);
const weights = [weight('log_lik', 'x'), weight('log_prior', 'h'), weight('log_q', 'h')];
const pictures = (name: string) => result(name, [batch, width], 'pictures');

const program: Program = {
  format: 'iwaec-program',
  version: programVersion,
  model: {
    name: 'tiny',
    signature: 'tiny-signature',
    bound: 'iwae',
    k: 1,
    data: [{ name: 'x', element: 'byte', shape: [width], encoding: 'byte' }],
    latents: [{ name: 'h', shape: [width] }],
  },
  training: {
    batch,
    optimizer: 'sgd',
    schedule: 'constant',
    epochs: 1,
    stages: [{ bound: 'elbo', k: 1, epochs: 1 }],
    neededFlops: 0,
  },
  parameters: [{ name: 'p', role: 'generative', shape: [width], offset: 0 }],
  states: [{ name: 'velocity', initial: 7 }],
  buffers: [
    { name: 'parameters', role: 'parameters', element: 'f32', length: width },
    { name: 'state.velocity', role: 'state', element: 'f32', length: width },
    { name: 'dataset.x', role: 'dataset', element: 'u32', length: 0 },
    { name: 'mean.x', role: 'statistic', element: 'f32', length: width },
    { name: 'rows', role: 'rows', element: 'u32', length: batch },
    { name: 'order', role: 'order', element: 'u32', length: 0 },
    { name: 'bound', role: 'result', element: 'f32', length: 1 },
    { name: 'log_lik', role: 'result', element: 'f32', length: batch * chunk },
    { name: 'log_prior', role: 'result', element: 'f32', length: batch * chunk },
    { name: 'log_q', role: 'result', element: 'f32', length: batch * chunk },
    { name: 'means', role: 'result', element: 'f32', length: batch * width },
    { name: 'active.h', role: 'given', element: 'f32', length: width },
    { name: 'pictures', role: 'result', element: 'f32', length: batch * width },
  ],
  kernels: kernelNames.map(name => ({
    name,
    bindings: kernelSpecs[name].bindings,
    flops: 0,
    productFlops: 0,
    bytes: 0,
  })),
  dispatches: kernelNames.map((name, i) => ({
    name,
    jobs: [[i]],
    source: name,
    workgroups: [1, 1, 1],
    bindings: kernelSpecs[name].bindings.map(({ buffer, access }) => ({ buffer, access })),
  })),
  earlierSteps: [],
  entries: {
    initialise: entry(['initialise'], 1, []),
    train_step: entry(['rows', 'step'], 1, [result('bound', [])]),
    evaluate: entry(['ordered_rows', 'weights', 'draws'], chunk, [
      ...weights,
      result('mean.h', [batch, width], 'means'),
    ]),
    evaluate_active: entry(['ordered_rows', 'weights'], chunk, weights),
    sample: entry(['pictures'], batch, [pictures('mean.x')]),
    encode: entry(['ordered_rows', 'look'], 1, [pictures('mean.h'), pictures('draw.h')]),
    reconstruct: entry(['ordered_rows', 'look'], 1, [pictures('data.x'), pictures('mean.x')]),
    decode: entry(['pictures'], batch, [pictures('mean.x')]),
    latent_density: entry(['ordered_rows', 'weights'], chunk, [
      result('log_q', [batch, chunk]),
      result('log_prior', [batch, chunk]),
    ]),
    joint_density: entry(['ordered_rows', 'weights'], chunk, [
      result('log_joint', [batch, chunk], 'log_lik'),
    ]),
  },
};

export const tinyArtefact: Artefact = {
  program,
  wgsl: Object.fromEntries(kernelNames.map(name => [name, kernelSpecs[name].text])),
};

/** The artefact with one kernel's text replaced. */
export const withKernelText = (name: KernelName, text: string): Artefact => ({
  ...tinyArtefact,
  wgsl: { ...tinyArtefact.wgsl, [name]: text },
});

/** Rows r of bytes 10 r + 0 … 10 r + 3. */
export function tinyDataset(rows: number): Dataset {
  const values = Uint8Array.from(
    { length: rows * width },
    (_, i) => 10 * Math.floor(i / width) + (i % width),
  );
  return { name: 'tiny', rows, width, shape: [width], encoding: 'byte', values };
}

/** What training leaves in the parameters, in JavaScript; `shuffle` is left out, as the tiny rows kernel does. */
export function trainedByHand(start: readonly number[], rows: number, steps: number): readonly number[] {
  const perEpoch = Math.floor(rows / batch);
  let parameters = start;
  for (let step = 1; step <= steps; step++) {
    const first = ((step - 1) % perEpoch) * batch;
    parameters = parameters.map((p, i) =>
      Math.fround(Math.fround(p * 0.5 + 10 * (2 * first + 1) + 2 * i) + step),
    );
  }
  return parameters;
}
