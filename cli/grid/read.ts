import { basename, dirname, resolve } from 'node:path';
import { isSeq, type Node } from 'yaml';
import type { Finding, SourceFile } from '../../compiler/index.js';
import { named } from '../data.js';
import { shown } from '../spec.js';
import {
  type Entry,
  entriesOf,
  Findings,
  itemsOf,
  readYaml,
  reportUnknown,
  requireText,
  textOf,
} from './document.js';
import { type Axis, type FigureName, figureNames, type Grid, type Published, type Short } from './grid.js';
import { isSettingName, type Settings, settingNamed, settingNames, wrongValue } from './settings.js';

const parts = ['title', 'source', 'defaults', 'axes', 'seeds', 'published', 'short'] as const;
type Part = (typeof parts)[number];

const longestFile = 2 ** 18;

/** More cells than this are taken for a mistake. */
const mostCells = 10_000;

export interface ReadGrid {
  readonly findings: readonly Finding[];
  /** Null where there is a mistake. */
  readonly grid: Grid | null;
}

/** Reads a grid, and says all that is wrong with it. */
export async function readGrid(file: SourceFile): Promise<ReadGrid> {
  const findings = new Findings(file);
  if (file.text.length > longestFile) {
    findings.report(null, 'grid-too-large', `it has more than ${longestFile} characters`);
    return { findings: findings.list, grid: null };
  }
  const top = readYaml(file, findings);
  if (findings.list.length > 0) return { findings: findings.list, grid: null };
  const grid = await new GridReader(file, findings).read(top);
  const inOrder = [...findings.list].sort((a, b) => a.span.start - b.span.start);
  return { findings: inOrder, grid: inOrder.length > 0 ? null : grid };
}

class GridReader {
  readonly #file: SourceFile;
  readonly #findings: Findings;
  readonly #folder: string;

  constructor(file: SourceFile, findings: Findings) {
    this.#file = file;
    this.#findings = findings;
    this.#folder = dirname(file.path);
  }

  async read(top: Node | null): Promise<Grid> {
    const found = new Map<Part, Entry>();
    for (const entry of entriesOf(top, 'a grid', this.#findings)) {
      if (isPart(entry.key)) found.set(entry.key, entry);
      else await reportUnknown(entry.keyNode, entry.key, 'part of a grid', parts, this.#findings);
    }
    const text = (part: Part) => {
      const entry = found.get(part);
      return entry === undefined ? null : requireText(entry.value, entry.keyNode, part, this.#findings);
    };
    const value = (part: Part) => found.get(part)?.value ?? null;
    const axes = await this.#axes(found.get('axes') ?? null, top);
    const defaults = found.has('defaults') ? await this.#settings(value('defaults'), '`defaults`') : {};
    this.#requireSpec(defaults, axes, found.get('axes')?.keyNode ?? top);
    const seeds = found.has('seeds') ? this.#seeds(found.get('seeds')!) : ['0'];
    this.#requireFew(axes, seeds, found.get('axes')?.keyNode ?? top);
    return {
      path: this.#file.path,
      title: text('title') ?? basename(this.#file.path).replace(/\.ya?ml$/, ''),
      source: text('source'),
      defaults,
      axes,
      seeds,
      published: found.has('published') ? await this.#published(value('published'), axes) : [],
      short: found.has('short') ? await this.#short(value('short'), axes) : null,
    };
  }

  async #axes(entry: Entry | null, top: Node | null): Promise<readonly Axis[]> {
    if (entry === null) {
      this.#findings.report(top, 'grid-incomplete', 'a grid needs `axes`: what differs between its cells');
      return [];
    }
    const axes: Axis[] = [];
    for (const { key, keyNode, value } of entriesOf(entry.value, '`axes`', this.#findings)) {
      const isQuiet = this.#findings.quietSoFar();
      const values =
        textOf(value) === null && !isList(value)
          ? await this.#named(key, value)
          : await this.#listed(key, keyNode, value);
      if (values.size === 0 && isQuiet())
        this.#findings.report(keyNode, 'grid-incomplete', `the axis \`${key}\` has no values`);
      axes.push({ name: key, values });
    }
    return axes;
  }

  #requireFew(axes: readonly Axis[], seeds: readonly string[], at: Node | null): void {
    const cells = axes.reduce((product, { values }) => product * Math.max(values.size, 1), seeds.length);
    if (cells > mostCells)
      this.#findings.report(at, 'grid-too-large', `these are ${cells} cells; ${mostCells} is the most`);
  }

  #reportTwice(node: Node | null, text: string): void {
    this.#findings.report(node, 'grid-duplicate', `\`${text}\` stands twice`);
  }

  /** `objective: { VAE: { bound: elbo }, … }` */
  async #named(axis: string, node: Node | null): Promise<ReadonlyMap<string, Settings>> {
    const values = new Map<string, Settings>();
    for (const { key, value } of entriesOf(node, `the axis \`${axis}\``, this.#findings)) {
      values.set(key, await this.#settings(value, `\`${key}\``));
    }
    return values;
  }

  /** `k: [1, 5, 50]`: the axis is called as the setting that it sets. */
  async #listed(axis: string, keyNode: Node, node: Node | null): Promise<ReadonlyMap<string, Settings>> {
    const values = new Map<string, Settings>();
    if (!isSettingName(axis)) {
      await reportUnknown(keyNode, axis, 'setting', settingNames, this.#findings);
      return values;
    }
    for (const item of itemsOf(node, `the axis \`${axis}\``, this.#findings)) {
      const text = requireText(item, keyNode, `a value of \`${axis}\``, this.#findings);
      if (text === null) continue;
      if (values.has(text)) this.#reportTwice(item, text);
      values.set(text, await this.#setting(axis, text, item));
    }
    return values;
  }

  async #settings(node: Node | null, what: string): Promise<Settings> {
    let settings: Settings = {};
    for (const { key, keyNode, value } of entriesOf(node, what, this.#findings)) {
      if (!isSettingName(key)) {
        await reportUnknown(keyNode, key, 'setting', settingNames, this.#findings);
        continue;
      }
      const text = requireText(value, keyNode, `\`${key}\``, this.#findings);
      if (text !== null) settings = { ...settings, ...(await this.#setting(key, text, value)) };
    }
    return settings;
  }

  async #setting(name: (typeof settingNames)[number], text: string, node: Node | null): Promise<Settings> {
    const setting = settingNamed(name);
    const expected = wrongValue(setting, text);
    if (expected !== null) {
      this.#findings.report(node, 'grid-value', `\`${name}\` cannot be ${JSON.stringify(text)}`, {
        expected,
      });
      return { [name]: text };
    }
    return { [name]: await this.#located(setting.kind, text) };
  }

  /** Paths are those of files beside the grid's; names of data sets stay. */
  async #located(kind: string, text: string): Promise<string> {
    if (kind === 'spec') return shown(resolve(this.#folder, text));
    if (kind !== 'data') return text;
    return (await named(text)) === text ? text : shown(resolve(this.#folder, text));
  }

  #requireSpec(defaults: Settings, axes: readonly Axis[], at: Node | null): void {
    const everywhere = axes.some(({ values }) =>
      [...values.values()].every(({ spec }) => spec !== undefined),
    );
    if (defaults.spec !== undefined || (axes.length > 0 && everywhere)) return;
    this.#findings.report(at, 'grid-incomplete', 'not every cell has a `spec`', {
      help: 'give one in `defaults`, or for each value of an axis',
    });
  }

  #seeds({ keyNode, value }: Entry): readonly string[] {
    const isQuiet = this.#findings.quietSoFar();
    const seeds = new Set<string>();
    for (const item of itemsOf(value, '`seeds`', this.#findings)) {
      const text = textOf(item);
      if (text === null || !/^(0|[1-9]\d{0,18})$/.test(text))
        this.#findings.report(item, 'grid-value', 'a seed must be a whole number');
      else if (seeds.has(text)) this.#reportTwice(item, text);
      else seeds.add(text);
    }
    if (seeds.size === 0 && isQuiet())
      this.#findings.report(keyNode, 'grid-incomplete', '`seeds` has no values');
    return [...seeds];
  }

  async #published(node: Node | null, axes: readonly Axis[]): Promise<readonly Published[]> {
    const published = new Map<string, Published>();
    for (const item of itemsOf(node, '`published`', this.#findings)) {
      const isQuiet = this.#findings.quietSoFar();
      const found = await this.#publishedLine(item, axes);
      if (!isQuiet()) continue;
      const { labels } = found;
      const absent = axes.filter(({ name }) => labels[name] === undefined).map(({ name }) => `\`${name}\``);
      if (absent.length > 0) {
        this.#findings.report(
          item,
          'grid-incomplete',
          `these figures are of no one cell: ${absent.join(', ')} is not told`,
        );
      }
      const key = JSON.stringify(axes.map(({ name }) => labels[name]));
      if (published.has(key))
        this.#findings.report(item, 'grid-duplicate', 'the figures of this cell stand twice');
      published.set(key, found);
    }
    return [...published.values()];
  }

  async #publishedLine(item: Node, axes: readonly Axis[]): Promise<Published> {
    const labels: Record<string, string> = {};
    const figures: Partial<Record<FigureName, string>> = {};
    for (const { key, keyNode, value } of entriesOf(item, 'a line of `published`', this.#findings)) {
      const text = requireText(value, keyNode, `\`${key}\``, this.#findings);
      if (text === null) continue;
      if (isFigure(key)) figures[key] = text;
      else if (await this.#isLabel(key, keyNode, text, value, axes, figureNames)) labels[key] = text;
    }
    return { labels, figures };
  }

  async #isLabel(
    axis: string,
    keyNode: Node,
    label: string,
    node: Node | null,
    axes: readonly Axis[],
    others: readonly string[] = [],
  ): Promise<boolean> {
    const found = axes.find(({ name }) => name === axis);
    if (found === undefined) {
      await reportUnknown(
        keyNode,
        axis,
        'axis',
        [...axes.map(({ name }) => name), ...others],
        this.#findings,
      );
      return false;
    }
    if (found.values.has(label)) return true;
    await reportUnknown(
      node ?? keyNode,
      label,
      `value of \`${axis}\``,
      [...found.values.keys()],
      this.#findings,
    );
    return false;
  }

  async #short(node: Node | null, axes: readonly Axis[]): Promise<Short> {
    const only = new Map<string, readonly string[]>();
    let settings: Settings = {};
    for (const { key, keyNode, value } of entriesOf(node, '`short`', this.#findings)) {
      if (key === 'settings') {
        settings = await this.#settings(value, '`settings`');
        continue;
      }
      if (key !== 'only') {
        await reportUnknown(keyNode, key, 'part of `short`', ['only', 'settings'], this.#findings);
        continue;
      }
      for (const { key: axis, keyNode: at, value: list } of entriesOf(value, '`only`', this.#findings)) {
        const isQuiet = this.#findings.quietSoFar();
        const labels: string[] = [];
        for (const item of itemsOf(list, `\`${axis}\``, this.#findings)) {
          const label = requireText(item, at, `a value of \`${axis}\``, this.#findings);
          if (label !== null && (await this.#isLabel(axis, at, label, item, axes))) labels.push(label);
        }
        if (labels.length === 0 && isQuiet())
          this.#findings.report(at, 'grid-incomplete', `\`only\` leaves no value of \`${axis}\``);
        only.set(axis, labels);
      }
    }
    return { only, settings };
  }
}

const isPart = (name: string): name is Part => (parts as readonly string[]).includes(name);
const isFigure = (name: string): name is FigureName => (figureNames as readonly string[]).includes(name);
const isList = (node: Node | null): boolean => isSeq(node);
