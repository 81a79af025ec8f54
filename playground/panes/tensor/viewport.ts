import { element } from '../../app/dom.js';
import type { Shortcut } from '../../app/shortcut.js';

interface Part {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Viewport {
  readonly root: HTMLElement;
  /** Scrolls a part of the picture into the middle. */
  reveal(part: Part): void;
}

interface View {
  zoomBy(factor: number): void;
  showAll(): void;
  step(by: number): void;
  /** From a reference to where its value is computed. */
  follow(): void;
  release(): void;
}

interface Actions extends Pick<View, 'step' | 'follow' | 'release'> {
  /** What zooming keeps in sight. */
  chosen(): Part | null;
}

interface Command extends Shortcut {
  readonly run: (view: View) => void;
}

const zoomStep = 1.25;
const leastZoom = 0.05;
const mostZoom = 3;
const leastReadable = 0.75;

const commands: readonly Command[] = [
  { keys: ['+', '='], does: 'zooms in', run: view => view.zoomBy(zoomStep) },
  { keys: ['-'], does: 'zooms out', run: view => view.zoomBy(1 / zoomStep) },
  { keys: ['0'], does: 'shows all of the graph', run: view => view.showAll() },
  { keys: ['n'], does: 'goes to the next operation', run: view => view.step(1) },
  { keys: ['p'], does: 'goes to the operation before', run: view => view.step(-1) },
  {
    keys: ['Enter'],
    does: 'goes from a dashed box to where its value is computed',
    run: view => view.follow(),
  },
  { keys: ['Escape'], does: 'lets go of the operation', run: view => view.release() },
];

/** Of the picture of a graph, while it has the focus. */
export const graphShortcuts: readonly Shortcut[] = [
  { keys: ['Arrow keys'], does: 'move over the graph' },
  ...commands,
  { keys: ['Ctrl and wheel'], does: 'zooms at the pointer; dragging moves' },
];

/** Room to move about in a picture that is larger than the page: by scrolling, dragging, wheel and keys. */
export function createViewport(
  picture: SVGSVGElement,
  size: { readonly width: number; readonly height: number },
  { label, start }: { readonly label: string; readonly start: Part | undefined },
  actions: Actions,
): Viewport {
  const frame = element('div', { class: 'graph-frame', tabindex: 0, role: 'region', 'aria-label': label });
  frame.append(picture);
  let zoom = 1;

  /** Keeps the point of the picture at (x, y) of the frame where it is. */
  const zoomTo = (wanted: number, x = frame.clientWidth / 2, y = frame.clientHeight / 2) => {
    const next = Math.min(mostZoom, Math.max(leastZoom, wanted));
    const at = { x: (frame.scrollLeft + x) / zoom, y: (frame.scrollTop + y) / zoom };
    zoom = next;
    picture.style.width = `${size.width * zoom}px`;
    picture.style.height = `${size.height * zoom}px`;
    frame.scrollTo({ left: at.x * zoom - x, top: at.y * zoom - y, behavior: 'instant' });
  };
  /** Where the frame is scrolled to with a part in its middle. */
  const middleOf = ({ x, y, width, height }: Part) => ({
    left: (x + width / 2) * zoom - frame.clientWidth / 2,
    top: (y + height / 2) * zoom - frame.clientHeight / 2,
  });
  const view: View = {
    ...actions,
    zoomBy: factor => {
      zoomTo(zoom * factor);
      const chosen = actions.chosen();
      if (chosen !== null) frame.scrollTo({ ...middleOf(chosen), behavior: 'instant' });
    },
    showAll: () => zoomTo(Math.min(1, frame.clientWidth / size.width, frame.clientHeight / size.height)),
  };

  frame.addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const command = commands.find(({ keys }) => keys.includes(event.key));
    if (command === undefined) return;
    event.preventDefault();
    command.run(view);
  });
  frame.addEventListener(
    'wheel',
    event => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const { left, top } = frame.getBoundingClientRect();
      zoomTo(zoom * Math.exp(-event.deltaY / 300), event.clientX - left, event.clientY - top);
    },
    { passive: false },
  );
  dragToScroll(frame);
  const button = (text: string, name: string, act: () => void) =>
    element('button', { type: 'button', 'aria-label': name, onclick: act }, text);
  // Sizes are known once the frame is in the page: enough of it to read, from the top.
  new ResizeObserver((_, observer) => {
    observer.disconnect();
    zoomTo(Math.max(leastReadable, Math.min(1, frame.clientWidth / size.width)));
    if (start !== undefined) frame.scrollTo({ ...middleOf(start), top: 0, behavior: 'instant' });
  }).observe(frame);
  return {
    root: element(
      'div',
      { class: 'graph-view' },
      element(
        'div',
        { class: 'controls' },
        button('−', 'Zoom out', () => view.zoomBy(1 / zoomStep)),
        button('+', 'Zoom in', () => view.zoomBy(zoomStep)),
        button('Show all', 'Show all of the graph', view.showAll),
        button('Full size', 'Full size', () => zoomTo(1)),
      ),
      frame,
    ),
    reveal: part => frame.scrollTo(middleOf(part)),
  };
}

/** For a mouse alone: fingers and pens scroll by themselves. */
function dragToScroll(frame: HTMLElement): void {
  let from: { x: number; y: number; left: number; top: number } | null = null;
  frame.addEventListener('pointerdown', event => {
    if (event.pointerType !== 'mouse' || event.button !== 0) return;
    from = { x: event.clientX, y: event.clientY, left: frame.scrollLeft, top: frame.scrollTop };
  });
  frame.addEventListener('pointermove', event => {
    if (from === null || (event.buttons & 1) === 0) return;
    // Captured once it moves, not before: a click must reach the box under it.
    frame.setPointerCapture(event.pointerId);
    frame.classList.add('is-dragged');
    frame.scrollTo({
      left: from.left - (event.clientX - from.x),
      top: from.top - (event.clientY - from.y),
      behavior: 'instant',
    });
  });
  const end = () => {
    from = null;
    frame.classList.remove('is-dragged');
  };
  frame.addEventListener('pointerup', end);
  frame.addEventListener('pointercancel', end);
}
