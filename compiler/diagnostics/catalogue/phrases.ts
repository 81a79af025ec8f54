import { listed, quoted } from '../../support/words.js';

/** `did you mean …?`, or what there is to choose from, or nothing. */
export function didYouMean(suggestion: string | null, known: readonly string[] = []): string | null {
  if (suggestion !== null) return `did you mean ${quoted(suggestion)}?`;
  return known.length === 0 ? null : `there ${known.length === 1 ? 'is' : 'are'} ${quotedList(known, 'and')}`;
}

export const quotedList = (names: readonly string[], conjunction: 'and' | 'or'): string =>
  listed(names.map(quoted), conjunction);

/** `[784]`; nothing for one number. */
export const sizes = (shape: readonly number[]): string =>
  shape.length === 0 ? '' : `[${shape.join(', ')}]`;

/** `real[784]`, or just the type for one number. */
export const shaped = (element: string, shape: readonly number[]): string => quoted(element + sizes(shape));

export const an = (noun: string): string => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;

/** A long number with separators. */
export const grouped = (value: number): string => String(value).replaceAll(/\B(?=(\d{3})+$)/g, ' ');
