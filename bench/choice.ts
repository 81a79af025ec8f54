/**
 * The cases that `--only` takes: for each part of its list the case of that very name, else those that have it as a word of
 * their name (`20x5`), else those whose name holds it (`20x`). Nothing takes all.
 * @throws Error where a part takes none
 */
export function chosenCases(names: readonly string[], only: string): ReadonlySet<string> {
  const parts = only
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '');
  return new Set(parts.length === 0 ? names : parts.flatMap(part => casesOf(names, part)));
}

function casesOf(names: readonly string[], part: string): readonly string[] {
  const ways: readonly ((name: string) => boolean)[] = [
    name => name === part,
    name => name.split(' ').includes(part),
    name => name.includes(part),
  ];
  const chosen = ways.map(fits => names.filter(fits)).find(found => found.length > 0);
  if (chosen === undefined) throw new Error(`no case is called '${part}'; there are ${names.join(', ')}`);
  return chosen;
}
