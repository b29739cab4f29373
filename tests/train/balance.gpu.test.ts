/** What the bias rules reach in training when nothing else moves the router. */
import { expect, it } from 'vitest';
import { batchLine, windowLine } from '../../src/analysis/balance.ts';
import { LoadHistory } from '../../src/analysis/loadHistory.ts';
import { TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange, experimentAtStep } from '../../src/config/edit.ts';
import type { BiasRule, Change } from '../../src/config/experiment.ts';
import { layerSpaces } from '../../src/config/layerSpaces.ts';
import { presetById } from '../../src/config/presets.ts';
import { fileSource } from '../../src/data/fileSource.ts';
import { prepareText } from '../../src/data/prepare.ts';
import { gpuDevice } from '../../src/train/device/gpuDevice.ts';
import { createSession } from '../../src/train/session/session.ts';
import { useDevice } from '../support/gpu.ts';

const device = useDevice();
const [WINDOW, STEPS] = [64, 120];

/** MaxVio of windows and of batches of every layer after so many steps with learning rate 0. */
async function vioOf(rule: BiasRule, steps: number) {
  const experiment = applyChange(presetById('bal-torchtitan')!.experiment, {
    ...TINY_SIZE,
    'optimizer.lr': 0,
    'optimizer.minLr': 0,
    'optimizer.totalSteps': steps,
    'evaluation.every': 0,
    'evaluation.sampleEvery': 0,
    // Batches of fewer tokens differ so much that a bias fitted to one of them misses the next by more.
    'batch.B': 16,
    'router.K': 2,
    'router.biasRule': rule as unknown as Change,
  });
  const histories = layerSpaces(experimentAtStep(experiment, 1)).map(
    (space) => new LoadHistory(space),
  );
  const session = await createSession(
    {
      requestDevice: async () => gpuDevice(device(), { description: 'test', isSoftware: true }),
      prepareText: (one, own, { onProgress, signal }) =>
        prepareText(one, fileSource(), own, onProgress, signal),
    },
    experiment,
    {
      emit(event) {
        if (event.type !== 'steps') return;
        const { layers, firstStep, n } = event.records;
        for (const [i, loads] of layers.entries()) histories[i]!.append(loads, firstStep, n);
      },
      snapshotEvery: 0,
    },
  );
  await session.runTo(steps);
  await session.dispose();
  return histories.map((history) => ({
    windows: Array.from(windowLine(history, WINDOW).values),
    batches: Array.from(batchLine(history).values),
  }));
}

it.each([
  [{ kind: 'sign', rate: 0.001, centre: true }, 0.2],
  [{ kind: 'quantile', smoothing: 0 }, 0.1],
] as const)(
  '%o balances windows of 64 batches below %d',
  async (rule, most) => {
    for (const { windows, batches } of await vioOf(rule, STEPS)) {
      expect(batches[0]).toBeGreaterThan(2 * most);
      expect(windows.at(-1)).toBeLessThan(most);
    }
  },
  60_000,
);
