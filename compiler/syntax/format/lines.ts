/** A line of the result: its code, and the comment at its end. */
export interface Line {
  readonly indent: number;
  readonly code: string;
  readonly comment: string | null;
}

/** What a layout is made of. A group stands on one line if it fits there; otherwise every `line` of its own breaks. */
export type Op =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'line'; readonly flat: string }
  | { readonly kind: 'break'; readonly blank: boolean; readonly extra: number }
  | { readonly kind: 'comment'; readonly text: string }
  | { readonly kind: 'open' }
  | { readonly kind: 'close' }
  | { readonly kind: 'indent'; readonly by: number };

const width = 110;

/** Groups that hold a break, which no width could undo, by the place of their `open`. */
function brokenGroups(ops: readonly Op[]): ReadonlySet<number> {
  const broken = new Set<number>();
  const open: number[] = [];
  ops.forEach(({ kind }, place) => {
    if (kind === 'open') open.push(place);
    else if (kind === 'close') open.pop();
    else if (kind === 'break') {
      for (let outer = open.length - 1; outer >= 0 && !broken.has(open[outer]!); outer--) {
        broken.add(open[outer]!);
      }
    }
  });
  return broken;
}

/** Whether the group that opens at `place`, and what follows up to where a line may end, takes at most `room`. */
function fits(ops: readonly Op[], place: number, room: number): boolean {
  let depth = 0;
  let left = room;
  let isBehind = false;
  for (let index = place; index < ops.length && left >= 0; index++) {
    const op = ops[index]!;
    if (op.kind === 'open') depth++;
    else if (op.kind === 'close') {
      depth--;
      isBehind ||= depth === 0;
    } else if (op.kind === 'text') left -= op.text.length;
    else if (op.kind === 'break') return true;
    else if (op.kind === 'line') {
      if (isBehind) return true;
      left -= op.flat.length;
    }
  }
  return left >= 0;
}

/** Sets lines of at most 110 columns, comments aside, where the groups allow it (Wadler, A prettier printer, 2003). */
export function setLines(ops: readonly Op[]): readonly Line[] {
  const broken = brokenGroups(ops);
  const lines: Line[] = [];
  const flat: boolean[] = [];
  let indent = 0;
  let current = { indent: 0, code: '', comment: null as string | null };
  const end = (next: number) => {
    if (lines.length > 0 || current.code !== '') lines.push({ ...current, code: current.code.trimEnd() });
    current = { indent: next, code: '', comment: null };
  };
  ops.forEach((op, place) => {
    const isFlat = flat[flat.length - 1] ?? false;
    if (op.kind === 'text') current.code += op.text;
    else if (op.kind === 'comment') current.comment = op.text;
    else if (op.kind === 'indent') indent += op.by;
    else if (op.kind === 'close') flat.pop();
    else if (op.kind === 'open') {
      const room = width - current.indent - current.code.length;
      flat.push(isFlat || (!broken.has(place) && fits(ops, place, room)));
    } else if (op.kind === 'break') {
      end(indent + op.extra);
      if (op.blank && lines.length > 0) lines.push({ indent: 0, code: '', comment: null });
    } else if (isFlat) current.code += op.flat;
    else end(indent);
  });
  end(0);
  return lines;
}

/** Comments at the ends of lines start here, or further right where the code of a line leaves them no room. */
const commentColumn = 48;

const codeEnd = ({ indent, code }: Line): number => indent + code.length;

/** Comments on consecutive lines of one indentation start in one column. */
export function printLines(lines: readonly Line[]): string {
  const texts: string[] = [];
  for (let first = 0; first < lines.length; ) {
    const { indent, comment } = lines[first]!;
    let last = first + 1;
    while (comment !== null && lines[last]?.comment != null && lines[last]?.indent === indent) last++;
    const run = lines.slice(first, last);
    const column = Math.max(commentColumn, ...run.map(line => codeEnd(line) + 2));
    for (const line of run) {
      const text = line.code === '' ? '' : ' '.repeat(line.indent) + line.code;
      texts.push(line.comment === null ? text : text.padEnd(column) + line.comment);
    }
    first = last;
  }
  return texts.map(text => `${text}\n`).join('');
}
