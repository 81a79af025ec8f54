/** What a source text may hold at most; each is a diagnostic. */
export const limits = {
  /** UTF-16 units of a source text. */
  fileLength: 1 << 20,
  nesting: 200,
  errors: 50,
} as const;
