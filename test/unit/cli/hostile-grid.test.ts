import { describe, expect, it } from 'vitest';
import { planFrom } from '../../../cli/grid/budget.js';
import { cellsOf } from '../../../cli/grid/grid.js';
import type { Cost } from '../../../cli/grid/measure.js';
import { readGrid } from '../../../cli/grid/read.js';

const read = (text: string) => readGrid({ path: 'grids/small.yaml', text });
const spec = 'defaults: { spec: m.iwae }\n';
const whole = `${spec}axes: { k: [1, 5] }\n`;
const numbers = (count: number) => Array.from({ length: count }, (_, i) => i + 1).join();

/** A grid with one mistake, its code and words of its message: one mistake is told once. */
const wrong: readonly (readonly [string, string, RegExp])[] = [
  ['['.repeat(100_000), 'yaml-syntax', /nested too deeply/],
  ['{a: '.repeat(60_000), 'yaml-syntax', /nested too deeply/],
  [`${whole}---\n${whole}`, 'yaml-syntax', /another document/],
  ['axes: *nothing', 'grid-shape', /references.*are not read/],
  [`${spec}axes: { k: [&one 1, *one] }`, 'grid-shape', /references.*are not read/],
  [`${spec}axes: { k: }`, 'grid-shape', /the axis `k` must be/],
  [`${spec}axes: { kk: [1] }`, 'grid-unknown', /no setting called `kk`/],
  [`${spec}axes: { k: [] }`, 'grid-incomplete', /`k` has no values/],
  [`${spec}axes: { k: [1, 5, 1] }`, 'grid-duplicate', /`1` stands twice/],
  [`${spec}axes: { k: [01] }`, 'grid-value', /`k` cannot be "01"/],
  ['defaults: { spec: "" }\naxes: { k: [1] }', 'grid-value', /`spec` cannot be ""/],
  ['defaults: { spec: "a\\0b" }\naxes: { k: [1] }', 'grid-value', /`spec` cannot be/],
  [`${whole}seeds: []`, 'grid-incomplete', /`seeds` has no values/],
  [`${whole}seeds: [3, 1, 3]`, 'grid-duplicate', /`3` stands twice/],
  [`${whole}seeds: [3, 03]`, 'grid-value', /a seed must be/],
  [`${spec}axes: { k: [${numbers(5000)}] }\nseeds: [${numbers(9999)}]`, 'grid-too-large', /49995000 cells/],
  [`${whole}published:\n  - { k: 7, nll: 1 }`, 'grid-unknown', /no value of `k` called `7`/],
  [`${whole}published: 5`, 'grid-shape', /a line of `published` must be/],
  [`${whole}published:\n  - { k: 1, nll: 1 }\n  - { k: 1, nll: 2 }`, 'grid-duplicate', /stand twice/],
  [`${whole}short: { only: { k: [] } }`, 'grid-incomplete', /`only` leaves no value of `k`/],
];

describe('a hostile grid', () => {
  it.each(wrong.map(([text, ...rest]) => [text.slice(0, 60), text, ...rest] as const))(
    'is told of its one mistake once: %j',
    async (_, text, code, words) => {
      const { findings, grid } = await read(text);
      expect(grid).toBeNull();
      expect(findings.map(finding => finding.code)).toEqual([code]);
      expect(findings[0]!.message).toMatch(words);
    },
  );

  it('has folders and results that are in no one’s way', async () => {
    const labels = ['plan', 'a', 'a.json', 'table.md', '..', 'long'.repeat(100), `${'long'.repeat(100)}er`];
    const values = labels.map((label, i) => `"${label}": { k: ${i + 1} }`).join(', ');
    const { grid } = await read(`${spec}axes: { o: { ${values} } }`);
    const ids = cellsOf(grid!).map(({ id }) => id);
    const names = ids.flatMap(id => [id, `${id}.json`]);
    expect(new Set([...names, 'plan.json', 'table.md']).size).toBe(2 * labels.length + 2);
    // A file is written under a name that is longer by 47 characters at most, and 255 are possible.
    expect(Math.max(...ids.map(id => id.length))).toBeLessThan(200);
  });
});

describe('a budget', () => {
  it('leaves a grid of fewer epochs than stages as it is', () => {
    const cost: Cost = { secondsPerEpoch: 1, secondsPerPair: 1e-5, overhead: 1, testRows: 100, epochs: 1 };
    expect(planFrom([cost], 600, 3)).toMatchObject({ epochs: 1, fullEpochs: 1 });
    expect(() => planFrom([{ ...cost, epochs: 9 }], 4, 3)).toThrow(/3 epochs of each cell take/);
  });
});
