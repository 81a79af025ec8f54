import {
  artefact,
  decodeCheckpoint,
  encodeCheckpoint,
  isFault,
  loadDataset,
  open,
  openDevice,
} from '/small/index.js';

const toBase64 = bytes => btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''));

const load = () => loadDataset('/digits.idx');

async function begin({ device: choice, threads, seed = 1 }) {
  const device = await openDevice({ device: choice, threads });
  const digits = await load();
  const session = await open(device, { seed, data: { train: { x: digits }, test: { x: digits } } });
  return { device, session };
}

async function outcome(session) {
  const { nll } = await session.evaluate({ k: 20, rows: [0, 1, 2, 3, 4, 5, 6, 7] });
  const checkpoint = toBase64(encodeCheckpoint(await session.snapshot()));
  return { nll, step: session.step, info: session.device, checkpoint };
}

/** Trains, and counts the turns that the page's own timers had meanwhile. */
export async function train({ steps, ...choices }) {
  const { device, session } = await begin(choices);
  let turns = 0;
  const timer = setInterval(() => {
    turns++;
  }, 10);
  const report = await session.train({ steps });
  clearInterval(timer);
  const { shape } = (await session.sample(3)).x;
  const result = { ...(await outcome(session)), bound: report.epochBounds[0].bound, turns, shape };
  session.dispose();
  device.dispose();
  return result;
}

/** Pauses when a few steps are done, and goes on. */
export async function pauseAndResume({ steps, ...choices }) {
  const { device, session } = await begin(choices);
  const stop = new AbortController();
  const first = await session.train({ steps, signal: stop.signal, onProgress: () => stop.abort() });
  await session.train({ steps: steps - first.step });
  const result = { ...(await outcome(session)), paused: first };
  session.dispose();
  device.dispose();
  return result;
}

/** Loses the device in the middle of training, and goes on with another one. */
export async function loseAndRecover({ steps, lose, ...choices }) {
  const { device, session } = await begin(choices);
  await session.train({ steps: 5 });
  const lost = device.lost.then(reason => ({ lost: reason }));
  const failure = await session
    .train({
      steps: steps - 5,
      onProgress: ({ step }) => {
        if (step < 8) return;
        if (lose === 'gpu') window.openedGpus.at(-1).destroy();
        else device.dispose();
      },
    })
    .then(
      () => null,
      error => ({ fault: isFault(error), code: error.code, help: error.help }),
    );
  const told = lose === 'gpu' ? await lost : null;
  const second = await openDevice({ device: choices.device, threads: choices.threads });
  await session.moveTo(second);
  const resumedAt = session.step;
  await session.train({ steps: steps - resumedAt });
  const result = { ...(await outcome(session)), failure, told, resumedAt };
  session.dispose();
  second.dispose();
  return result;
}

/** Restores a checkpoint of the command line, and exports it again. */
export async function reexport({ path }) {
  const bytes = new Uint8Array(await (await fetch(path)).arrayBuffer());
  const device = await openDevice({ device: 'cpu' });
  const digits = await load();
  const checkpoint = decodeCheckpoint(bytes, path);
  const { seed, binarise, specHash, dataHash } = checkpoint.facts;
  const session = await open(device, { seed, binarise, specHash, dataHash });
  session.bind({ test: { x: digits } });
  session.restore(checkpoint);
  const result = await outcome(session);
  session.dispose();
  device.dispose();
  return result;
}

/** What an action fails with, as a person would be told. */
const failureOf = action =>
  action().then(
    () => null,
    error => ({ fault: isFault(error), code: error.code, message: error.message, help: error.help }),
  );

const badData = {
  'missing file': () => loadDataset('/nowhere.idx'),
  'not a data file': () => loadDataset('/index.html'),
  'truncated gzip': () => loadDataset(new Blob([Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 1, 2)])),
  'empty bytes': () => loadDataset(new Uint8Array(0)),
};

export const failToLoad = ({ name }) => failureOf(badData[name]);

export const failToBind = ({ shape }) =>
  failureOf(async () => {
    const device = await openDevice({ device: 'cpu' });
    const { datasetOf } = await import('/small/index.js');
    const values = new Uint8Array(shape.reduce((product, size) => product * size, 1));
    try {
      await open(device, { data: { train: { x: datasetOf('my rows', { shape, values }) } } });
    } finally {
      device.dispose();
    }
  });

export const failToOpen = choices => failureOf(() => openDevice(choices));

/** Which device `auto` gives, by itself. */
export async function chosen(choices = {}) {
  const device = await openDevice(choices);
  const { info } = device;
  device.dispose();
  return info;
}

/** Loads a program whose largest array has this many elements. */
export const failToFit = ({ elements }) =>
  failureOf(async () => {
    const { program, ...kernels } = await artefact();
    const [largest] = program.buffers
      .filter(({ role }) => role === 'workspace')
      .sort((a, b) => b.length - a.length);
    const buffers = program.buffers.map(buffer =>
      buffer === largest ? { ...buffer, length: elements } : buffer,
    );
    const device = await openDevice({ device: 'webgpu' });
    try {
      await device.load({ ...kernels, program: { ...program, buffers } });
    } finally {
      device.dispose();
    }
  });

/** The same rows from a file that a person chose, from bytes and from an address, plain and packed. */
export async function fromEverywhere() {
  const bytes = new Uint8Array(await (await fetch('/digits.idx')).arrayBuffer());
  const packed = await new Response(
    new Blob([bytes]).stream().pipeThrough(new CompressionStream('gzip')),
  ).blob();
  const csv = new File(['a,b,label\n1,2,0\n250,4,1\n'], 'small.csv');
  const sources = [
    bytes,
    bytes.buffer,
    new Blob([bytes]),
    new File([packed], 'mine.gz'),
    new URL('/digits.idx', location),
  ];
  const loaded = await Promise.all(sources.map(source => loadDataset(source)));
  const table = await loadDataset(csv);
  const sums = loaded.map(({ values }) => values.reduce((sum, value) => sum + value, 0));
  return {
    table: [...table.values, ...table.labels],
    names: loaded.map(({ name }) => name),
    rows: loaded.map(({ rows }) => rows),
    sums,
  };
}
