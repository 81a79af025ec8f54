import type { AdapterTuning, Artefact, Tuning, TuningFile, TuningTarget } from '../../compiler/index.js';
import type { DeviceInfo } from '../../runtime/index.js';
import { compiler } from '../doors.js';
import { Failure } from '../failure.js';
import type { CompiledSpec } from '../spec.js';
import type { Terminal } from '../terminal.js';
import { counted } from '../words.js';
import { readTuning, tuningBeside } from './file.js';

/** What a command line says: a file, none at all, or nothing. */
export interface TuningWish {
  readonly tuning?: string | false;
}

/** Which schedules a device takes. */
export const targetOf = ({ gpu }: DeviceInfo): TuningTarget => gpu ?? 'cpu';

/** The measured schedules of a spec. */
export interface ChosenTuning {
  readonly path: string;
  readonly file: TuningFile;
}

/**
 * The file that is asked for, else the one beside the spec; null where there is none.
 * @throws Failure `tuning-missing`, `tuning-invalid`
 */
export async function chooseTuning(spec: string, { tuning }: TuningWish): Promise<ChosenTuning | null> {
  if (tuning === false) return null;
  const path = tuning ?? tuningBeside(spec);
  const file = await readTuning(path);
  if (file !== null) return { path, file };
  if (tuning === undefined) return null;
  throw new Failure('data', `${path}: there is no such file`, {
    code: 'tuning-missing',
    help: `make it with \`iwaec tune ${spec} --out ${path}\``,
  });
}

/** The program with the schedules that were measured on this device; without any, as it is. */
export async function tunedFor(
  terminal: Terminal,
  { compilation, artefact }: CompiledSpec,
  device: DeviceInfo,
  chosen: ChosenTuning | null,
): Promise<Artefact> {
  const { schedules } = compilation;
  if (chosen === null || schedules === null) return artefact;
  const target = targetOf(device);
  const own = chosen.file.adapters.filter(each => each.adapter === device.name && each.target === target);
  const { tuningFor } = await compiler();
  const tuning = tuningFor(own);
  const { tuned, launches } = schedules.tuned(target, tuning);
  if (tuned === 0) {
    terminal.note(
      `note: ${chosen.path} ${whyNothing(chosen, own, device)}; the compiler's own schedules are used`,
    );
    return artefact;
  }
  terminal.answer(
    `schedules: ${tuned} of ${counted(launches, 'launch', 'launches')} of a step as measured in ${chosen.path}`,
  );
  return schedules.print(tuning);
}

function whyNothing({ file }: ChosenTuning, own: readonly AdapterTuning[], device: DeviceInfo): string {
  if (own.length > 0) return `has nothing for the launches of this program on '${device.name}'`;
  const names = [...new Set(file.adapters.map(({ adapter }) => `'${adapter}'`))];
  return `was not measured on '${device.name}'${names.length === 0 ? '' : ` but on ${names.join(', ')}`}`;
}

/**
 * The schedules that an artefact is built with: of each class of device one adapter's.
 * @throws Failure where several adapters of a class could be meant
 */
export async function tuningToShip(
  spec: string,
  wish: TuningWish & { readonly adapter?: string },
): Promise<Tuning | null> {
  if (wish.tuning === undefined) return null;
  const chosen = await chooseTuning(spec, wish);
  if (chosen === null) return null;
  const { path } = chosen;
  const { adapters } = chosen.file;
  const wanted =
    wish.adapter === undefined ? adapters : adapters.filter(each => each.adapter === wish.adapter);
  const names = (of: readonly AdapterTuning[]) => of.map(({ adapter }) => `'${adapter}'`).join(', ');
  if (wanted.length === 0) {
    throw new Failure(
      'data',
      `${path} has no schedules${wish.adapter === undefined ? '' : ` for '${wish.adapter}'`}`,
      {
        code: 'tuning-missing',
        help:
          adapters.length === 0
            ? `make some with \`iwaec tune ${spec}\``
            : `it has them for ${names(adapters)}`,
      },
    );
  }
  for (const { target } of wanted) {
    const several = wanted.filter(each => each.target === target);
    if (several.length > 1) {
      throw new Failure('usage', `${path} has schedules for several devices of one kind: ${names(several)}`, {
        code: 'tuning-ambiguous',
        help: 'say with --adapter which of them the program is for',
      });
    }
  }
  const { tuningFor } = await compiler();
  return tuningFor(wanted);
}
