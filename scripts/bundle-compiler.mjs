// Makes one module of the compiler where `tsc` has left some 240, and its parser library another 700: Node takes longer to
// find and read them than to compile a model. The others stay, because the runtime takes `compiler/program` from there.
import { renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const fromRoot = path => fileURLToPath(new URL(`../${path}`, import.meta.url));
const door = fromRoot('dist/compiler/index.js');
const bundled = fromRoot('dist/compiler-bundle');

await build({
  configFile: false,
  root: fromRoot('dist'),
  logLevel: 'warn',
  publicDir: false,
  build: {
    target: 'es2022',
    outDir: bundled,
    minify: false,
    modulePreload: false,
    rolldownOptions: {
      input: door,
      preserveEntrySignatures: 'strict',
      treeshake: { moduleSideEffects: false },
      output: { entryFileNames: 'index.js' },
    },
  },
});

// At once: processes may be reading it.
renameSync(`${bundled}/index.js`, door);
// It maps what is no longer there.
rmSync(`${door}.map`, { force: true });
rmSync(bundled, { recursive: true });
