import type { Tensors } from 'iwaec/runtime/browser';
import { element } from '../../app/dom.js';

export interface Gallery {
  /** Shows the first tensor's rows as pictures, or as numbers where a row is no square. */
  update(rows: Tensors, description: string): void;
}

const side = (values: number): number | null => {
  const root = Math.round(Math.sqrt(values));
  return values > 1 && root * root === values ? root : null;
};

/** Rows of grey pictures in one canvas, from 0 (the page's paper) to 1 (its ink). */
export function createGallery(host: HTMLElement, title: string): Gallery {
  const canvas = element('canvas', { class: 'gallery', role: 'img', width: 1, height: 1 });
  const numbers = element('pre', { class: 'numbers', hidden: true });
  const figure = element('figure', { hidden: true }, element('figcaption', {}, title), canvas, numbers);
  host.append(figure);
  return {
    update(rows, description) {
      const tensor = Object.values(rows)[0];
      if (tensor === undefined) return;
      figure.hidden = false;
      const count = tensor.shape[0]!;
      const width = tensor.values.length / count;
      const edge = side(width);
      canvas.hidden = edge === null;
      numbers.hidden = edge !== null;
      if (edge === null) {
        numbers.textContent = printed(tensor.values, width);
        return;
      }
      draw(canvas, tensor.values, { count, edge });
      canvas.setAttribute('aria-label', description);
    },
  };
}

const columns = 8;
const gap = 1;

function draw(
  canvas: HTMLCanvasElement,
  values: Float32Array,
  { count, edge }: { readonly count: number; readonly edge: number },
): void {
  const across = Math.min(columns, count);
  canvas.width = across * (edge + gap) - gap;
  canvas.height = Math.ceil(count / across) * (edge + gap) - gap;
  const context = canvas.getContext('2d');
  if (context === null) return;
  for (let picture = 0; picture < count; picture++) {
    const image = context.createImageData(edge, edge);
    for (let i = 0; i < edge * edge; i++) {
      image.data.set([0, 0, 0, 255 * Math.min(1, Math.max(0, values[picture * edge * edge + i]!))], 4 * i);
    }
    context.putImageData(
      image,
      (picture % across) * (edge + gap),
      Math.floor(picture / across) * (edge + gap),
    );
  }
}

const printed = (values: Float32Array, width: number): string =>
  Array.from({ length: Math.min(8, values.length / width) }, (_, row) =>
    Array.from(values.subarray(row * width, Math.min((row + 1) * width, row * width + 8)), value =>
      value.toFixed(2).padStart(7),
    ).join(' '),
  ).join('\n');
