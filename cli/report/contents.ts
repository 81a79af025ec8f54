import type { Session, Tensor } from '../../runtime/index.js';
import { evaluationSplit, rowCount } from '../data.js';
import { runtime } from '../doors.js';
import { logActivity } from '../evaluation/events.js';
import type { OpenRun } from '../open-run.js';
import { above, grid, type Picture } from '../pictures.js';
import { drawSamples, shownVariable } from '../sample-picture.js';
import { type LatentMap, latentMap } from './latent-map.js';
import { type Comparable, knownData } from './published.js';
import { bestEvaluation, type EpochPoint, type LoggedEvaluation, readLog } from './run-log.js';

/** Everything that the report shows of one run. */
export interface RunContents {
  readonly name: string;
  readonly model: string;
  readonly comparable: Comparable;
  /** What a reader is told the data is. */
  readonly dataText: string;
  readonly step: number;
  /** Epochs done, of the run's goal. */
  readonly epochsDone: number | null;
  readonly epochsGoal: number;
  readonly epochs: readonly EpochPoint[];
  /** Of held-out rows. */
  readonly validation: readonly EpochPoint[];
  readonly evaluation: LoggedEvaluation | null;
  readonly samples: Picture;
  /** Null without data. */
  readonly reconstructions: { readonly split: 'train' | 'test'; readonly picture: Picture } | null;
  readonly activity: Activity | null;
  readonly map: LatentMap | null;
}

export interface Activity {
  readonly split: 'train' | 'test';
  readonly images: number;
  readonly k: number;
  readonly layers: readonly {
    readonly name: string;
    readonly active: number;
    readonly logActivity: readonly number[];
  }[];
}

export const shown = { samples: 64, reconstructions: 10 } as const;
/** Of the histogram of activity: the images of Burda et al. (2016), and enough samples for the layers above the first. */
const activitySample = { images: 500, k: 50 } as const;

export async function contentsOf(name: string, { run, session, data }: OpenRun): Promise<RunContents> {
  const { config } = run;
  const { model, training } = session.program;
  const hasData = rowCount(data, evaluationSplit(data)) > 0;
  const log = readLog(run.folder);
  const trainRows = (config.splits.train?.rows ?? 0) - (config.validation?.rows ?? 0);
  const perEpoch = Math.floor(trainRows / training.batch);
  return {
    name,
    model: model.name,
    comparable: {
      data: config.data.train === config.data.test ? knownData(config.data.train ?? '') : null,
      binarise: config.binarise,
      latents: model.latents.map(({ shape }) => shape.reduce((product, size) => product * size, 1)),
      bound: model.bound,
    },
    dataText: config.splits.train?.name ?? 'unknown data',
    step: session.step,
    epochsDone: perEpoch > 0 ? session.step / perEpoch : null,
    epochsGoal: config.epochs,
    epochs: log.epochs,
    validation: log.validation,
    evaluation: bestEvaluation(log, session.step),
    samples: await drawSamples(session, shown.samples),
    reconstructions: hasData ? await reconstructions(session, data) : null,
    activity: hasData ? await activityOf(session, data) : null,
    map: await latentMap(session, data),
  };
}

type Data = OpenRun['data'];

async function reconstructions(
  session: Session,
  data: Data,
): Promise<NonNullable<RunContents['reconstructions']>> {
  const split = evaluationSplit(data);
  const count = Math.min(shown.reconstructions, rowCount(data, split));
  const rows = Array.from({ length: count }, (_, row) => row);
  const { name, element } = shownVariable(session);
  const { data: seen, means } = await session.reconstruct(rows, split);
  return { split, picture: grid(above(seen[name]!, means[name]!, count), element, count) };
}

async function activityOf(session: Session, data: Data): Promise<Activity | null> {
  const { countActive, unitActivity } = await runtime();
  const split = rowCount(data, 'train') > 0 ? 'train' : 'test';
  const images = Math.min(activitySample.images, rowCount(data, split));
  const rows = Array.from({ length: images }, (_, row) => row);
  const { k } = activitySample;
  const evaluation = await session.evaluate({ k, split, rows });
  if (evaluation === null) return null;
  const layers = Object.entries(evaluation.means).map(([name, means]: [string, Tensor]) => {
    const { variances } = unitActivity(means);
    return { name, active: countActive(variances), logActivity: logActivity(variances) };
  });
  return { split, images, k, layers };
}
