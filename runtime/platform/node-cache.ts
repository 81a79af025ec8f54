import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** The variable that names the cache folder. */
export const cacheVariable = 'IWAEC_CACHE';

type Environment = Readonly<Record<string, string | undefined>>;

/** Relative paths in these variables are ignored, as the XDG Base Directory Specification asks. */
const absolute = (path: string | undefined): string | null =>
  path !== undefined && isAbsolute(path) ? path : null;

/**
 * Where fetched data is kept: what `IWAEC_CACHE` says, else the platform's place for caches (`XDG_CACHE_HOME` or
 * ~/.cache; ~/Library/Caches; %LOCALAPPDATA%).
 */
export function cacheFolder(
  environment: Environment = process.env,
  platform: string = process.platform,
  home: string = homedir(),
): string {
  const chosen = environment[cacheVariable];
  if (chosen !== undefined && chosen !== '') return chosen;
  if (platform === 'win32') {
    return join(absolute(environment.LOCALAPPDATA) ?? join(home, 'AppData', 'Local'), 'iwaec', 'Cache');
  }
  if (platform === 'darwin') return join(home, 'Library', 'Caches', 'iwaec');
  return join(absolute(environment.XDG_CACHE_HOME) ?? join(home, '.cache'), 'iwaec');
}
