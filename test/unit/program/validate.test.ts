import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Program, validateProgram } from '../../../compiler/program/index.js';
import { tinyArtefact } from '../../support/tiny-program.js';

const { program } = tinyArtefact;

/** The program, read from text, with the value at a path replaced. */
function altered(path: string, value: unknown): unknown {
  const copy: unknown = JSON.parse(JSON.stringify(program));
  const keys = path.split('.');
  const last = keys.pop()!;
  const holder = keys.reduce((inner, key) => (inner as Record<string, unknown>)[key], copy) as Record<
    string,
    unknown
  >;
  holder[last] = value;
  return copy;
}

describe('a program from a file', () => {
  it('is accepted as it was written', () => {
    expect(validateProgram(JSON.parse(JSON.stringify(program)))).toEqual({ kind: 'program', program });
  });

  it('is told apart by its version', () => {
    expect(validateProgram({ format: 'iwaec-program', version: 99 })).toEqual({
      kind: 'other-version',
      found: '99',
    });
  });

  it.each<[string, unknown, RegExp]>([
    ['format', 'zip', /format is "zip"/],
    ['model', null, /model is null, not an object/],
    ['model.k', 0, /model\.k is 0/],
    ['model.data.0.shape', [784, -1], /model\.data\[0\]\.shape\[1\] is -1/],
    ['parameters.0.offset', 1e9, /parameter 'p' ends after/],
    ['buffers.0.role', 'toString', /buffers\[0\]\.role is "toString"/],
    ['buffers.0.element', 'f16', /16 bits an element and is no workspace/],
    ['buffers.1.name', 'parameters', /two buffers/],
    ['kernels.0.bindings.0.buffer', 'elsewhere', /no buffer 'elsewhere'/],
    ['kernels.0.bindings.0.offset', 1e9, /an array of kernel 'initialise' begins after/],
    ['dispatches.0.workgroups', [1, 1], /not a list of three/],
    ['dispatches.0.bindings.0.buffer', 'elsewhere', /no buffer 'elsewhere'/],
    ['dispatches.0.jobs', [[99]], /dispatch 'initialise' has a kernel that does not exist/],
    ['entries.train_step.dispatches.gpu', [99], /entries\.train_step: there is no dispatch 99/],
    ['entries.train_step.launches', [99], /entries\.train_step: there is no kernel 99/],
    ['entries.train_step.results', [], /no result 'bound'/],
    ['entries.evaluate.results.0.shape', [77], /another size/],
    ['entries.sample.results', [], /entries\.sample: there is no result 'mean\.x'/],
    ['entries.reconstruct.results.1.shape', [8], /not lists of the same length/],
    ['entries.sample.results.0.buffer', 'parameters', /no result buffer/],
    ['entries.sample.host', [{ kind: 'clock', clock: 'noon' }], /host\[0\]\.clock is "noon"/],
    [
      'entries.sample.host',
      [{ kind: 'scalar', op: 'constructor', args: [] }],
      /host\[0\]\.op is "constructor"/,
    ],
    ['entries.sample.host', [{ kind: 'scalar', op: 'add', args: [] }], /gives 'add' 0 arguments, not 2/],
    ['states.0.name', 'elsewhere', /no buffer 'state\.elsewhere'/],
  ])('is refused: %s = %j', (path, value, reason) => {
    expect(validateProgram(altered(path, value))).toEqual({
      kind: 'invalid',
      reason: expect.stringMatching(reason),
    });
  });

  it('is accepted or refused, and never throws, whatever stands in any place of it', () => {
    const paths: string[] = [];
    const walk = (value: unknown, path: string) => {
      if (path !== '') paths.push(path);
      if (typeof value !== 'object' || value === null) return;
      for (const [key, inner] of Object.entries(value)) walk(inner, path === '' ? key : `${path}.${key}`);
    };
    walk(program, '');
    const kinds = new Set<string>();
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.jsonValue(), (path, value) => {
        kinds.add(validateProgram(altered(path, value)).kind);
      }),
      { seed: 20160118, numRuns: 2000 },
    );
    expect(kinds.has('invalid')).toBe(true);
    expect(
      fc.sample(fc.jsonValue(), { seed: 1, numRuns: 200 }).map(value => validateProgram(value).kind),
    ).not.toContain('program');
  });

  it('narrows to a program', () => {
    const validation = validateProgram(program);
    const accepted: Program | null = validation.kind === 'program' ? validation.program : null;
    expect(accepted?.model.name).toBe('tiny');
  });
});
