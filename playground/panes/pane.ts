import type { App } from '../app/app.js';

/** A pane that was created; it need not keep itself up to date while it is hidden. */
export interface PaneView {
  show?(): void;
  hide?(): void;
}

export interface Pane {
  /** Of the address and of the elements: a word of small letters. */
  readonly id: string;
  /** Of the tab. */
  readonly title: string;
  /** Fills `host`, once, when the pane is first shown. */
  readonly create: (host: HTMLElement, app: App) => PaneView;
}
