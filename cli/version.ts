import { readFileSync } from 'node:fs';

/** From package.json, which lies two folders above the built file and one above the source. */
function read(): string {
  for (const above of ['../../package.json', '../package.json']) {
    try {
      const parsed: unknown = JSON.parse(readFileSync(new URL(above, import.meta.url), 'utf8'));
      if (typeof parsed === 'object' && parsed !== null && 'version' in parsed) return String(parsed.version);
    } catch {
      // The other place is tried next.
    }
  }
  return 'unknown';
}

export const version = read();
