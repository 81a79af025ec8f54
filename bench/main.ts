import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { Device } from '../runtime/index.js';
import { mnist, openCpuDevice, openDawnDevice, packagedDriverVariables } from '../runtime/node.js';
import { measureBuild } from './build-time.js';
import {
  buildCase,
  caseName,
  caseNames,
  estimatorCase,
  evaluationCase,
  type Place,
  places,
  type StepCase,
  stepCases,
} from './cases.js';
import { chosenCases } from './choice.js';
import { type Contestant, timeInTurn } from './contestant.js';
import { measureEstimator, measureEvaluation, openOurs } from './ours.js';
import { measurePeak } from './peak.js';
import { checkPeer, choosePeers, openPeer, type Peer, type PeerSetting } from './peers.js';
import { type Machine, printPeers, printStep, printStepHead, type StepResult } from './report.js';

/*
 * npm run bench: how long a training step takes, how fast an evaluation and a compilation are, and what part of the
 * machine's peak that is; with --peers, how long other libraries take for the same step in the same run. Tables on
 * stderr, JSON on stdout or in a file. A measurement, not a test: nothing fails for being slow.
 */

interface Options {
  readonly device: Place;
  readonly threads: string;
  readonly only: string;
  readonly peers?: string | true;
  readonly json?: string;
}

const opening: Readonly<Record<Place, (threads: number) => Device | Promise<Device>>> = {
  cpu: threads => openCpuDevice({ threads }),
  webgpu: () => openDawnDevice('hardware'),
  software: () => openDawnDevice('software'),
};

/** Names of cases. */
type Chosen = ReadonlySet<string>;

const rowsForPeers = 5000;

/** Rows of MNIST cut at one half, for programs that do not draw them. */
async function writeRows(folder: string): Promise<string> {
  const { train } = await mnist();
  const path = join(folder, 'rows');
  const bits = Uint8Array.from(train.values.subarray(0, rowsForPeers * train.width), value =>
    value > 127 ? 1 : 0,
  );
  writeFileSync(path, bits);
  return path;
}

async function measureStep(
  device: Device,
  given: StepCase,
  peers: readonly Peer[],
  setting: PeerSetting,
): Promise<StepResult> {
  const ours = await openOurs(device, given);
  const others: Contestant[] = [];
  for (const peer of peers) others.push(...(await openPeer(peer, setting, given)));
  const [our, ...their] = await timeInTurn([ours, ...others]);
  const tried = others.map(({ name, firstStep }, i) => ({ name, firstStep, ...their[i]! }));
  const fastest = (name: string) =>
    tried.filter(entrant => entrant.name === name).sort((a, b) => a.median - b.median)[0]!;
  for (const contestant of [ours, ...others]) contestant.dispose();
  const { name, firstStep, gflop, dispatches } = ours;
  const entrants = peers.map(peer => fastest(peer.name));
  return { ...given, gflop, dispatches, entrants: [{ name, firstStep, ...our! }, ...entrants] };
}

/** Peers are checked before any is timed. */
async function measureSteps(
  device: Device,
  cases: readonly StepCase[],
  peers: readonly Peer[],
  setting: PeerSetting,
  machine: Machine,
): Promise<readonly StepResult[]> {
  const ofEachSpec = [...new Map(cases.map(given => [given.spec, given])).values()];
  for (const peer of peers) for (const given of ofEachSpec) await checkPeer(peer, setting, given);
  if (cases.length > 0) printStepHead(machine.place);
  const results: StepResult[] = [];
  for (const given of cases) {
    const result = await measureStep(device, given, peers, setting);
    printStep(result, machine);
    results.push(result);
  }
  if (peers.length > 0 && results.length > 0) printPeers(results, machine);
  return results;
}

async function estimate(device: Device, chosen: Chosen) {
  const { spec, batch, bound, estimator, target } = estimatorCase;
  if (!chosen.has(estimator)) return null;
  const result = await measureEstimator(device, estimatorCase);
  console.error(
    `${spec}, batch ${batch}, ${bound} using ${estimator}: ${result.estimated.median.toFixed(2)} ms, ` +
      `${result.ratio.toFixed(2)} times the steps of the full gradient (to reach: ${target})`,
  );
  return result;
}

async function evaluate(device: Device, chosen: Chosen) {
  if (!chosen.has('evaluation')) return null;
  const evaluation = await measureEvaluation(device, evaluationCase);
  const { spec, k, target } = evaluationCase;
  console.error(`${spec} L_${k}: ${Math.round(evaluation.pairsPerSecond)} pairs/s (to reach: ${target})`);
  return evaluation;
}

function build(chosen: Chosen) {
  if (!chosen.has('build')) return null;
  const { spec, target } = buildCase;
  const seconds = measureBuild(spec);
  console.error(`iwaec build ${spec}: ${seconds.toFixed(2)} s (to reach: ${target})`);
  return { spec, seconds };
}

async function main({
  device: place,
  threads: wanted,
  only,
  peers: wantedPeers,
  json,
}: Options): Promise<void> {
  const threads = Number(wanted);
  const chosen = chosenCases(caseNames(place), only);
  const peers = wantedPeers === undefined ? [] : choosePeers(wantedPeers, place);
  const peak = place === 'cpu' ? await measurePeak(threads) : null;
  const device = await opening[place](threads);
  const processor = `${cpus()[0]?.model}, ${threads} threads, Node ${process.version}`;
  console.error(place === 'cpu' ? processor : `${device.info.name}; ${processor}`);
  if (peak !== null) {
    const simd = peak.fused ? 'relaxed' : 'plain';
    console.error(`peak of a register-blocked product: ${peak.gflops.toFixed(1)} GFLOP/s, ${simd} SIMD`);
  }
  const folder = mkdtempSync(join(tmpdir(), 'iwaec-bench-'));
  try {
    const ownDriver = process.env.VK_DRIVER_FILES !== undefined;
    const environment = place === 'software' && !ownDriver ? await packagedDriverVariables() : {};
    const setting = { place, threads, rows: await writeRows(folder), environment };
    const cases = stepCases[place].filter(given => chosen.has(caseName(given)));
    const steps = await measureSteps(device, cases, peers, setting, { place, peak });
    const estimator = await estimate(device, chosen);
    const evaluation = await evaluate(device, chosen);
    const report = {
      node: process.version,
      threads,
      place,
      peak,
      steps,
      estimator,
      evaluation,
      build: build(chosen),
    };
    const text = `${JSON.stringify(report, null, 1)}\n`;
    if (json === undefined) process.stdout.write(text);
    else writeFileSync(json, text);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    device.dispose();
  }
}

const command = new Command('bench')
  .description('measures training, evaluation and compilation')
  .addOption(new Option('--device <place>', 'where to train').choices(places).default('cpu'))
  .option('--threads <n>', 'number of threads', String(availableParallelism()))
  .option(
    '--only <cases>',
    "some cases, by names or parts of them: 20x5, 'mnist1l 20x50', mnist2l, 20x, one_sample, evaluation, build, …",
    '',
  )
  .option('--peers [names]', 'other libraries beside: those installed, or some of jaxjs,tfjs,numpy,jax,torch')
  .option('--json <file>', 'write the numbers here instead of to stdout')
  .action(main);

try {
  await command.parseAsync();
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : error}`);
  // Peers that still run would keep the process.
  process.exit(1);
}
