/** What stands behind an instruction's code; with an `address` there may be a lane. */
type Immediates =
  | 'none'
  | 'local'
  | 'label'
  | 'function'
  | 'integer'
  | 'vector'
  | 'lane'
  | 'lanes'
  | 'address';

export interface Opcode {
  readonly code: readonly number[];
  readonly immediates: Immediates;
  /** Of an access to memory: log2 of the bytes that it touches. */
  readonly alignment: number;
}

const plain = (code: number, immediates: Immediates = 'none', alignment = 0): Opcode => ({
  code: [code],
  immediates,
  alignment,
});

/** SIMD instructions have a prefix, and a number behind it of seven bits a byte. */
const simd = (code: number, immediates: Immediates = 'none', alignment = 0): Opcode => ({
  code: code < 0x80 ? [0xfd, code] : [0xfd, (code & 0x7f) | 0x80, code >> 7],
  immediates,
  alignment,
});

/**
 * The instructions that kernels are made of, loops and conditions aside.
 * https://webassembly.github.io/spec/core/binary/instructions.html
 */
export const opcodes: ReadonlyMap<string, Opcode> = new Map([
  ['br', plain(0x0c, 'label')],
  ['br_if', plain(0x0d, 'label')],
  ['call', plain(0x10, 'function')],
  ['select', plain(0x1b)],
  ['local.get', plain(0x20, 'local')],
  ['local.set', plain(0x21, 'local')],
  ['local.tee', plain(0x22, 'local')],
  ['i32.load', plain(0x28, 'address', 2)],
  ['i32.load8_u', plain(0x2d, 'address', 0)],
  ['i32.store', plain(0x36, 'address', 2)],
  ['i32.const', plain(0x41, 'integer')],
  ['i32.ne', plain(0x47)],
  ['i32.lt_s', plain(0x48)],
  ['i32.lt_u', plain(0x49)],
  ['i32.gt_u', plain(0x4b)],
  ['i32.ge_u', plain(0x4f)],
  ['i32.add', plain(0x6a)],
  ['i32.sub', plain(0x6b)],
  ['i32.mul', plain(0x6c)],
  ['i32.div_u', plain(0x6e)],
  ['i32.rem_u', plain(0x70)],
  ['i32.and', plain(0x71)],
  ['i32.or', plain(0x72)],
  ['i32.xor', plain(0x73)],
  ['i32.shl', plain(0x74)],
  ['i32.shr_u', plain(0x76)],
  ['v128.load', simd(0x00, 'address', 4)],
  ['v128.load32_splat', simd(0x09, 'address', 2)],
  ['v128.store', simd(0x0b, 'address', 4)],
  ['v128.const', simd(0x0c, 'vector')],
  ['i8x16.shuffle', simd(0x0d, 'lanes')],
  ['i32x4.splat', simd(0x11)],
  ['i32x4.extract_lane', simd(0x1b, 'lane')],
  ['i32x4.replace_lane', simd(0x1c, 'lane')],
  ['f32x4.eq', simd(0x41)],
  ['f32x4.lt', simd(0x43)],
  ['f32x4.le', simd(0x45)],
  ['v128.and', simd(0x4e)],
  ['v128.or', simd(0x50)],
  ['v128.xor', simd(0x51)],
  ['v128.bitselect', simd(0x52)],
  ['v128.load32_lane', simd(0x56, 'address', 2)],
  ['v128.store32_lane', simd(0x5a, 'address', 2)],
  ['v128.load32_zero', simd(0x5c, 'address', 2)],
  ['f32x4.floor', simd(0x68)],
  ['i16x8.extend_low_i8x16_u', simd(0x89)],
  ['i32x4.extend_low_i16x8_u', simd(0xa9)],
  ['i32x4.shl', simd(0xab)],
  ['i32x4.shr_s', simd(0xac)],
  ['i32x4.shr_u', simd(0xad)],
  ['i32x4.add', simd(0xae)],
  ['i32x4.sub', simd(0xb1)],
  ['f32x4.abs', simd(0xe0)],
  ['f32x4.neg', simd(0xe1)],
  ['f32x4.sqrt', simd(0xe3)],
  ['f32x4.add', simd(0xe4)],
  ['f32x4.sub', simd(0xe5)],
  ['f32x4.mul', simd(0xe6)],
  ['f32x4.div', simd(0xe7)],
  ['f32x4.pmin', simd(0xea)],
  ['f32x4.pmax', simd(0xeb)],
  ['i32x4.trunc_sat_f32x4_s', simd(0xf8)],
  ['f32x4.convert_i32x4_s', simd(0xfa)],
  ['f32x4.relaxed_madd', simd(0x105)],
  ['f32x4.relaxed_nmadd', simd(0x106)],
]);

/** What can have instructions in it; a branch to a loop goes back to its beginning. */
export const structured = { block: 0x02, loop: 0x03, if: 0x04 } as const;
export const ends = 0x0b;
export const noResult = 0x40;

/** The types of values that kernels have. */
export const valueTypes: Readonly<Record<string, number>> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };
