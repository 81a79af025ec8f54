import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { caseName, type Place, type StepCase } from './cases.js';
import type { Contestant } from './contestant.js';
import { type PeerRequest, startPeer } from './peer-process.js';

/** Programs that train the same models with other libraries; bench/peers/README.md says how to install those. */
export const peerFolder = 'bench/peers';

export interface Peer {
  readonly name: string;
  /** Where it runs. */
  readonly places: readonly Place[];
  /** Its threads may cost it more than they gain, so that one is tried as well. */
  readonly triesOneThread?: true;
  /** Its program and what starts it; null where the library is not installed. */
  readonly command: () => readonly string[] | null;
}

const inNode = (program: string, library: string) => () =>
  existsSync(join(peerFolder, 'node_modules', library))
    ? [process.execPath, join(peerFolder, program)]
    : null;

const ownPython = join(peerFolder, '.venv/bin/python');
const python = (): string => process.env.PEERS_PYTHON ?? (existsSync(ownPython) ? ownPython : 'python3');

const inPython = (program: string, library: string) => () => {
  const { status } = spawnSync(python(), ['-c', `import ${library}`], { stdio: 'ignore' });
  return status === 0 ? [python(), join(peerFolder, program)] : null;
};

export const peers: readonly Peer[] = [
  {
    name: 'jaxjs',
    places: ['cpu', 'webgpu', 'software'],
    triesOneThread: true,
    command: inNode('jaxjs.js', '@jax-js/jax'),
  },
  { name: 'tfjs', places: ['cpu', 'webgpu', 'software'], command: inNode('tfjs.js', '@tensorflow/tfjs') },
  { name: 'numpy', places: ['cpu'], command: inPython('numpy_peer.py', 'numpy') },
  { name: 'jax', places: ['cpu', 'webgpu'], command: inPython('jax_peer.py', 'jax') },
  { name: 'torch', places: ['cpu', 'webgpu'], command: inPython('torch_peer.py', 'torch') },
];

/** What a person wants to compare with: all that is installed, or the named ones. @throws Error for one that is not there */
export function choosePeers(wanted: string | true, place: Place): readonly Peer[] {
  const here = peers.filter(({ places }) => places.includes(place));
  if (wanted === true) return here.filter(({ command }) => command() !== null);
  return wanted.split(',').map(name => {
    const peer = here.find(known => known.name === name);
    const known = here.map(({ name }) => name).join(', ');
    if (peer === undefined) throw new Error(`no peer '${name}' for ${place}; there are ${known}`);
    if (peer.command() === null) throw new Error(`${name} is not installed: see ${peerFolder}/README.md`);
    return peer;
  });
}

export interface PeerSetting {
  readonly place: Place;
  readonly threads: number;
  /** A file of rows of 784 bytes, 0 or 1. */
  readonly rows: string;
  /** Added to the environment of a peer. */
  readonly environment: Readonly<Record<string, string>>;
}

const requestOf = ({ place, threads }: PeerSetting, { spec }: StepCase) => ({
  layers: spec === 'mnist1l' ? 1 : 2,
  device: place === 'cpu' ? 'cpu' : 'webgpu',
  threads,
});

/** One contestant for each way of running the peer that is tried. */
export async function openPeer(
  peer: Peer,
  setting: PeerSetting,
  given: StepCase,
): Promise<readonly Contestant[]> {
  const single = peer.triesOneThread && setting.place === 'cpu' && setting.threads > 1;
  const tried = single ? [setting, { ...setting, threads: 1 }] : [setting];
  const opened: Contestant[] = [];
  for (const each of tried) opened.push(await openAs(peer, each, given));
  return opened;
}

async function openAs(peer: Peer, setting: PeerSetting, given: StepCase): Promise<Contestant> {
  const { batch, k } = given;
  const request: PeerRequest = {
    task: 'steps',
    ...requestOf(setting, given),
    batch,
    k,
    rows: setting.rows,
  };
  const running = startPeer(peer.command()!, request, setting.environment);
  const { firstMilliseconds } = await running.reply<{ readonly firstMilliseconds: number }>();
  return {
    name: peer.name,
    firstStep: firstMilliseconds,
    async train(steps) {
      running.send(String(steps));
      const { milliseconds, loss } = await running.reply<{
        readonly milliseconds: number;
        readonly loss: number;
      }>();
      if (!Number.isFinite(loss))
        throw new Error(`the loss of ${peer.name} at ${caseName(given)} is ${loss}`);
      return milliseconds;
    },
    dispose: running.end,
  };
}

interface Outcome {
  readonly loss: number;
  readonly gradients: Readonly<Record<string, readonly number[]>>;
  readonly losses: readonly number[];
}

/** Largest difference over the largest exact value; f32 products of another order stay well below. */
const checkTolerance = 1e-4;

const distance = (actual: readonly number[], exact: readonly number[]): number => {
  const scale = Math.max(...exact.map(Math.abs));
  const differences = exact.map((value, i) => Math.abs((actual[i] ?? Number.NaN) - value));
  return differences.some(Number.isNaN) ? Number.NaN : Math.max(...differences) / scale;
};

type Nested = number | readonly Nested[];
const flat = (nested: Nested): readonly number[] =>
  typeof nested === 'number' ? [nested] : nested.flatMap(flat);

function exactOutcome(layers: number): Outcome {
  const file = join(peerFolder, 'fixtures', layers === 1 ? 'one-layer.json' : 'two-layers.json');
  const { loss, losses, grads } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly loss: number;
    readonly losses: readonly number[];
    readonly grads: Readonly<Record<string, Nested>>;
  };
  const gradients = Object.fromEntries(Object.entries(grads).map(([name, value]) => [name, flat(value)]));
  return { loss, losses, gradients };
}

/** @throws Error unless a peer's loss, gradients and six steps of Adam are those of the fixed case, computed in f64 */
export async function checkPeer(peer: Peer, setting: PeerSetting, given: StepCase): Promise<void> {
  const request = requestOf(setting, given);
  const running = startPeer(peer.command()!, { task: 'check', ...request }, setting.environment);
  const actual = await running.reply<Outcome>();
  running.end();
  const exact = exactOutcome(request.layers);
  const distances = [
    ['loss', distance([actual.loss], [exact.loss])] as const,
    ['losses of six steps', distance(actual.losses, exact.losses)] as const,
    ...Object.entries(exact.gradients).map(
      ([name, gradient]) =>
        [`gradient of ${name}`, distance(actual.gradients[name] ?? [], gradient)] as const,
    ),
  ];
  const wrong = distances.find(([, size]) => !(size <= checkTolerance));
  if (wrong !== undefined) {
    throw new Error(`${peer.name} computes something else: its ${wrong[0]} is off by ${wrong[1]}`);
  }
}
