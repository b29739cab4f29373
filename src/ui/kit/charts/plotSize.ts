import type { PlotSize } from './envelope.ts';

/** Space round the plotting area, in pixels: the same in every chart, so that crosshairs line up. */
export const MARGIN = { top: 8, right: 22, bottom: 22, left: 50 } as const;

/** The plotting area of a chart. */
export function plotSize(width: number, height: number): PlotSize {
  return {
    width: Math.max(1, width - MARGIN.left - MARGIN.right),
    height: Math.max(1, height - MARGIN.top - MARGIN.bottom),
  };
}
