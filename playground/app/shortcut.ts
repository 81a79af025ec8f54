/** A key for people to read: `+`, `Ctrl I`. */
export interface Shortcut {
  readonly keys: readonly string[];
  /** What it does: `zooms in`. */
  readonly does: string;
}
