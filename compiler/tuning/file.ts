import { type Check, count, isTrue, list, number, oneOf, optional, record, text } from '../program/shape.js';
import { type TunedSchedule, type Tuning, type TuningTarget, tuningTargets } from './tuning.js';

/** The form of `tuning.json`. A schedule of another form is of another version; one of another program is ignored. */
export const tuningVersion = 1;

export interface TuningFile {
  readonly format: 'iwaec-tuning';
  readonly version: typeof tuningVersion;
  readonly adapters: readonly AdapterTuning[];
}

/** What was measured on one device. */
export interface AdapterTuning {
  /** What the device calls itself. */
  readonly adapter: string;
  readonly target: TuningTarget;
  readonly schedules: readonly MeasuredSchedule[];
}

/** A schedule that was faster than the compiler's own. */
export interface MeasuredSchedule {
  readonly hash: string;
  /** For people: the launch that it was measured on. */
  readonly launch: string;
  readonly schedule: TunedSchedule;
  /** Seconds with the compiler's own schedule, and with this one. */
  readonly before: number;
  readonly after: number;
}

/** What came of looking at a value that should be a tuning. */
export type TuningValidation =
  | { readonly kind: 'tuning'; readonly file: TuningFile }
  | { readonly kind: 'other-version'; readonly found: string }
  | { readonly kind: 'invalid'; readonly reason: string };

/** Of a value with a field `kind`: the check of its kind. */
const byKind =
  (kinds: Readonly<Record<string, Check>>): Check =>
  (value, path) => {
    const problem = record({ kind: oneOf(Object.keys(kinds)) })(value, path);
    return problem ?? kinds[(value as { readonly kind: string }).kind]!(value, path);
  };

const stage = byKind({
  pointwise: record({}),
  cooperative: record({ lanes: count(1), along: oneOf(['terms', 'points']) }),
  tiled: record({
    tileRows: count(1),
    tileColumns: count(1),
    tileDepth: count(1),
    threadRows: count(1),
    threadColumns: count(1),
    splits: count(1),
  }),
  blocked: record({ threadRows: count(1), threadColumns: count(1) }),
  broadcast: record({ lanes: count(1), threadRows: count(1), threadColumns: count(1) }),
});

const onGpu = record({
  workgroup: count(1),
  rolled: optional(isTrue),
  jobs: list(record({ block: count(1), stages: list(stage) })),
});

const onCpu = byKind({
  points: record({ lanes: oneOf(['domain', 'reduction']), units: count(1) }),
  product: record({ kept: oneOf(['left', 'right']), tileRows: count(1), tileColumns: count(1) }),
});

const schedulesOf = (schedule: Check): Check =>
  record({ schedules: list(record({ hash: text, launch: text, schedule, before: number, after: number })) });

const adapter: Check = (value, path) =>
  record({ adapter: text, target: oneOf(tuningTargets) })(value, path) ??
  schedulesOf((value as AdapterTuning).target === 'cpu' ? onCpu : onGpu)(value, path);

/** Looks at a value that was read from a file. */
export function validateTuning(value: unknown): TuningValidation {
  const head = record({ format: oneOf(['iwaec-tuning']), version: count(1) })(value, '');
  if (head !== null) return { kind: 'invalid', reason: head };
  const { version } = value as { readonly version: number };
  if (version !== tuningVersion) return { kind: 'other-version', found: String(version) };
  const problem = record({ adapters: list(adapter) })(value, '');
  return problem === null
    ? { kind: 'tuning', file: value as TuningFile }
    : { kind: 'invalid', reason: problem };
}

/** The schedules of these devices; of two for one launch the later one counts. */
export function tuningFor(adapters: readonly AdapterTuning[]): Tuning {
  const of = (wanted: TuningTarget) =>
    new Map(
      adapters
        .filter(({ target }) => target === wanted)
        .flatMap(({ schedules }) => schedules.map(({ hash, schedule }) => [hash, schedule] as const)),
    );
  return { gpu: of('gpu'), software: of('software'), subgroups: of('subgroups'), cpu: of('cpu') };
}

/** The file with what was measured on one device now: hashes that were not measured again stay. */
export function withAdapter(
  file: TuningFile | null,
  measured: AdapterTuning,
  again: ReadonlySet<string>,
): TuningFile {
  const adapters = file?.adapters ?? [];
  const isSame = (each: AdapterTuning) =>
    each.adapter === measured.adapter && each.target === measured.target;
  const kept = adapters
    .filter(isSame)
    .flatMap(({ schedules }) => schedules.filter(({ hash }) => !again.has(hash)));
  return {
    format: 'iwaec-tuning',
    version: tuningVersion,
    adapters: [
      ...adapters.filter(each => !isSame(each)),
      { ...measured, schedules: [...kept, ...measured.schedules] },
    ],
  };
}
