import { type Segment, segmentsOf } from '../../../analysis/health/segments.ts';
import type { LoadHistory } from '../../../analysis/loadHistory.ts';
import type { Experiment } from '../../../config/experiment.ts';
import { type ResolvedTheme, ratioColor } from '../../kit/diverging.ts';
import { layerLoad, loadRatio } from '../../kit/loads.ts';

export interface HistoryPicture {
  history: Pick<LoadHistory, 'bins' | 'stride' | 'latest'>;
  experiment: Experiment;
  /** Step at the right edge. */
  endStep: number;
  theme: ResolvedTheme;
}

function isSamePicture(a: HistoryPicture & Extent, b: HistoryPicture & Extent): boolean {
  return (
    a.history === b.history &&
    a.stride === b.stride &&
    a.endStep === b.endStep &&
    a.theme === b.theme &&
    a.experiment === b.experiment &&
    a.width === b.width &&
    a.height === b.height
  );
}

interface Extent {
  stride: number;
  width: number;
  height: number;
}

/**
 * Draws a layer's history: steps to the right on the planned run, one band per slot of the
 * space in force. Keeps what it has drawn, so that a call draws only the bins that are new.
 * Null is no history: the picture of the one before goes.
 */
export function createHistoryPainter(): (
  canvas: HTMLCanvasElement,
  picture: HistoryPicture | null,
) => void {
  let last: (HistoryPicture & Extent) | null = null;
  let drawn = 0;
  let segments: readonly Segment[] = [];
  return (canvas, picture) => {
    const context = canvas.getContext('2d');
    if (context === null) return;
    const { width, height } = canvas;
    if (picture === null) {
      if (last !== null) context.clearRect(0, 0, width, height);
      last = null;
      return;
    }
    const { history, experiment, endStep, theme } = picture;
    const now = { ...picture, stride: history.stride, width, height };
    if (last?.experiment !== experiment) segments = segmentsOf(experiment);
    if (last === null || !isSamePicture(last, now) || drawn > history.bins.length) {
      context.clearRect(0, 0, width, height);
      drawn = 0;
    }
    last = now;
    for (const bin of history.bins.slice(drawn)) {
      const x0 = Math.floor(((bin.firstStep - 1) / endStep) * width);
      const x1 = Math.max(x0 + 1, Math.ceil((bin.lastStep / endStep) * width));
      const { slots, kinds } = bin.space;
      const band = height / slots;
      const inForce = segments.findLast(({ firstStep }) => firstStep <= bin.lastStep);
      const load = layerLoad(bin, kinds, inForce?.experiment ?? experiment);
      for (let slot = 0; slot < slots; slot++) {
        const [r, g, b] = ratioColor(loadRatio(load, slot), theme);
        context.fillStyle = `rgb(${r},${g},${b})`;
        context.fillRect(x0, Math.floor(slot * band), x1 - x0, Math.ceil(band));
      }
    }
    // The last bin may still grow.
    drawn = Math.max(0, history.bins.length - 1);
  };
}
