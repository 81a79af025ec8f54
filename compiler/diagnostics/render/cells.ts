/** What a terminal shows for a stretch of source text: `column` and `width` count terminal cells. */
export interface Cell {
  /** Offset in the text laid out. */
  readonly start: number;
  readonly end: number;
  readonly shown: string;
  readonly column: number;
  readonly width: number;
}

const tabWidth = 4;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** First and last code points that take two cells: Unicode's East Asian Width W and F, the blocks a source may hold. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x23e9, 0x23ec],
  [0x25fd, 0x25fe],
  [0x2614, 0x2615],
  [0x26aa, 0x26ab],
  [0x2705, 0x2705],
  [0x2728, 0x2728],
  [0x274c, 0x274e],
  [0x2753, 0x2757],
  [0x2795, 0x2797],
  [0x2b1b, 0x2b1c],
  [0x2b50, 0x2b55],
  [0x2e80, 0x303e],
  [0x3041, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x17000, 0x18cff],
  [0x1b000, 0x1b2ff],
  [0x1f004, 0x1f004],
  [0x1f0cf, 0x1f0cf],
  [0x1f18e, 0x1f19a],
  [0x1f200, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f7e0, 0x1f7eb],
  [0x1f900, 0x1faff],
  [0x20000, 0x3fffd],
];

const isWide = (codePoint: number): boolean =>
  wide.some(([first, last]) => first <= codePoint && codePoint <= last);

/** A character that would move the cursor, change its direction or show nothing is replaced by a visible one. */
function visibleCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '␡';
  return '\ufffd';
}

// Controls, the soft hyphen and BOM, bidirectional controls (which can show a line in another order than it is read), lone surrogates.
const invisible =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;

/** Text that is safe to print: no control reaches the terminal, `\n` excepted. */
export const printable = (text: string): string =>
  text.replace(invisible, character => (character === '\n' ? character : visibleCharacter(character)));

function widthOf(grapheme: string): number {
  const first = grapheme.codePointAt(0) ?? 0;
  // An emoji variation selector asks for the two-cell form.
  if (isWide(first) || grapheme.includes('\ufe0f')) return 2;
  return /^\p{Mark}+$/u.test(grapheme) || grapheme === '\u200b' ? 0 : 1;
}

/** Cells of one line of text, in order. */
export function layOut(line: string): readonly Cell[] {
  const cells: Cell[] = [];
  let column = 0;
  for (const { segment, index } of graphemes.segment(line)) {
    const shown = segment === '\t' ? ' '.repeat(tabWidth - (column % tabWidth)) : printable(segment);
    const width = segment === '\t' ? shown.length : widthOf(shown);
    cells.push({ start: index, end: index + segment.length, shown, column, width });
    column += width;
  }
  return cells;
}

export const totalWidth = (cells: readonly Cell[]): number => {
  const last = cells[cells.length - 1];
  return last ? last.column + last.width : 0;
};

/** The column where the text at `offset` starts; past the end, where it would. */
export function columnOf(cells: readonly Cell[], offset: number): number {
  const cell = cells.find(candidate => offset < candidate.end);
  return cell ? cell.column : totalWidth(cells);
}
