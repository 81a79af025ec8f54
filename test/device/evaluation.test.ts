import { expect, it } from 'vitest';
import { compile } from '../../compiler/index.js';
import { type Device, datasetOf, openSession, type Session } from '../../runtime/index.js';
import { openCpuDevice } from '../../runtime/node.js';
import { dataRows, latentSize, oneLayer, twoLayers } from '../support/linear-model.js';
import { describeOnDevice, sharedDevice } from './adapter.js';

/** Nats between two devices that round differently, in sums of some terms of a size of ten. */
const tolerance = 1e-3;
const rows = dataRows(23);

async function openOn(device: Device, text: string): Promise<Session> {
  const { artefact } = await compile({ source: { path: 'test.iwae', text }, readImport: () => null });
  const session = await openSession(device, artefact!, { seed: 2 });
  const data = datasetOf('rows', {
    shape: [rows.length, rows[0]!.length],
    values: Float32Array.from(rows.flat()),
  });
  session.bind({ train: { x: data }, test: { x: data } });
  await session.initialise();
  return session;
}

/** Every number within a value, by its place. */
function numbersOf(value: unknown, place = ''): readonly (readonly [string, number])[] {
  if (typeof value === 'number') return place.endsWith('.seconds') ? [] : [[place, value]];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => numbersOf(inner, `${place}.${name}`));
}

const figures = {
  'an evaluation': (session: Session) => session.evaluate({ k: [1, 7, 120] }),
  'an evaluation without some units': (session: Session) =>
    session.evaluate({
      k: 60,
      active: Object.fromEntries(
        session.program.model.latents.map(({ name, shape }) => [
          name,
          Array.from({ length: shape[0]! }, (_, u) => u % 2),
        ]),
      ),
    }),
  densities: (session: Session) => session.densities(latentsOf(session), [3, 20]),
  decoding: (session: Session) => session.decode(latentsOf(session)),
} as const;

const latentsOf = (session: Session) =>
  Object.fromEntries(
    session.program.model.latents.map(({ name, shape: [units = latentSize] }) => {
      const values = Float32Array.from({ length: 61 * units }, (_, i) => Math.sin(i));
      return [name, { shape: [61, units], values }] as const;
    }),
  );

describeOnDevice('figures of an evaluation on WebGPU', () => {
  const device = sharedDevice();

  it('are those of the CPU', async () => {
    const cpu = openCpuDevice({ threads: 1 });
    for (const text of [oneLayer, twoLayers]) {
      const [one, other] = [await openOn(await device(), text), await openOn(cpu, text)];
      const all = { ...figures, surgery: (session: Session) => session.surgery() };
      for (const [name, of] of Object.entries(text === oneLayer ? all : figures)) {
        const [found, expected] = [numbersOf(await of(one)), numbersOf(await of(other))];
        expect(found.map(([place]) => place)).toEqual(expected.map(([place]) => place));
        expect(found.length, name).toBeGreaterThan(3);
        for (const [i, [place, value]] of found.entries()) {
          const size = Math.max(1, Math.abs(expected[i]![1]));
          expect(Math.abs(value - expected[i]![1]) / size, `${name}${place}`).toBeLessThan(tolerance);
        }
      }
      one.dispose();
      other.dispose();
    }
    cpu.dispose();
  });
});
