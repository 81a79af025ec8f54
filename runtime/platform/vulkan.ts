import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What a Linux system has of Vulkan before anything of ours is added. */
export interface VulkanFacts {
  /** Whether the dynamic linker finds `libvulkan.so.1`. */
  readonly loader: boolean;
  /** Driver manifests that the loader would read. */
  readonly drivers: readonly string[];
}

/** Variables with which a user names driver manifests; the loader then reads these alone. */
const driverVariables = ['VK_DRIVER_FILES', 'VK_ICD_FILENAMES'] as const;

const namedDrivers = (): readonly string[] =>
  driverVariables
    .flatMap(variable => (process.env[variable] ?? '').split(':'))
    .filter(path => path !== '' && existsSync(path));

const driverFolders = (): readonly string[] => [
  '/etc/vulkan/icd.d',
  '/usr/local/etc/vulkan/icd.d',
  '/usr/local/share/vulkan/icd.d',
  '/usr/share/vulkan/icd.d',
  join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local/share'), 'vulkan/icd.d'),
];

const manifestsIn = (folder: string): readonly string[] =>
  existsSync(folder)
    ? readdirSync(folder)
        .filter(file => file.endsWith('.json'))
        .map(file => join(folder, file))
    : [];

const libraryFolders = (): readonly string[] => [
  ...(process.env.LD_LIBRARY_PATH ?? '').split(':').filter(folder => folder !== ''),
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/lib',
  '/usr/local/lib',
  '/lib64',
  '/lib',
];

/** Dawn warns on stderr when there is no loader, so it is looked for first. */
function hasLoader(): boolean {
  if (libraryFolders().some(folder => existsSync(join(folder, 'libvulkan.so.1')))) return true;
  try {
    return execFileSync('/sbin/ldconfig', ['-p'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).includes('libvulkan.so.1');
  } catch {
    return false;
  }
}

export function findVulkan(): VulkanFacts {
  const named = namedDrivers();
  return { loader: hasLoader(), drivers: named.length > 0 ? named : driverFolders().flatMap(manifestsIn) };
}
