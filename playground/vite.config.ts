import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { digits } from './build/digits.js';
import { runtimeFiles } from './build/runtime-files.js';

const fromRoot = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** What lets the page share memory with its workers, so that the CPU device may use every core. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  root: fromRoot('playground'),
  // Relative, so that the built files work under any path of any host.
  base: './',
  resolve: {
    alias: [
      { find: /^iwaec$/, replacement: fromRoot('dist/compiler/index.js') },
      { find: /^iwaec\/runtime\/browser$/, replacement: fromRoot('dist/web/runtime.js') },
    ],
  },
  plugins: [digits(), runtimeFiles(new URL('../dist/web/', import.meta.url))],
  server: { headers: isolation },
  preview: { headers: isolation },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    outDir: fromRoot('dist/playground'),
    emptyOutDir: true,
    // The compiler is one megabyte in a worker of its own, loaded beside the page.
    chunkSizeWarningLimit: 2000,
  },
});
