/** Numbers and durations as people read them. */

/** Made when first used: it takes longer than all that most commands say. */
let grouping: Intl.NumberFormat | null = null;

/** 1,234,567 */
export function count(value: number): string {
  grouping ??= new Intl.NumberFormat('en-GB');
  return grouping.format(value);
}

/** 1 row, 2 rows. */
export const counted = (value: number, noun: string, plural = `${noun}s`): string =>
  `${count(value)} ${value === 1 ? noun : plural}`;

/** 86.35; nats are read to a hundredth. */
export const nats = (value: number): string => value.toFixed(2);

/** 12 s, 3 min 05 s, 2 h 07 min. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?';
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (value: number): string => String(value).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** 13.0 µs, 1.24 ms, 2.30 s */
export function shortTime(seconds: number): string {
  if (seconds < 1e-3) return `${(seconds * 1e6).toFixed(1)} µs`;
  return seconds < 0.9995 ? `${(seconds * 1e3).toPrecision(3)} ms` : `${seconds.toFixed(2)} s`;
}

const binaryUnits = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** 3.2 MiB */
export function bytes(value: number): string {
  const power = value < 1 ? 0 : Math.min(binaryUnits.length - 1, Math.floor(Math.log2(value) / 10));
  return `${power === 0 ? value : (value / 1024 ** power).toFixed(1)} ${binaryUnits[power]}`;
}

/** 1.24 G, for counts of operations. */
export function metric(value: number): string {
  const units = ['', ' k', ' M', ' G', ' T', ' P'] as const;
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return power === 0 ? String(value) : `${(value / 1000 ** power).toFixed(2)}${units[power]}`;
}

/** Lines `name  value` with the values below each other. */
export function table(rows: readonly (readonly [string, string])[], indent = '  '): string {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${indent}${name.padEnd(width)}  ${value}`.trimEnd()).join('\n');
}

/** Cells in columns, the first to the left and the others to the right. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)));
  const cell = (text: string, column: number) =>
    column === 0 ? text.padEnd(widths[column]!) : text.padStart(widths[column]!);
  return rows.map(row => `  ${row.map(cell).join('  ')}`.trimEnd()).join('\n');
}

/** How this command line was started, for what a user is told to type next. */
export const invocation = (): string => (process.env.npm_command === 'exec' ? 'npx iwaec' : 'iwaec');

/** A word for the command line, quoted where a shell would split or expand it. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
