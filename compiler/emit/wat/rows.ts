import type { RowsKernel } from '../../kernel/ir.js';
import { frameWords } from '../../program/frame.js';

const frame = (word: number): string => `(i32.load offset=${4 * word} (local.get $frame))`;

/**
 * The rows of a batch; the shuffle is `shuffledRow` of `compiler/program/noise.ts`. Bindings: the row list and, if there
 * is one, the visiting order.
 */
export function rowsBody(kernel: RowsKernel, bindings: readonly string[]): string {
  const pointer = (name: string) => `(i32.load offset=${4 * bindings.indexOf(name)} (local.get $bindings))`;
  const chosen =
    kernel.order === null
      ? `(if ${frame(frameWords.shuffle)} (then (local.set $row (call $shuffledRow (local.get $row)
     ${frame(frameWords.rowCount)} ${frame(frameWords.seedLow)} ${frame(frameWords.seedHigh)} ${frame(frameWords.epoch)}))))`
      : `(local.set $row (i32.load (i32.add ${pointer(kernel.order)} (i32.shl (local.get $row) (i32.const 2)))))`;
  return `(local $i i32) (local $row i32) (local $target i32)
  (local.set $target ${pointer(kernel.buffer)})
  (loop $next
   (local.set $row (i32.rem_u (i32.add ${frame(frameWords.position)} (local.get $i)) ${frame(frameWords.rowCount)}))
   ${chosen}
   (i32.store (local.get $target) (local.get $row))
   (local.set $target (i32.add (local.get $target) (i32.const 4)))
   (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const ${kernel.count}))))`;
}

export const rowsPrelude = `(func $scramble (param $half i32) (param $key i32) (result i32) (local $h i32)
  (local.set $h (i32.xor (local.get $half) (local.get $key)))
  (local.set $h (i32.mul (i32.xor (local.get $h) (i32.shr_u (local.get $h) (i32.const 16))) (i32.const 0x85ebca6b)))
  (local.set $h (i32.mul (i32.xor (local.get $h) (i32.shr_u (local.get $h) (i32.const 13))) (i32.const 0xc2b2ae35)))
  (i32.xor (local.get $h) (i32.shr_u (local.get $h) (i32.const 16))))
(func $shuffledRow (param $row i32) (param $count i32) (param $low i32) (param $high i32) (param $epoch i32) (result i32)
  (local $bits i32) (local $mask i32) (local $key i32) (local $left i32) (local $right i32) (local $next i32)
  (local $round i32)
  (local.set $bits (i32.const 1))
  (block $enough (loop $more
    (br_if $enough (i32.gt_u (local.get $bits) (i32.const 15)))
    (br_if $enough (i32.ge_u (i32.shl (i32.const 1) (i32.shl (local.get $bits) (i32.const 1))) (local.get $count)))
    (local.set $bits (i32.add (local.get $bits) (i32.const 1)))
    (br $more)))
  (local.set $mask (i32.sub (i32.shl (i32.const 1) (local.get $bits)) (i32.const 1)))
  (local.set $key (call $scramble (local.get $low)
    (call $scramble (local.get $high) (call $scramble (local.get $epoch) (i32.const 0x9e3779b9)))))
  (loop $walk
    (local.set $left (i32.shr_u (local.get $row) (local.get $bits)))
    (local.set $right (i32.and (local.get $row) (local.get $mask)))
    (local.set $round (i32.const 0))
    (loop $rounds
      (local.set $next (i32.and (local.get $mask) (i32.xor (local.get $left) (call $scramble (local.get $right)
        (i32.add (local.get $key) (i32.mul (local.get $round) (i32.const 0x9e3779b9)))))))
      (local.set $left (local.get $right))
      (local.set $right (local.get $next))
      (br_if $rounds (i32.lt_u (local.tee $round (i32.add (local.get $round) (i32.const 1))) (i32.const 6))))
    (local.set $row (i32.or (i32.shl (local.get $left) (local.get $bits)) (local.get $right)))
    (br_if $walk (i32.ge_u (local.get $row) (local.get $count))))
  (local.get $row))`;
