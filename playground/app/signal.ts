/** A value that tells when it changes. */
export interface Signal<Value> {
  get(): Value;
  set(value: Value): void;
  /** Calls `listener` now and after every change; the result ends that. */
  subscribe(listener: (value: Value) => void): () => void;
}

export function signal<Value>(initial: Value): Signal<Value> {
  let current = initial;
  const listeners = new Set<(value: Value) => void>();
  return {
    get: () => current,
    set(value) {
      if (Object.is(value, current)) return;
      current = value;
      for (const listener of [...listeners]) listener(value);
    },
    subscribe(listener) {
      listeners.add(listener);
      listener(current);
      return () => listeners.delete(listener);
    },
  };
}
