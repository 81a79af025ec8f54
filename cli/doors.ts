/**
 * The compiler and the runtime, loaded when a command first needs them: `--help` and a typing mistake are answered
 * without them.
 */
export const compiler = () => import('../compiler/index.js');
export const runtime = () => import('../runtime/index.js');
export const platform = () => import('../runtime/node.js');
