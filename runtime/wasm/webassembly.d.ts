/** The part of the WebAssembly JavaScript interface used here; the compiler's libraries declare it for pages only. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array);
    protected readonly brand: 'module';
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>);
    readonly exports: Readonly<Record<string, unknown>>;
  }
  class Memory {
    constructor(descriptor: { readonly initial: number; readonly maximum: number; readonly shared: boolean });
    readonly buffer: ArrayBufferLike;
    /** Pages before. @throws RangeError if there is no room */
    grow(pages: number): number;
  }
  function validate(bytes: Uint8Array): boolean;
  function compile(bytes: Uint8Array): Promise<Module>;
}
