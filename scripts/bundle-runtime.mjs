// Bundles the runtime for pages: dist/web/runtime.js, a module without imports, and the worker beside it.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const fromRoot = path => fileURLToPath(new URL(`../${path}`, import.meta.url));
const worker = 'browser-worker.js';
const bundle = fromRoot('dist/web/runtime.js');

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
      preserveEntrySignatures: 'strict',
      output: { entryFileNames: 'runtime.js' },
    },
  },
  worker: { format: 'es', rolldownOptions: { output: { entryFileNames: worker } } },
});

// The worker's address in the form that bundlers know, so that the bundle can go through another one.
const text = readFileSync(bundle, 'utf8');
const address =
  /new URL\(new URL\(`browser-worker\.js`,\s*import\.meta\.url\)\.href,\s*``\s*\+\s*import\.meta\.url\)/;
if (!address.test(text)) throw new Error('the bundle of the runtime does not start its worker');
writeFileSync(bundle, text.replace(address, `new URL("./${worker}",import.meta.url)`));
