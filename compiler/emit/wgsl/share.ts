/** Functions of one job, of which `name(unit, lane)` does one workgroup's part. */
export interface JobText {
  readonly name: string;
  readonly units: number;
  readonly text: string;
}

/** A number that jobs differ in: a private variable of the module. */
export interface SharedNumber {
  readonly name: string;
  readonly type: 'u32' | 'f32';
}

/** Jobs that the same functions do. */
export interface SharedJobs {
  readonly name: string;
  readonly text: string;
  readonly numbers: readonly SharedNumber[];
  /** In the order of the jobs, what the numbers are in each. */
  readonly members: readonly { readonly units: number; readonly values: readonly string[] }[];
}

const numbers = /(?<![\w.])\d+(?:\.\d+)?(?:e[+-]?\d+)?[uf]\b/g;
const comments = /^\/\/ .*\n/gm;

/** The end of a function's name in the texts of a job, without which equal jobs would have equal names. */
export const jobSuffix = (job: number): string => `_job${job}`;

/**
 * Puts jobs together whose texts differ in numbers alone, so that a driver compiles what they do once: the first one's text
 * with a variable for each number, or for each set of numbers that are the same in every job.
 */
export function shareJobs(jobs: readonly JobText[]): readonly SharedJobs[] {
  const alike = new Map<string, JobText[]>();
  jobs.forEach((job, position) => {
    const code = job.text
      .replaceAll(comments, '')
      .replaceAll(new RegExp(`${jobSuffix(position)}\\b`, 'g'), '');
    const shape = code.replaceAll(numbers, number => `#${number.at(-1)}`);
    alike.set(shape, [...(alike.get(shape) ?? []), job]);
  });
  return [...alike.values()].map((members, position) => shareText(members, `number${position}_`));
}

function shareText(members: readonly JobText[], prefix: string): SharedJobs {
  const [first] = members;
  const written = members.map(({ text }) => text.replaceAll(comments, '').match(numbers) ?? []);
  const variables = new Map<string, SharedNumber & { readonly values: readonly string[] }>();
  let place = 0;
  const code = first!.text.replaceAll(comments, '').replaceAll(numbers, number => {
    const values = written.map(each => each[place]!);
    place++;
    if (values.every(value => value === number)) return number;
    const key = values.join(' ');
    const known = variables.get(key);
    if (known !== undefined) return known.name;
    const type = number.endsWith('f') ? 'f32' : 'u32';
    const name = `${prefix}${variables.size}`;
    variables.set(key, { name, type, values });
    return name;
  });
  const titles = members.map(({ text }) => (text.match(comments) ?? []).join(''));
  return {
    name: first!.name,
    text: `${titles.join('')}${code}`,
    numbers: [...variables.values()].map(({ name, type }) => ({ name, type })),
    members: members.map(({ units }, i) => ({
      units,
      values: [...variables.values()].map(({ values }) => values[i]!),
    })),
  };
}
