import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { coarseBox, densityOf, gridPoints, windowOf } from '../../../cli/report/density-grid.js';
import { html, raw } from '../../../cli/report/html.js';
import { published, publishedFor } from '../../../cli/report/published.js';
import { bestEvaluation, readLog } from '../../../cli/report/run-log.js';

describe('published figures', () => {
  const mnist = { data: 'mnist', binarise: 'dynamic', latents: [50], bound: 'iwae(k=5)' } as const;
  const figures = (run: Parameters<typeof publishedFor>[0]) => publishedFor(run).map(({ nll }) => nll);

  it('stand beside a run of the same data, binarisation, layers, k and objective alone', () => {
    expect(figures(mnist)).toEqual([85.54]);
    expect(figures({ ...mnist, binarise: 'once' })).toEqual([86.97]);
    expect(figures({ ...mnist, latents: [100, 50] })).toEqual([83.89]);
    expect(figures({ ...mnist, bound: 'elbo(k=5)' })).toEqual([86.47]);
    expect(figures({ ...mnist, data: 'binarized_mnist', binarise: 'none' })).toEqual([87.63, 87.61]);
    for (const other of [
      { data: null },
      { binarise: 'none' },
      { latents: [2] },
      { bound: 'iwae(k=6)' },
    ] as const)
      expect(figures({ ...mnist, ...other })).toEqual([]);
  });

  it('take a bound however it is written', () => {
    expect(
      figures({ ...mnist, data: 'binarized_mnist', binarise: 'none', bound: 'power( p=3,k = 50 )' }),
    ).toEqual([86.7]);
    // With one sample the two objectives are one.
    expect(figures({ ...mnist, bound: 'elbo' })).toEqual(figures({ ...mnist, bound: 'iwae(k=1)' }));
    expect(figures({ ...mnist, bound: 'iwae(k=1)' })).toEqual([86.76]);
    const deep = { ...mnist, data: 'omniglot', latents: [100, 50], bound: 'iwae(k=1)' } as const;
    expect(figures(deep)).toEqual([107.58, 107.56]);
  });

  it('have one active count a layer', () => {
    for (const { active, pcaActive, latents, nll } of published) {
      expect(active).toHaveLength(latents.length);
      if (pcaActive !== undefined) expect(pcaActive).toHaveLength(latents.length);
      expect(nll).toBeGreaterThan(80);
    }
  });
});

describe('a page', () => {
  it('escapes whatever is put into it', () => {
    expect(html`<p title="${'"&'}">${'<script>'}${[html`${1}`, raw('<b>')]}</p>`.html).toBe(
      '<p title="&quot;&amp;">&lt;script&gt;1<b></p>',
    );
  });
});

describe('the log of a run', () => {
  const folder = mkdtempSync(join(tmpdir(), 'iwaec-log-'));
  const evaluation = { nll: 90, nll_stderr: 1, elbo: -95, k: 10, images: 100, split: 'test', step: 8 };

  it('is read as far as it goes', () => {
    const lines = [
      { epoch: 0, steps: 2, bound: -200, step: 2 },
      { epoch: 0, steps: 2, bound: -190, step: 4 },
      { epoch: 0, validation_nll: 170, validation_nll_stderr: 1, k: 50, images: 40, step: 4 },
      { epoch: 1, steps: 4, bound: -150, step: 8 },
      { epoch: 1, validation_nll: 160, validation_nll_stderr: 1, k: 50, images: 40, step: 8 },
      evaluation,
      { ...evaluation, nll: 89, k: 50 },
      { ...evaluation, nll: 88, k: 50 },
      { ...evaluation, nll: 70, k: 500, step: 4 },
      { nll: 'much', elbo: null, k: 5 },
    ];
    const text = lines.map(line => JSON.stringify(line)).join('\n');
    writeFileSync(join(folder, 'log.jsonl'), `${text}\nnull\n[]\n{"epoch": 2, "bou`);
    const log = readLog(folder);
    rmSync(folder, { recursive: true });
    expect(log.epochs).toEqual([
      { epoch: 1, bound: -190 },
      { epoch: 2, bound: -150 },
    ]);
    expect(log.validation).toEqual([
      { epoch: 1, bound: -170 },
      { epoch: 2, bound: -160 },
    ]);
    expect(bestEvaluation(log, 8)).toMatchObject({ nll: { mean: 88, stderr: 1 }, k: 50, units: null });
    expect(bestEvaluation(log, 12)).toBeNull();
    expect(readLog(join(folder, 'gone'))).toEqual({ epochs: [], validation: [], evaluations: [] });
  });
});

describe('a grid of densities', () => {
  it('is as fine as asked for, and finds where they are', () => {
    const side = 90;
    const points = gridPoints(coarseBox, side);
    const at = (x: number, y: number, scale: number) =>
      densityOf(
        Float32Array.from({ length: side * side }, (_, i) => {
          const [dx, dy] = [points[2 * i]! - x, points[2 * i + 1]! - y];
          return -1e3 - (dx * dx + dy * dy) / (2 * scale ** 2);
        }),
        side,
      );
    const one = at(1, -2, 0.3);
    expect(Math.max(...one.values)).toBe(1);
    const box = windowOf([one, at(1.5, -2, 0.1)], coarseBox);
    expect(box.right - box.left).toBeCloseTo(box.top - box.bottom, 9);
    // The wider one is visible to 3.7 standard deviations.
    expect(box.left).toBeLessThan(1 - 3.5 * 0.3);
    expect(box.right).toBeGreaterThan(1 + 3.5 * 0.3);
    expect(box.right - box.left).toBeLessThan(3);
    expect((box.bottom + box.top) / 2).toBeCloseTo(-2, 0);
  });
});
