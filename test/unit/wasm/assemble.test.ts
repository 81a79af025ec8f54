import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import wabt from 'wabt';
import { check } from '../../../compiler/check/index.js';
import { kernelEntries, tensorGraphs } from '../../../compiler/driver.js';
import { assemble } from '../../../compiler/emit/wat/assemble.js';
import { Bytes } from '../../../compiler/emit/wat/bytes.js';
import { emitModule } from '../../../compiler/emit/wat/index.js';
import { kernelArrays } from '../../../compiler/kernel/scalar.js';
import { layoutParameters } from '../../../compiler/lower/layout.js';
import { stdlibSources } from '../../../stdlib/sources.js';

const { parseWat } = await wabt();
const features = { simd: true, threads: true, relaxed_simd: true };
const reference = (text: string): Uint8Array => parseWat('kernels.wat', text, features).toBinary({}).buffer;

/** The WebAssembly text of a whole program. */
function moduleOf(path: string) {
  const source = { path, text: readFileSync(path, 'utf8') };
  const { model } = check({ source, stdlib: stdlibSources, readImport: () => null });
  const entries = kernelEntries(model!, layoutParameters(model!), tensorGraphs(model!));
  const launches = Object.values(entries).flatMap(({ sequence: { kernels, buffers } }) =>
    kernels.map(kernel => ({ kernel, buffers, bindings: kernelArrays(kernel).map(({ name }) => name) })),
  );
  return emitModule(launches);
}

const inFunction = (body: string): string => `(module (func (result v128) (local $a v128) ${body}))`;

describe('the assembler', () => {
  it.each(['ppca', 'mnist2l', 'mnist1l_vae'])("gives wabt's bytes for every kernel of %s", name => {
    const { plain, relaxed } = moduleOf(`specs/${name}.iwae`);
    for (const text of [plain, relaxed]) expect(Buffer.compare(assemble(text), reference(text))).toBe(0);
  });

  it.each([
    '(v128.const f32x4 -0 1e-45 3.4028235e38 0.1)',
    '(v128.const i32x4 0xffffffff -1 2147483648 0)',
    '(i32x4.splat (i32.const -64))',
    '(i32x4.splat (i32.const 64))',
    '(i32x4.splat (i32.const 0x85ebca6b))',
    '(i32x4.replace_lane 3 (local.get $a) (i32.const -2147483648))',
    '(block $out (loop $in (br_if $out (i32.const 1)) (if (i32.const 0) (then (br $in) (br $out))))) (local.get $a)',
  ])("gives wabt's bytes for %s", body => {
    const text = inFunction(body);
    expect([...assemble(text)]).toEqual([...reference(text)]);
  });

  it.each([
    ['(f64x2.add (local.get $a) (local.get $a))', /another instruction than f64x2\.add/],
    ['(local.get $b)', /nothing of the name '\$b'/],
    ['(call $nobody)', /nothing of the name '\$nobody'/],
    ['(block $a (br $b))', /no branch to \$b/],
    ['(i32x4.splat (i32.const many))', /'many' where a number should be/],
    ['(i32x4.splat (i32.const 1.5))', /1\.5 where an integer should be/],
    ['(v128.const f32x4 0 0 0 NaN)', /'NaN' where a number should be/],
    ['(v128.const i32x4 0 0)', /more for v128\.const/],
  ])('refuses %s', (body, reason) => {
    expect(() => assemble(inFunction(body))).toThrow(reason);
  });
});

it.each(['(module (func (param i32', '(module (type $t (func', '(module'])(
  'refuses %s, which does not end',
  text => {
    expect(() => assemble(text)).toThrow(/the WebAssembly text should have/);
  },
);

describe('numbers in the binary format', () => {
  it.each([
    [0, [0]],
    [63, [63]],
    [64, [0xc0, 0]],
    [-64, [0x40]],
    [-65, [0xbf, 0x7f]],
    [0x7fffffff, [0xff, 0xff, 0xff, 0xff, 0x07]],
    [-0x80000000, [0x80, 0x80, 0x80, 0x80, 0x78]],
  ])('%i is as short as it can be', (value, expected) => {
    const bytes = new Bytes();
    bytes.signed(value);
    expect([...bytes.content()]).toEqual(expected);
  });

  it('of more than 31 bits are none too long for a length', () => {
    const bytes = new Bytes();
    bytes.unsigned(0xffffffff);
    expect([...bytes.content()]).toEqual([0xff, 0xff, 0xff, 0xff, 0x0f]);
  });
});
