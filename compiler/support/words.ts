/** Small pieces of English for messages. */

/** `a`, `a or b`, `a, b or c`. */
export function listed(items: readonly string[], conjunction: 'and' | 'or'): string {
  if (items.length <= 1) return items[0] ?? '';
  return `${items.slice(0, -1).join(', ')} ${conjunction} ${items[items.length - 1]}`;
}

/** `1 argument`, `3 arguments`. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : plural}`;

/** A piece of the user's text in backquotes. */
export const quoted = (text: string): string => `\`${text}\``;

/** Every line but empty ones moved right. */
export const indented = (text: string, by: string): string => text.replace(/^(?=.)/gm, by);
