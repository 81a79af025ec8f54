const texts = import.meta.glob<string>('../specs/*.iwae', { query: '?raw', import: 'default', eager: true });

export interface Example {
  readonly name: string;
  /** The first comment of the file. */
  readonly title: string;
  readonly text: string;
}

const titleOf = (text: string): string => {
  const comment = /^(?:\/\/.*\n)+/.exec(text)?.[0] ?? '';
  const words = comment
    .replaceAll(/^\/\/ ?/gm, '')
    .replaceAll('\n', ' ')
    .trim();
  return words.split(/[.:](?:\s|$)/)[0]!;
};

/** The shipped specs. */
export const examples: readonly Example[] = Object.entries(texts)
  .map(([path, text]) => ({ name: path.split('/').at(-1)!.replace('.iwae', ''), title: titleOf(text), text }))
  .sort((a, b) => a.name.localeCompare(b.name));

export const firstExample: Example = examples.find(({ name }) => name === 'mnist1l') ?? examples[0]!;
