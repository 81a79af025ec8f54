import wabt from 'wabt';
import { CompilerBug } from '../../support/bug.js';

/** WebAssembly text to a module. What it refuses is a bug of the printer. */
export async function assemble(text: string): Promise<Uint8Array> {
  const { parseWat } = await wabt();
  const features = { simd: true, threads: true, relaxed_simd: true, bulk_memory: true };
  try {
    const parsed = parseWat('kernels.wat', text, features);
    try {
      return parsed.toBinary({}).buffer;
    } finally {
      parsed.destroy();
    }
  } catch (error) {
    throw new CompilerBug(`the WebAssembly text is not valid: ${String(error).slice(0, 2000)}`);
  }
}
