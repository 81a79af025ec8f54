import { afterAll, expect, it } from 'vitest';
import { type Compilation, compile } from '../../compiler/index.js';
import { noTuning } from '../../compiler/tuning/tuning.js';
import { type Artefact, type Dataset, type Device, openSession, type Tensors } from '../../runtime/index.js';
import { openCpuDevice } from '../../runtime/node.js';
import { relativeError } from '../numeric/tolerances.js';
import { randomSchedules } from '../support/random-tuning.js';
import { stepOfClass } from '../support/wgsl-program.js';
import { describeOnDevice, sharedDevice } from './adapter.js';

/** After a few steps from one seed, in f32 on two devices: relative to the tensor's largest element, or to 1. */
const tolerance = 1e-4;
const width = 37;

/** None of its sizes is a multiple of any tile. */
const source = (optimizer: string) => `model uneven {
  data x: binary[${width}]

  recognition {
    h ~ gaussian_mlp(x, hidden=[13], size=5)
  }

  generative {
    h ~ normal(0, 1)[5]
    x ~ bernoulli(logits = h |> dense(13, tanh) |> dense(${width}))
  }

  bound iwae(k=3)

  train {
    optimizer ${optimizer}
    batch 7
  }
}
`;

async function compiled(optimizer: string, k: number): Promise<Pick<Compilation, 'artefact' | 'schedules'>> {
  const { artefact, schedules, diagnostics } = await compile({
    source: { path: 'uneven.iwae', text: source(optimizer) },
    readImport: () => null,
    overrides: { k },
    verify: true,
  });
  expect(diagnostics).toEqual([]);
  return { artefact, schedules };
}

type Trained = Readonly<Record<'initial' | 'parameters', Tensors>>;

async function trained(device: Device, artefact: Artefact): Promise<Trained> {
  const session = await openSession(device, artefact, { seed: 5 });
  const rows = 50;
  const bytes = Uint8Array.from({ length: rows * width }, (_, i) => (i * i * 7) % 256);
  const x: Dataset = { name: 'x', rows, width, shape: [width], encoding: 'byte', values: bytes };
  session.bind({ train: { x } });
  await session.initialise();
  const initial = await session.parameters();
  for (const steps of [2, 7]) await session.train({ steps });
  const parameters = await session.parameters();
  session.dispose();
  return { initial, parameters };
}

function expectSame(onGpu: Trained, onCpu: Trained) {
  for (const [name, { values }] of Object.entries(onCpu.parameters)) {
    expect(relativeError(onGpu.parameters[name]!.values, values), name).toBeLessThan(tolerance);
    expect(relativeError(onCpu.initial[name]!.values, values), name).toBeGreaterThan(10 * tolerance);
  }
}

/** A software driver compiles what is meant for a real GPU slowly. */
const timeout = 600_000;

describeOnDevice('an optimizer inside the kernels that make the gradients', () => {
  const gpu = sharedDevice();
  const cpu = openCpuDevice({ threads: 2 });
  afterAll(() => cpu.dispose());

  it.each([
    ['adam(lr=1e-2, eps=1e-3)', 3],
    ['adam(lr=1e-2, eps=1e-3)', 9],
    ['sgd(lr=1e-2, momentum=0.5)', 3],
  ])(
    '%s with k = %i does what the CPU does with gradients that are whole',
    { timeout },
    async (optimizer, k) => {
      const artefact = (await compiled(optimizer, k)).artefact!;
      const forced = stepOfClass(artefact, 'gpu');
      const { kernels, dispatches, entries } = forced.program;
      const names = entries.train_step.dispatches.software
        .flatMap(dispatch => dispatches[dispatch]!.jobs.flat())
        .map(kernel => kernels[kernel]!.name);
      expect(names.filter(name => name.includes('.gradient.') && name.endsWith('.update'))).not.toEqual([]);
      expect(names.filter(name => name.endsWith('.parameters'))).toEqual([]);
      expectSame(await trained(await gpu(), forced), await trained(cpu, artefact));
    },
  );

  it('does so with any schedule, each element once', { timeout }, async () => {
    const { artefact, schedules } = await compiled('adam(lr=1e-2, eps=1e-3)', 9);
    const onCpu = await trained(cpu, artefact!);
    const texts = new Set<string>();
    for (const variation of [1, 2, 3]) {
      const chosen = randomSchedules(schedules!.tunables('gpu'), variation);
      const tuned = stepOfClass(await schedules!.print({ ...noTuning, gpu: chosen }), 'gpu');
      texts.add(JSON.stringify(tuned.wgsl));
      expectSame(await trained(await gpu(), tuned), onCpu);
    }
    expect(texts.size).toBe(3);
  });
});
