// Bundles the runtime for pages: dist/web/runtime.js, a module that imports nothing at first; beside it the worker, and
// the readers of rarer data formats.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const fromRoot = path => fileURLToPath(new URL(`../${path}`, import.meta.url));
const worker = 'browser-worker.js';
const bundle = fromRoot('dist/web/runtime.js');

/** No module of the project does anything but define; one whose definitions are not used may be left out. */
const treeshake = { moduleSideEffects: false };

await build({
  configFile: false,
  root: fromRoot('dist'),
  base: './',
  logLevel: 'warn',
  publicDir: false,
  build: {
    target: 'es2022',
    outDir: fromRoot('dist/web'),
    emptyOutDir: true,
    modulePreload: false,
    rolldownOptions: {
      input: fromRoot('dist/runtime/browser.js'),
      treeshake,
      // The formats take what they share with the runtime from it.
      preserveEntrySignatures: 'allow-extension',
      output: { entryFileNames: 'runtime.js', chunkFileNames: 'data-formats.js' },
    },
  },
  worker: { format: 'es', rolldownOptions: { treeshake, output: { entryFileNames: worker } } },
});

// The worker's address in the form that bundlers know, so that the bundle can go through another one.
const text = readFileSync(bundle, 'utf8');
const address =
  /new URL\(new URL\(`browser-worker\.js`,\s*import\.meta\.url\)\.href,\s*``\s*\+\s*import\.meta\.url\)/;
if (!address.test(text)) throw new Error('the bundle of the runtime does not start its worker');
writeFileSync(bundle, text.replace(address, `new URL("./${worker}",import.meta.url)`));
