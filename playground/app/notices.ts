import { element } from './dom.js';

export interface NoticeAction {
  readonly label: string;
  readonly run: () => void;
}

/** Messages above the page that stay until they are closed; the same text is shown once. */
export class Notices {
  readonly #host: HTMLElement;
  readonly #shown = new Map<string, HTMLElement>();

  constructor(host: HTMLElement) {
    this.#host = host;
  }

  show(text: string, action?: NoticeAction): void {
    if (this.#shown.has(text)) return;
    const close = () => this.close(text);
    const buttons = [
      ...(action === undefined
        ? []
        : [
            element(
              'button',
              {
                type: 'button',
                onclick: () => {
                  close();
                  action.run();
                },
              },
              action.label,
            ),
          ]),
      element('button', { type: 'button', onclick: close }, 'Close'),
    ];
    const notice = element('div', { class: 'notice' }, element('p', {}, text), ...buttons);
    this.#shown.set(text, notice);
    this.#host.append(notice);
  }

  close(text: string): void {
    this.#shown.get(text)?.remove();
    this.#shown.delete(text);
  }
}
