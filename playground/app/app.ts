import type { CompilerClient } from '../compiler/client.js';
import type { Workspace } from '../compiler/workspace.js';
import type { Trainer } from '../training/trainer.js';

/** What every pane works with. */
export interface App {
  readonly compiler: CompilerClient;
  /** The text, its problems and the program it compiles to. */
  readonly workspace: Workspace;
  readonly trainer: Trainer;
  /** Tells people who do not see the page. */
  readonly announce: (text: string) => void;
}
