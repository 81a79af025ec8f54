import { CsvError, parse } from 'csv-parse/browser/esm/sync';
import { fault } from '../../errors.js';
import { type StoredData, single, typed } from '../array.js';

/** Columns of classes, by the first line. */
const labelNames: ReadonlySet<string> = new Set(['label', 'class', 'target']);
const largestRecord = 2 ** 24;
/** What a JavaScript string can hold everywhere. */
const longestText = 2 ** 29 - 32;

/**
 * Comma-separated numbers, one row a line. A first line that is no numbers names the columns; one called `label`, `class`
 * or `target` holds a class from 0 to 255 for each row.
 * @throws RuntimeFault `data-corrupt`
 */
export function parseCsv(bytes: Uint8Array, where: string): StoredData {
  const table = new Table(where);
  if (bytes.length > longestText) {
    throw fault('data-corrupt', { where, reason: 'it has more than 2^29 bytes, too many for CSV: use .npy' });
  }
  try {
    // As text: the parser that runs in pages takes no Uint8Array.
    parse(new TextDecoder().decode(bytes), {
      bom: true,
      skip_empty_lines: true,
      trim: true,
      max_record_size: largestRecord,
      relax_column_count: true,
      // Each record is taken up here and none is kept: as text a data set would need many times its room.
      on_record: (record: readonly string[], { lines }: { readonly lines: number }) => {
        table.add(record, lines);
        return null;
      },
    });
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw fault('data-corrupt', { where, reason: `line ${error.lines ?? '?'}: ${error.message}` });
  }
  return table.finish();
}

/** Rows as they come, in blocks that double. */
class Table {
  readonly #where: string;
  #names: readonly string[] | null = null;
  #labelColumn = -1;
  #width = -1;
  #values = new Float32Array(1 << 16);
  #count = 0;
  readonly #labels: number[] = [];

  constructor(where: string) {
    this.#where = where;
  }

  add(record: readonly string[], line: number): void {
    if (this.#width < 0 && this.#begin(record)) return;
    const expected = this.#width + (this.#labelColumn < 0 ? 0 : 1);
    if (record.length !== expected) {
      throw this.#corrupt(`line ${line} has ${record.length} columns, and the first has ${expected}`);
    }
    record.forEach((text, column) => {
      const value = text === '' ? Number.NaN : Math.fround(Number(text));
      if (!Number.isFinite(value)) {
        throw this.#corrupt(
          `line ${line}, column ${column + 1} holds ${JSON.stringify(text.slice(0, 20))}, which is no number`,
        );
      }
      if (column === this.#labelColumn) this.#addLabel(value, line);
      else this.#addValue(value);
    });
  }

  /** Takes the first line for names if it holds no number; true if it does. */
  #begin(record: readonly string[]): boolean {
    const named = record.every(text => text !== '' && Number.isNaN(Number(text)));
    if (named) this.#names = record.map(text => text.toLowerCase());
    this.#labelColumn = this.#names?.findIndex(name => labelNames.has(name)) ?? -1;
    this.#width = record.length - (this.#labelColumn < 0 ? 0 : 1);
    return named;
  }

  #addValue(value: number): void {
    if (this.#count === this.#values.length) {
      const larger = new Float32Array(2 * this.#values.length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#count++] = value;
  }

  #addLabel(value: number, line: number): void {
    if (!Number.isInteger(value) || value < 0 || value > 255) {
      throw this.#corrupt(`line ${line} has the class ${value}, which is not a whole number from 0 to 255`);
    }
    this.#labels.push(value);
  }

  finish(): StoredData {
    const rows = this.#width < 1 ? 0 : this.#count / this.#width;
    if (rows === 0) throw this.#corrupt('it holds no rows of numbers');
    const labels = this.#labelColumn < 0 ? undefined : Uint8Array.from(this.#labels);
    const values = typed(this.#values.slice(0, this.#count));
    return single({ shape: [rows, this.#width], values }, labels);
  }

  #corrupt(reason: string) {
    return fault('data-corrupt', { where: this.#where, reason });
  }
}
