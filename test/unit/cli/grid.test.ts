import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { lastingSchedule, planFrom } from '../../../cli/grid/budget.js';
import { cellLine } from '../../../cli/grid/command-line.js';
import { emitters } from '../../../cli/grid/emit.js';
import { cellsOf, type Grid, matching } from '../../../cli/grid/grid.js';
import type { Cost } from '../../../cli/grid/measure.js';
import { modelOf } from '../../../cli/grid/model.js';
import { readGrid } from '../../../cli/grid/read.js';
import { type Finished, readResult, writeResult } from '../../../cli/grid/results.js';
import { scaledStages, sharesOf, stagesOf } from '../../../cli/grid/stages.js';
import { gridTable } from '../../../cli/grid/table.js';
import { secondsOf } from '../../../cli/options.js';
import { openTerminal } from '../../../cli/terminal.js';

const folder = mkdtempSync(join(tmpdir(), 'iwaec-grid-'));
const specs = fileURLToPath(new URL('../../../specs/', import.meta.url));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const small = `title: Small
defaults: { spec: m.iwae, eval-k: 10 }
axes:
  layers:
    1: { spec: one.iwae }
    2: { spec: two.iwae }
  k: [1, 50]
  objective: { VAE: { bound: elbo }, IWAE: { bound: "power(p=3)" } }
seeds: [0, 7]
published:
  - { layers: 1, k: 50, objective: IWAE, nll: 84.78, active: 25 }
`;

const read = (text: string) => readGrid({ path: 'grids/small.yaml', text });
async function gridOf(text: string): Promise<Grid> {
  const { grid, findings } = await read(text);
  if (grid === null) throw new Error(findings.map(({ message }) => message).join('\n'));
  return grid;
}

describe('a grid', () => {
  it('is the product of its axes and seeds', async () => {
    const cells = cellsOf(await gridOf(small));
    expect(cells).toHaveLength(16);
    expect(new Set(cells.map(({ id }) => id)).size).toBe(16);
    expect(cells[7]).toMatchObject({
      index: 7,
      id: '1_50_iwae_seed7',
      seed: '7',
      labels: { layers: '1', k: '50', objective: 'IWAE' },
      settings: { spec: 'grids/one.iwae', bound: 'power(p=3)', k: '50', 'eval-k': '10' },
    });
    expect(
      matching(
        cells,
        new Map([
          ['k', ['1']],
          ['objective', ['VAE']],
        ]),
      ).map(({ id }) => id),
    ).toEqual(['1_1_vae_seed0', '1_1_vae_seed7', '2_1_vae_seed0', '2_1_vae_seed7']);
  });

  it('is a plain command line for each cell', async () => {
    const cell = cellsOf(await gridOf(small))[6]!;
    expect(cellLine(cell, 'runs/small', { device: 'auto' })).toMatch(
      /^(npx )?iwaec train grids\/one\.iwae --bound 'power\(p=3\)' --k 50 --seed 0 --out runs\/small\/1_50_iwae_seed0 --eval-images 0 && (npx )?iwaec eval runs\/small\/1_50_iwae_seed0 --k 10$/,
    );
  });

  it('holds rows out where it says so', async () => {
    const [cell] = cellsOf(
      await gridOf('defaults: { spec: m.iwae, validation: 400, patience: 5 }\naxes: { k: [1] }'),
    );
    expect(cellLine(cell!, 'runs', { device: 'auto' })).toMatch(
      / --k 1 --validation 400 --patience 5 --seed 0 /,
    );
  });

  it('keeps the names of cells apart whose labels are nearly the same', async () => {
    const grid = await gridOf(
      'defaults: { spec: m.iwae }\naxes: { a: { "k=1": { k: 1 }, "k 1": { k: 1 }, "../..": { k: 2 } } }',
    );
    expect(cellsOf(grid).map(({ id }) => id)).toEqual(['k-1', 'k-1-2', '_']);
  });
});

describe('a wrong grid', () => {
  const place = (text: string, { start }: { readonly start: number }) => {
    const lines = text.slice(0, start).split('\n');
    return `${lines.length}:${lines.at(-1)!.length + 1}`;
  };

  it('is told of every mistake at once, each with its place', async () => {
    const text = `titel: x
defaults: { spec: m.iwae, epoch: 3, binarize: often }
axes:
  objective:
    VAE: { bound: elbo, k: 0 }
published:
  - { objective: VEA, nll: 1 }
  - { nll: 1 }
seeds: [one]
`;
    const { findings, grid } = await read(text);
    expect(grid).toBeNull();
    expect(findings.map(({ code, span, help }) => [place(text, span), code, help])).toEqual([
      ['1:1', 'grid-unknown', 'did you mean `title`?'],
      ['2:27', 'grid-unknown', 'did you mean `epochs`?'],
      ['2:47', 'grid-value', null],
      ['5:28', 'grid-value', null],
      ['7:18', 'grid-unknown', 'did you mean `VAE`?'],
      ['8:5', 'grid-incomplete', null],
      ['9:9', 'grid-value', null],
    ]);
  });

  const wrong: readonly (readonly [string, string])[] = [
    ['', 'grid-shape'],
    ['axes: [', 'yaml-syntax'],
    ['axes: {}', 'grid-incomplete'],
    ['defaults: { spec: a }', 'grid-incomplete'],
    ['axes: { k: [1, 2] }', 'grid-incomplete'],
    ['axes: { k: [1], k: [2] }', 'yaml-syntax'],
    ['axes: { size: [1, 2] }\ndefaults: { spec: a }', 'grid-unknown'],
    ['axes: &a { k: *a }\ndefaults: { spec: a }', 'grid-shape'],
    ['- 1', 'grid-shape'],
    ['axes: '.padEnd(300_000), 'grid-too-large'],
    [`axes: ${'['.repeat(100_000)}`, 'yaml-syntax'],
    ['defaults: { spec: a }\naxes: { k: [1] }\nshort: { only: { k: [2] } }', 'grid-unknown'],
  ];

  it.each(wrong.map(([text, code]) => [text.slice(0, 40), text, code] as const))(
    'is refused: %j',
    async (_, text, code) => {
      const { findings, grid } = await read(text);
      expect(grid).toBeNull();
      expect(findings.map(finding => finding.code)).toContain(code);
    },
  );

  it('never throws, whatever it is', async () => {
    const words = fc.constantFrom(
      'axes',
      'k',
      'defaults',
      'spec',
      ':',
      ' ',
      '\n',
      '  ',
      '{',
      '}',
      '[',
      ']',
      '- ',
      '&a',
      '*a',
      '1',
      '!!js',
      '"',
      '<<',
      '|',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(words, { maxLength: 25 }), async parts => {
        const { findings, grid } = await read(parts.join(''));
        expect(grid === null).toBe(findings.length > 0);
      }),
      { seed: 20160118, numRuns: 500 },
    );
  });
});

describe('a budget', () => {
  const cost = (secondsPerEpoch: number): Cost => ({
    secondsPerEpoch,
    secondsPerPair: 1e-6,
    overhead: 1,
    testRows: 10_000,
    epochs: 3280,
  });

  it('is a time', () => {
    expect(['90s', '10m', '1.5h'].map(secondsOf)).toEqual([90, 600, 5400]);
    expect(['', '10', '-1m', '0s', '10 m', 'm'].map(secondsOf)).toEqual([null, null, null, null, null, null]);
  });

  it('gives each cell the same epochs, as many as fit', () => {
    const plan = planFrom([cost(10), cost(40)], 600);
    expect(plan).toMatchObject({ evalImages: 1000, evalK: 5000 });
    expect(plan.epochs).toBe(Math.floor((600 - 4 - 10) / 50));
    expect(plan.seconds).toBeLessThanOrEqual(600);
    expect(planFrom([cost(0.001)], 600).epochs).toBe(3280);
    expect(planFrom([cost(10), cost(40)], 66).evalK).toBe(5000);
  });

  it('is how long a schedule lasts that is only named', () => {
    expect(lastingSchedule({ schedule: 'cosine' }, 19)).toEqual({ schedule: 'cosine(epochs=19)' });
    expect(lastingSchedule({ schedule: 'cosine(epochs=5)' }, 19)).toEqual({});
    expect(lastingSchedule({}, 19)).toEqual({});
  });

  it('is refused where not one epoch fits', () => {
    expect(() => planFrom([cost(100)], 60)).toThrowError(/1 epoch of each cell take about/);
    expect(() => planFrom([cost(40)], 70, 2)).toThrowError(/2 epochs of each cell take about/);
  });
});

describe('stages', () => {
  const staged = [
    { bound: 'elbo(k=1)', epochs: 3280 },
    { bound: 'iwae(k=50)', epochs: null },
  ];
  const terminal = openTerminal({ json: true, debug: false });

  it('are those that the compiler sees, whether the grid or the spec names them', async () => {
    const spec = relative(process.cwd(), join(specs, 'ppca.iwae'));
    const ofGrid = await modelOf(terminal, { spec, bound: 'elbo for 2 epochs\n then  iwae(5)', k: '7' });
    expect(stagesOf(ofGrid)).toEqual([
      { bound: 'elbo(k=1)', epochs: 2 },
      { bound: 'iwae(k=7)', epochs: null },
    ]);
    const text = readFileSync(spec, 'utf8').replace(
      /bound .*/,
      'bound elbo(k=3) for 4 epochs then iwae(k=5)',
    );
    writeFileSync(join(folder, 'staged.iwae'), text);
    const ofSpec = await modelOf(terminal, { spec: join(folder, 'staged.iwae') });
    expect(stagesOf(ofSpec)).toEqual([
      { bound: 'elbo(k=3)', epochs: 4 },
      { bound: 'iwae(k=5)', epochs: null },
    ]);
  });

  it('keep their shares of a shorter training', () => {
    expect(sharesOf(staged, 5467)).toEqual([3280 / 5467, 2187 / 5467]);
    expect(scaledStages(staged, 10, 5467)).toEqual({ bound: 'elbo(k=1) for 6 epochs then iwae(k=50)' });
    const three = [
      { bound: 'a', epochs: 1 },
      { bound: 'b', epochs: 9 },
      { bound: 'c', epochs: null },
    ];
    expect(scaledStages(three, 5, 100).bound).toBe('a for 1 epochs then b for 1 epochs then c');
    expect(scaledStages(staged.slice(1), 10, 5467)).toEqual({});
  });
});

describe('the table of a grid', () => {
  const finished = (nll: number, more: Partial<Finished> = {}): Finished => ({
    kind: 'finished',
    nll,
    nllStderr: 0.5,
    k: 10,
    images: 100,
    posteriorDivergence: 5,
    active: [20, 5],
    pcaActive: [18, 5],
    binarise: 'dynamic',
    data: 'mnist test',
    epochs: 3,
    ...more,
  });

  it('has a column for each binarisation, and ours beside the published', async () => {
    const grid = await gridOf(small);
    const cells = cellsOf(grid);
    const at = (id: string) => cells.find(cell => cell.id === id)!;
    await writeResult(folder, at('1_50_iwae_seed0'), finished(85));
    await writeResult(folder, at('1_50_iwae_seed7'), finished(86));
    await writeResult(folder, at('2_1_vae_seed0'), finished(88, { binarise: 'none' }));
    await writeResult(folder, at('2_1_iwae_seed0'), { kind: 'failed', code: 'not-finite', message: 'NaN' });
    const lines = gridTable(grid, cells, folder).split('\n');
    expect(lines[2]).toBe(
      '| layers | k | objective | NLL, binarisation dynamic | NLL, binarisation none | NLL, published | active units | active units, published |',
    );
    expect(lines).toContain('| 1 | 50 | IWAE | 85.50 ± 0.50 |  | 84.78 | 20+5 | 25 |');
    expect(lines).toContain('| 2 | 1 | VAE |  | 88.00 ± 0.50 |  | 20+5 |  |');
    expect(lines).toContain('| 2 | 1 | IWAE | failed: not-finite | failed: not-finite |  |  |  |');
  });

  it('takes no result of other settings, nor one that is damaged', async () => {
    const [cell] = cellsOf(await gridOf(small));
    await writeResult(folder, cell!, finished(85));
    expect(readResult(folder, cell!)).toMatchObject({ nll: 85 });
    expect(readResult(folder, { ...cell!, settings: { ...cell!.settings, epochs: '4' } })).toBeNull();
    for (const text of [
      '',
      '{',
      '[]',
      '{"format":"iwaec-cell","version":1}',
      '{"format":"iwaec-cell","version":1,"result":{"kind":"finished","nll":null}}',
    ]) {
      writeFileSync(join(folder, `${cell!.id}.json`), text);
      expect(readResult(folder, cell!)).toBeNull();
    }
  });
});

describe('a job of a cluster', () => {
  const job = async () => {
    const cells = cellsOf(await gridOf(small)).filter(({ index }) => [0, 1, 2, 5].includes(index));
    return { name: 'iwaec-small', cells, words: ['run', "it's.yaml", '--out', 'runs/small'], cpus: 4 };
  };

  it('is a script for Slurm', async () => {
    const text = emitters.slurm(await job());
    expect(text).toMatch(/^#!\/bin\/bash\n#SBATCH --job-name=iwaec-small\n#SBATCH --array=0-2,5\n/);
    execFileSync('bash', ['-n'], { input: text });
  });

  it('is a manifest for Kubernetes', async () => {
    const manifest = parseYaml(emitters.k8s(await job())) as {
      kind: string;
      spec: { completions: number; template: { spec: { containers: { command: string[] }[] } } };
    };
    expect(manifest).toMatchObject({ kind: 'Job', spec: { completions: 4, completionMode: 'Indexed' } });
    const script = manifest.spec.template.spec.containers[0]!.command[2]!;
    expect(script).toMatch(/CELLS=\(0 1 2 5\)/);
    execFileSync('bash', ['-n'], { input: script });
  });

  it('is a program for Ray', async () => {
    const text = emitters.ray(await job());
    expect(text).toContain('CELLS = [0,1,2,5]');
    expect(text).toContain(`"it's.yaml"`);
    expect(text.split('\n').every(line => !line.includes('\t'))).toBe(true);
  });
});

describe('the guide', () => {
  it('shows a grid', async () => {
    const guide = readFileSync(
      fileURLToPath(new URL('../../../docs/experiments.md', import.meta.url)),
      'utf8',
    );
    const [, text = ''] = /```yaml\n([\s\S]*?)```/.exec(guide) ?? [];
    expect(cellsOf(await gridOf(text))).toHaveLength(18);
  });
});

describe('the experiments', () => {
  const experiments = fileURLToPath(new URL('../../../experiments/', import.meta.url));
  const files = readdirSync(experiments).filter(name => name.endsWith('.yaml'));

  it.each(files)('%s is a grid whose figures are each of a cell', async name => {
    const path = relative(process.cwd(), join(experiments, name));
    const { findings, grid } = await readGrid({ path, text: readFileSync(path, 'utf8') });
    expect(findings).toEqual([]);
    expect(grid!.source).toMatch(/table \d+$/);
    const cells = cellsOf(grid!);
    expect(grid!.published.length).toBe(cells.length);
    for (const { settings } of cells) expect(readFileSync(settings.spec!, 'utf8')).toMatch(/^model /m);
  });
});
