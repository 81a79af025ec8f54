import { readFileSync, rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { exitCodes, exitOfFault } from '../../../cli/exit-codes.js';
import { Failure } from '../../../cli/failure.js';
import { explained } from '../../../cli/report.js';
import { CompilerBug } from '../../../compiler/index.js';
import { fault, faultCodes } from '../../../runtime/index.js';

describe('whatever is thrown is explained', () => {
  it('a bug of the compiler, with a file for the report', async () => {
    const failure = await explained(new CompilerBug('an axis is gone', 'node 1 = …'));
    expect(failure).toMatchObject({ exit: 'internal', code: 'bug' });
    expect(failure.message).toMatch(/this is a bug of iwaec: an axis is gone/);
    const [path = ''] = /\S+iwaec-bug-\S+\.txt/.exec(failure.help ?? '') ?? [];
    const text = readFileSync(path, 'utf8');
    rmSync(path);
    expect(text).toContain('node 1 = …');
    expect(text).toMatch(/^iwaec \d+\.\d+\.\d+, Node v\d+/);
    expect(text).toContain('CompilerBug: an axis is gone');
  });

  it('a fault of the runtime, in its own words', async () => {
    const failure = await explained(
      fault('checkpoint-mismatch', { where: 'a', reason: 'it has two layers' }),
    );
    expect(failure).toMatchObject({ exit: 'data', code: 'checkpoint-mismatch', help: expect.any(String) });
    expect(failure.message).toBe('a: the checkpoint is of another model: it has two layers');
  });

  it('a refusal of the system, without its code', async () => {
    const error = Object.assign(new Error('ENOSPC: no space left on device, write'), {
      code: 'ENOSPC',
      path: 'x/y',
    });
    expect(await explained(error)).toMatchObject({ exit: 'data', message: 'x/y: no space left on the disk' });
  });

  it('a failure of a command, as it is', async () => {
    const failure = new Failure('usage', 'no');
    expect(await explained(failure)).toBe(failure);
  });
});

describe('exit statuses', () => {
  it('are different numbers that a shell can tell', () => {
    const codes = Object.values(exitCodes);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.every(code => code >= 0 && code < 256)).toBe(true);
  });

  it('cover every fault', () => {
    for (const code of faultCodes) expect(exitCodes[exitOfFault[code]], code).toBeGreaterThan(0);
  });
});
