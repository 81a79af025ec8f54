/** Words that can never be a name: each can stand where an expression or a statement may start, or ends one. */
export const reservedWords = ['import', 'let', 'param', 'return', 'fold', 'for', 'in', 'data'] as const;

/** Words that start a declaration; elsewhere they are ordinary names. */
export const declarationWords = [
  'model',
  'function',
  'layer',
  'distribution',
  'bound',
  'reduction',
  'weights',
  'optimizer',
  'schedule',
] as const;

/** Words with a meaning at the start of a member of some block, or in one; elsewhere they are ordinary names. */
export const memberWords = [
  'recognition',
  'generative',
  'train',
  'value',
  'support',
  'noise',
  'state',
  'next',
  'using',
  'epochs',
  'then',
] as const;

export type ReservedWord = (typeof reservedWords)[number];
export type ContextualWord = (typeof declarationWords)[number] | (typeof memberWords)[number];

/** All words of the grammar, for editors. */
export const keywords = { reserved: reservedWords, declarations: declarationWords, members: memberWords };
