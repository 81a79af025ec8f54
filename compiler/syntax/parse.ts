import { EOF, type IToken } from 'chevrotain';
import { type Diagnostic, diagnose } from '../diagnostics/index.js';
import type { SourceFile } from '../support/source.js';
import type { BoundChoice, Expression, File, Item } from './ast.js';
import { DeclarationParser } from './declarations.js';
import { DocComments } from './docs.js';
import { type LexedFile, lex } from './lexer.js';
import { limits } from './limits.js';
import { StopParsing } from './recovery.js';
import { tooDeep } from './walk.js';

/** Exported for the test that validates the grammar. */
export class Parser extends DeclarationParser {
  private docs = new DocComments('', []);

  constructor(validate = false) {
    super(validate);
    this.performSelfAnalysis();
  }

  protected override docOf(first: IToken): string | null {
    return this.docs.above(first.startOffset);
  }

  parseFile(source: SourceFile, lexed: LexedFile): { items: Item[]; problems: Diagnostic[] } {
    const unreadable = lexed.diagnostics.filter(({ code }) => code === 'unexpected-character');
    this.begin(
      source,
      lexed.tokens,
      unreadable.map(({ span }) => span.start),
    );
    this.docs = new DocComments(source.text, lexed.comments);
    this.items.length = 0;
    this.untilStopped(() => this.file());
    return { items: [...this.items], problems: this.problems };
  }

  private untilStopped<Value>(parse: () => Value): Value | null {
    try {
      return parse();
    } catch (error) {
      // A small stack (a worker's) can be full before the nesting limit is reached.
      if (error instanceof RangeError && this.depth > fewLevels) this.problems.push(this.stackFull());
      else if (!(error instanceof StopParsing)) throw error;
      return null;
    }
  }

  private readonly onlyBound = this.RULE('onlyBound', () =>
    this.whole(() => this.SUBRULE(this.choice, { ARGS: [this.LA(1).startOffset] })),
  );
  private readonly onlyExpression = this.RULE('onlyExpression', () =>
    this.whole(() => this.SUBRULE(this.expression)),
  );
  private readonly alone: { readonly [Name in keyof Alone]: () => Alone[Name] | null } = {
    bound: () => this.onlyBound(),
    expression: () => this.onlyExpression(),
  };

  /** What is the whole text. */
  private whole<Value>(parse: () => Value): Value | null {
    return this.guarded('declarations', () => {
      const value = parse();
      this.ACTION(() => {
        if (this.LA(1).tokenType !== EOF) this.unexpected('nothing more');
      });
      return value;
    });
  }

  parseAlone<Name extends keyof Alone>(
    name: Name,
    source: SourceFile,
    lexed: LexedFile,
  ): { node: Alone[Name] | null; problems: Diagnostic[] } {
    this.begin(source, lexed.tokens, []);
    const node = this.untilStopped(() => this.alone[name]());
    return { node, problems: this.problems };
  }

  private stackFull(): Diagnostic {
    return diagnose('nested-too-deeply', this.spanOf(this.LA(1)), { limit: this.depth });
  }
}

/** Too few to fill a stack: a RangeError before has another cause. */
const fewLevels = 10;

let sharedParser: Parser | null = null;

/** Built on first use: its analysis of the grammar takes longer than parsing a model. */
function parserInstance(): Parser {
  sharedParser ??= new Parser();
  return sharedParser;
}

export interface ParseResult {
  readonly file: File;
  /** In the order of the text. The tree is complete only if there are none. */
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads a source text. Never throws, whatever the text: a part that cannot be read is reported and left out, an
 * expression that cannot be read becomes a Hole. Text that is too large or not text is not read at all.
 */
export function parse(source: SourceFile): ParseResult {
  const refused = refuse(source);
  if (refused) return { file: fileOf(source, []), diagnostics: [refused] };
  const lexed = lex(source);
  const { items, problems } = parserInstance().parseFile(source, lexed);
  const deep: Diagnostic[] = [];
  const kept = items.filter(item => {
    const node = tooDeep(item, limits.nesting);
    if (node) deep.push(diagnose('nested-too-deeply', node.span, { limit: limits.nesting }));
    return !node;
  });
  return { file: fileOf(source, kept), diagnostics: inOrder([...lexed.diagnostics, ...problems, ...deep]) };
}

/** Parts of a program that can be a text of their own, as on a command line. */
export interface Alone {
  /** What stands behind `bound`, such as `power(p=3, k=50)`. */
  readonly bound: BoundChoice;
  readonly expression: Expression;
}

export interface AloneResult<Node> {
  /** Null where there is nothing that could be one. */
  readonly node: Node | null;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a text that is a part of a program. Never throws. */
export function parseAlone<Name extends keyof Alone>(
  name: Name,
  source: SourceFile,
): AloneResult<Alone[Name]> {
  const refused = refuse(source);
  if (refused) return { node: null, diagnostics: [refused] };
  const lexed = lex(source);
  const { node, problems } = parserInstance().parseAlone(name, source, lexed);
  const deep = node && tooDeep(node, limits.nesting);
  const tooMuch = deep ? [diagnose('nested-too-deeply', deep.span, { limit: limits.nesting })] : [];
  const diagnostics = inOrder([...lexed.diagnostics, ...problems, ...tooMuch]);
  return { node: deep ? null : node, diagnostics };
}

const fileOf = (source: SourceFile, items: readonly Item[]): File => ({
  span: { file: source, start: 0, end: source.text.length },
  source,
  items,
});

/** By place, at most the limit, and then a last one that says so. */
function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const sorted = [...diagnostics].sort((a, b) => a.span.start - b.span.start);
  if (sorted.length < limits.errors) return sorted;
  const shown = sorted.slice(0, limits.errors);
  const last = shown[shown.length - 1]!;
  return [...shown, diagnose('too-many-errors', last.span, { limit: limits.errors })];
}

/** A whole-file diagnostic for what cannot be a source text. */
function refuse(source: SourceFile): Diagnostic | null {
  const { text } = source;
  const start = { file: source, start: 0, end: 0 };
  if (text.length > limits.fileLength) {
    const size = `${(text.length / (1 << 20)).toFixed(1)} MiB`;
    return diagnose('file-too-large', start, { limit: '1 MiB', size });
  }
  if (!looksBinary(text)) return null;
  const wide = text.includes('m\0o\0d') || text.includes('\0m\0o') || /^\ufffd\ufffd/.test(text);
  return diagnose('not-text', start, { hint: wide ? 'is it saved as UTF-16? Save it as UTF-8' : null });
}

/** A zero unit, or one tenth of units that are controls or stand for undecodable bytes. */
function looksBinary(text: string): boolean {
  let suspicious = 0;
  for (let offset = 0; offset < text.length; offset++) {
    const unit = text.charCodeAt(offset);
    if (unit === 0) return true;
    const control = (unit < 0x20 && unit !== 9 && unit !== 10 && unit !== 12 && unit !== 13) || unit === 0x7f;
    if (control || unit === 0xfffd) suspicious++;
  }
  return suspicious * 10 > text.length;
}
