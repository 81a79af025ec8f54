/** Says what is wrong with a value found at `path`, or null if nothing is. */
export type Check = (value: unknown, path: string) => string | null;

const describe = (value: unknown): string => {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : (JSON.stringify(value)?.slice(0, 40) ?? 'nothing');
};

const expected = (path: string, what: string, value: unknown) => `${path} is ${describe(value)}, not ${what}`;

const first = (problems: Iterable<string | null>): string | null => {
  for (const problem of problems) if (problem !== null) return problem;
  return null;
};

export const text: Check = (value, path) =>
  typeof value === 'string' ? null : expected(path, 'a text', value);

export const number: Check = (value, path) =>
  typeof value === 'number' && Number.isFinite(value) ? null : expected(path, 'a number', value);

export const isTrue: Check = (value, path) => (value === true ? null : expected(path, 'true', value));

/** A whole number of at least `least`. */
export const count =
  (least: number): Check =>
  (value, path) =>
    Number.isSafeInteger(value) && (value as number) >= least
      ? null
      : expected(path, `a whole number from ${least}`, value);

export const oneOf =
  (allowed: readonly string[]): Check =>
  (value, path) =>
    typeof value === 'string' && allowed.includes(value)
      ? null
      : expected(path, `one of ${allowed.join(', ')}`, value);

export const list =
  (item: Check): Check =>
  (value, path) =>
    Array.isArray(value)
      ? first(value.map((element, i) => item(element, `${path}[${i}]`)))
      : expected(path, 'a list', value);

export const triple =
  (item: Check): Check =>
  (value, path) =>
    Array.isArray(value) && value.length === 3
      ? list(item)(value, path)
      : expected(path, 'a list of three', value);

/** What it checks, or nothing. */
export const optional =
  (present: Check): Check =>
  (value, path) =>
    value === undefined ? null : present(value, path);

/** At least these fields. */
export const record =
  (fields: Readonly<Record<string, Check>>): Check =>
  (value, path) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return expected(path, 'an object', value);
    return first(
      Object.entries(fields).map(([name, check]) => {
        const field: unknown = Object.hasOwn(value, name)
          ? (value as Readonly<Record<string, unknown>>)[name]
          : undefined;
        return check(field, path === '' ? name : `${path}.${name}`);
      }),
    );
  };
