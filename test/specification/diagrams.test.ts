import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { grammar } from './grammar.js';
import { railroadDiagram, railroadText } from './railroad.js';

/*
 * specs/language/grammar.md and its pictures are made here, from the grammar that the parser itself holds: `npm run
 * diagrams` writes them, and any other run fails where they are not what would be written.
 */
const folder = fileURLToPath(new URL('../../specs/language/', import.meta.url));
const rules = grammar();

const page = `# Grammar

This page is made from the parser's own grammar by \`npm run diagrams\`. Blue boxes stand for themselves; the other boxes are
rules, or the tokens \`name\`, \`number\` and \`string\` of [lexis](lexis.md). In the text form, \`{ x }\` is any number of x, \`[ x ]\`
at most one, and \`x % ","\` one or more with a comma between.

What the grammar leaves open is said elsewhere: how operators bind and where a line break matters in
[expressions](expressions.md), which names a place knows in [names](names.md). In \`(…)\` and \`[…]\` a comma may follow the last
item.

${rules.map(rule => `## ${rule.name}\n\n![${rule.name}](grammar/${rule.name}.svg)\n\n\`\`\`ebnf\n${railroadText(rule)}\n\`\`\`\n`).join('\n')}`;

test('the page of the grammar is what `npm run diagrams` writes', async () => {
  await expect(page).toMatchFileSnapshot(`${folder}grammar.md`);
});

test.each(rules.map(rule => [rule.name, rule] as const))(
  'the diagram of %s is what `npm run diagrams` writes',
  async (name, rule) => {
    await expect(railroadDiagram(rule)).toMatchFileSnapshot(`${folder}grammar/${name}.svg`);
  },
);

test('no diagram is left of a rule that is gone', () => {
  const expected = rules.map(({ name }) => `${name}.svg`).sort();
  expect(readdirSync(`${folder}grammar`).sort()).toEqual(expected);
});
