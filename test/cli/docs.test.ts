import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { iwaec, succeeds, temporaryFolder, write } from './iwaec.js';

/*
 * The guides as a new user follows them. A block of iwae begins with the name of its file: one of the standard library is
 * quoted, any other is written into the user's folder. A block of console is a command and what it prints.
 */
const root = fileURLToPath(new URL('../../', import.meta.url));
const guides = readdirSync(join(root, 'docs')).filter(name => name.startsWith('adding-'));
const folder = temporaryFolder();

/** First line and rest of every block in this language. */
const blocksOf = (text: string, language: string, opening: string) =>
  [...text.matchAll(new RegExp(`^\`\`\`${language}\n${opening}(.*)\n([^]*?)^\`\`\`$`, 'gm'))].map(
    ([, first, rest]) => ({ first: first!, rest: rest! }),
  );

/** What was measured differs in its last digits from one machine to another. */
const masked = (text: string) => text.replaceAll(/\d+\.\d(e-\d+)?(?= {2})/g, '#').replaceAll(/ +/g, ' ');

describe.each(guides)('docs/%s', guide => {
  const own = join(folder, guide);
  const text = readFileSync(join(root, 'docs', guide), 'utf8');
  const programs = blocksOf(text, 'iwae', '// ');
  const sessions = blocksOf(text, 'console', '\\$ iwaec ');
  mkdirSync(own);
  const isQuote = (name: string) => name.startsWith('stdlib/');
  for (const { first, rest } of programs) if (!isQuote(first)) write(own, first, rest);

  it('has no block that is not tried', () => {
    expect(2 * (programs.length + sessions.length)).toBe(text.match(/^```/gm)!.length);
    expect(Math.min(programs.length, sessions.length)).toBeGreaterThan(1);
  });

  it.each(programs)('$first', async ({ first, rest }) => {
    if (isQuote(first)) return expect(readFileSync(join(root, first), 'utf8')).toContain(rest);
    await succeeds(own, 'check', first);
    await succeeds(own, 'fmt', '--check', first);
  });

  it.each(sessions)('iwaec $first', async ({ first, rest }) => {
    const outcome = await iwaec(own, ...first.split(' '));
    expect(masked(outcome.stdout)).toBe(masked(rest));
    expect(outcome.code).toBe(/BIASED|WRONG/.test(rest) ? 1 : 0);
  });
});
