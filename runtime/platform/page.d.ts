/** The part of a page's globals used here; Node's types do not know them. */
declare class Worker {
  constructor(url: URL, options: { readonly type: 'module' });
  postMessage(message: unknown): void;
  onmessage: ((event: { readonly data: never }) => void) | null;
  onerror: ((event: { readonly message?: string; preventDefault(): void }) => void) | null;
  terminate(): void;
}
declare const crossOriginIsolated: boolean | undefined;
