import { expect, it, vi } from 'vitest';
import { LoadHistory } from '../../src/analysis/loadHistory.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange, recordEvent } from '../../src/config/edit.ts';
import { type LayerSpace, layerLoads } from '../../src/config/telemetry.ts';
import { ratioColor } from '../../src/ui/kit/diverging.ts';
import { layerLoad, loadRatio } from '../../src/ui/kit/loads.ts';
import { createHistoryPainter } from '../../src/ui/views/history/canvas.ts';

it('clears the picture of an experiment that is not there any more', () => {
  const context = { clearRect: vi.fn(), fillRect: vi.fn(), fillStyle: '' };
  const canvas = { width: 100, height: 20, getContext: () => context } as unknown;
  const paint = createHistoryPainter();
  const space = { layer: 0, slots: 2, ranks: 1, kinds: ['ffn', 'ffn'], hidden: [4, 4] } as const;
  const history = new LoadHistory({ ...space, kinds: [...space.kinds], hidden: [...space.hidden] });
  const picture = { history, experiment: DEFAULTS_V1, endStep: 10, theme: 'light' } as const;
  paint(canvas as HTMLCanvasElement, picture);
  context.clearRect.mockClear();
  paint(canvas as HTMLCanvasElement, null);
  expect(context.clearRect).toHaveBeenCalledExactlyOnceWith(0, 0, 100, 20);
  paint(canvas as HTMLCanvasElement, picture);
  expect(context.clearRect).toHaveBeenCalledTimes(2);
});

it('holds the load of a step against the weights that were in force at it', () => {
  const context = {
    clearRect: vi.fn(),
    fillStyle: '',
    fillRect: () => fills.push(context.fillStyle),
  };
  const fills: string[] = [];
  const canvas = { width: 100, height: 20, getContext: () => context } as unknown;
  const kinds: LayerSpace['kinds'] = ['ffn', 'ffn', 'zero'];
  const history = new LoadHistory({ layer: 0, slots: 3, ranks: 1, kinds, hidden: [4, 4, 0] });
  const loads = layerLoads({ layer: 0, R: 3, W: 1 }, 8, 1);
  for (let i = 0; i < 8; i++) loads.assignments.set([3, 3, 4], 3 * i);
  history.append(loads, 1, 8);
  const start = applyChange(DEFAULTS_V1, {
    ...{ 'losses.switch.alpha': null, 'losses.heterogeneous.beta': 0.01, 'router.tau': 0.75 },
  });
  const experiment = recordEvent(start, 5, { 'router.tau': 0.25 });
  createHistoryPainter()(canvas as HTMLCanvasElement, {
    ...{ history, experiment, endStep: 8, theme: 'light' },
  });
  const colorsUnder = (tau: number) => {
    const load = layerLoad(history.bins[0]!, kinds, applyChange(start, { 'router.tau': tau }));
    return kinds.map((_, slot) => {
      const [r, g, b] = ratioColor(loadRatio(load, slot), 'light');
      return `rgb(${r},${g},${b})`;
    });
  };
  expect(fills.slice(0, 12)).toEqual(Array(4).fill(colorsUnder(0.75)).flat());
  expect(fills.slice(12)).toEqual(Array(4).fill(colorsUnder(0.25)).flat());
  expect(colorsUnder(0.25)).not.toEqual(colorsUnder(0.75));
});
