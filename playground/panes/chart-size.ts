/** Of the drawing, in its own units. */
export interface ChartSize {
  readonly width: number;
  readonly height: number;
  /** Between the margins. */
  readonly inner: { readonly width: number; readonly height: number };
}

export interface Margin {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** About as many units as the page has pixels for a chart, so that its text can be read on a phone too. */
export function chartSize({ left, right, top, bottom }: Margin): ChartSize {
  const isNarrow = window.matchMedia('(max-width: 480px)').matches;
  const [width, height] = isNarrow ? [350, 260] : [640, 300];
  return { width, height, inner: { width: width - left - right, height: height - top - bottom } };
}
