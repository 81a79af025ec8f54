/** What arrays on a device are made of, and the bytes of one on a GPU. `f16`: the CPU keeps numbers of 16 bits in 32. */
export const elementBytes = { f32: 4, u32: 4, f16: 2 } as const;

export type BufferElement = keyof typeof elementBytes;
