import { expect, it, vi } from 'vitest';
import { LoadHistory } from '../../src/analysis/loadHistory.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
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
