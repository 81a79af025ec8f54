import { fault } from '../../errors.js';
import { largestUnpacked, type NumericArray, typed } from '../array.js';

const newline = 10;
const isSpace = (code: number) => code === 32 || code === 9 || code === 13;

/**
 * Numbers between spaces, one row a line, as in .amat files. Empty lines are passed over.
 * @throws RuntimeFault `data-corrupt`
 */
export function parseText(bytes: Uint8Array, where: string): NumericArray {
  const corrupt = (reason: string) => fault('data-corrupt', { where, reason });
  const { rows, width } = measure(bytes);
  if (rows === 0) throw corrupt('it holds no numbers');
  if (rows * width * 4 > largestUnpacked) throw corrupt(`${rows} rows of ${width} numbers are too many`);
  const values = new Float32Array(rows * width);
  let count = 0;
  let line = 1;
  let inLine = 0;
  const endLine = () => {
    if (inLine !== 0 && inLine !== width) {
      throw corrupt(`line ${line} has ${inLine} numbers, and the first has ${width}`);
    }
    inLine = 0;
    line++;
  };
  for (let start = 0; start < bytes.length; start++) {
    const code = bytes[start]!;
    if (code === newline) endLine();
    if (code === newline || isSpace(code)) continue;
    // Nearly every token of a data set is one digit.
    const isAlone = start + 1 === bytes.length || bytes[start + 1]! <= 32;
    const end = isAlone ? start + 1 : tokenEnd(bytes, start);
    const value = isAlone && code >= 48 && code <= 57 ? code - 48 : numberIn(bytes, start, end);
    if (Number.isNaN(value)) {
      const text = new TextDecoder().decode(bytes.subarray(start, Math.min(end, start + 20)));
      throw corrupt(`line ${line} holds ${JSON.stringify(text)}, which is no number`);
    }
    if (inLine === width) throw corrupt(`line ${line} has more than the ${width} numbers of the first`);
    values[count++] = value;
    inLine++;
    start = end - 1;
  }
  endLine();
  return { shape: [rows, width], values: typed(values) };
}

function tokenEnd(bytes: Uint8Array, start: number): number {
  let end = start + 1;
  while (end < bytes.length && bytes[end] !== newline && !isSpace(bytes[end]!)) end++;
  return end;
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** NaN for what is no finite decimal number. */
function numberIn(bytes: Uint8Array, start: number, end: number): number {
  if (end - start > 64) return Number.NaN;
  const text = new TextDecoder('latin1').decode(bytes.subarray(start, end));
  const value = decimal.test(text) ? Math.fround(Number(text)) : Number.NaN;
  return Number.isFinite(value) ? value : Number.NaN;
}

/** Lines that hold something, and the numbers of the first. */
function measure(bytes: Uint8Array): { readonly rows: number; readonly width: number } {
  let rows = 0;
  let width = 0;
  let empty = true;
  let between = true;
  for (let i = 0; i < bytes.length; i++) {
    const code = bytes[i]!;
    if (code === newline) {
      if (!empty) rows++;
      empty = true;
      between = true;
    } else if (isSpace(code)) {
      between = true;
    } else {
      if (between && rows === 0) width++;
      between = false;
      empty = false;
    }
  }
  return { rows: empty ? rows : rows + 1, width };
}
