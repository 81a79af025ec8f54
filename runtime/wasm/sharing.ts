/** Whether this engine makes a shared memory here: some do only where a page is cross-origin isolated. */
export function canShareMemory(): boolean {
  try {
    new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    return true;
  } catch {
    return false;
  }
}

/** The import of `env.memory` up to the flags of its limits: a memory (2) with a maximum, shared (3). */
const sharedImport = [...new TextEncoder().encode('\x03env\x06memory'), 2, 3];
const withMaximum = 1;

/**
 * The same module over a memory that is not shared, which one thread does as well with: the kernels have no atomic
 * instruction. See the binary format of limits in the threads proposal of WebAssembly.
 */
export function forUnsharedMemory(binary: Uint8Array): Uint8Array {
  const start = binary.findIndex((_, at) => sharedImport.every((byte, i) => binary[at + i] === byte));
  if (start < 0) return binary;
  const copy = binary.slice();
  copy[start + sharedImport.length - 1] = withMaximum;
  return copy;
}
