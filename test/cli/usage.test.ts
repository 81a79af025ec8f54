import { describe, expect, it } from 'vitest';
import { expectError, iwaec, jsonOf, succeeds, temporaryFolder } from './iwaec.js';

const folder = temporaryFolder();
const commands = [
  'check',
  'check-grad',
  'check-bias',
  'fmt',
  'build',
  'train',
  'eval',
  'sample',
  'reconstruct',
  'report',
  'explain',
  'doctor',
] as const;

describe('help', () => {
  it('lists every command and the exit statuses', async () => {
    const { stdout } = await succeeds(folder, '--help');
    for (const command of commands) expect(stdout).toContain(`\n  ${command} `);
    expect(stdout).toContain('Exit status:');
  });

  it.each(commands)('%s explains itself with an example', async command => {
    const { stdout } = await succeeds(folder, command, '--help');
    expect(stdout).toContain(`Example:\n  $ iwaec ${command}`);
    for (const option of ['--seed', '--device', '--threads', '--json', '--debug'])
      expect(stdout).toContain(option);
  });

  it('is shown when no command is given', async () => {
    const outcome = await iwaec(folder);
    expect(outcome.code).toBe(2);
    expect(outcome.stdout).toContain('Commands:');
  });

  it('gives the version of package.json', async () => {
    const { stdout } = await succeeds(folder, '--version');
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('wrong usage', () => {
  it.each([
    [['trian'], /unknown command 'trian'[\s\S]*Did you mean train\?/],
    [['train', 'x.iwae', '--epcohs', '1'], /unknown option '--epcohs'[\s\S]*Did you mean --epochs\?/],
    [['train'], /missing required argument 'spec'/],
    [['check', 'a', 'b'], /too many arguments/],
    [
      ['train', 'x.iwae', '--epochs', '-1'],
      /'--epochs <count>' argument '-1' is invalid\. It must be a whole number, 1 or more/,
    ],
    [['train', 'x.iwae', '--batch', '2.5'], /'2\.5' is invalid\. It must be a whole number/],
    [['eval', 'run', '--k', '0'], /'--k <list>' argument '0' is invalid/],
    [['eval', 'run', '--k', '1e3'], /'1e3' is invalid/],
    [['eval', 'run', '--k', '5,,50'], /'5,,50' is invalid.*whole number/],
    [['eval', 'run', '--k', '5,many'], /'5,many' is invalid/],
    [['eval', 'run', '--images', '0'], /'--images <count>' argument '0' is invalid/],
    [['eval', 'run', '--units', 'some'], /Allowed choices are evaluated, train/],
    [
      ['check', 'x.iwae', '--seed', 'abc'],
      /'abc' is invalid\. It must be a whole number from 0 to 2\^64 - 1/,
    ],
    [['check', 'x.iwae', '--seed', '18446744073709551616'], /is invalid/],
    [['check', 'x.iwae', '--device', 'abacus'], /Allowed choices are auto, webgpu, cpu/],
    [['build', 'x.iwae', '--emit', 'tensr'], /It must be one of ast, model, tensor, kernel, wgsl/],
    [
      ['train', 'x.iwae', '--binarize', 'maybe'],
      /It must be one of dynamic, per-epoch, once, threshold, none/,
    ],
    [['train', 'x.iwae', '--resume', '--force'], /give one of them/],
    [['check', 'nowhere.iwae'], /nowhere\.iwae: there is no such file/],
    [['check', '.'], /this is a folder/],
  ] as const)('iwaec %j', async (args, words) => {
    expectError(await iwaec(folder, ...args), 2, words);
  });

  it('is one JSON object on stdout with --json', async () => {
    const outcome = await iwaec(folder, 'eval', 'run', '--k', '0', '--json');
    expect(outcome.code).toBe(2);
    expect(jsonOf(outcome)).toMatchObject({ error: { code: 'usage', help: 'see `iwaec eval --help`' } });
  });

  it('of a folder that is no run says so', async () => {
    expectError(await iwaec(folder, 'eval', 'nowhere'), 3, /nowhere: there is no such folder/);
    expectError(await iwaec(folder, 'sample', '.'), 3, /not the folder of a run/);
  });

  it('shows a stack trace only with --debug', async () => {
    const { stderr } = await iwaec(folder, 'sample', '.', '--debug');
    expect(stderr).toMatch(/^\s+at .+/m);
  });
});

describe('explain', () => {
  it('shows the page of a code, and lists codes without one', async () => {
    const { stdout } = await succeeds(folder, 'explain', 'support-mismatch');
    expect(stdout).toContain('# error[support-mismatch]: ');
    expect(stdout).toContain('Right');
    const listed = await succeeds(folder, 'explain');
    expect(listed.stdout.split('\n')).toContain('support-mismatch');
  });

  it('knows what was meant', async () => {
    const outcome = await iwaec(folder, 'explain', 'suport-mismatch');
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).toContain('did you mean support-mismatch?');
  });
});

describe('doctor', () => {
  it('tells what the machine has', async () => {
    const outcome = await iwaec(folder, 'doctor', '--json', '--device', 'cpu', '--threads', '3');
    expect(outcome.code).toBe(0);
    expect(jsonOf(outcome)).toMatchObject({
      node: process.version,
      iwaec: expect.any(String),
      chosen: 'CPU, 3 threads (asked for with --device cpu)',
    });
    expect(outcome.stderr).toContain('webgpu adapter');
  });
});
