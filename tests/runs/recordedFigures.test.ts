import { expect, it, vi } from 'vitest';
import { memoryLibrary } from '../../src/runs/memoryLibrary.ts';
import { TINY } from '../train/support.ts';
import { lab } from './recorderLab.ts';

it('keeps the figures of a run, and takes back those of steps that are trained again', async () => {
  const library = memoryLibrary();
  const experiment = { ...TINY, evaluation: { ...TINY.evaluation, every: 25 } };
  const killed = lab(library);
  await killed.open(experiment);
  await killed.to(51);
  killed.kill();
  const { id } = (await library.rows())[0]!;
  const stepsOf = async () => (await library.parts(id)).figures.map(({ step }) => step);
  expect(await stepsOf()).toEqual([25, 50]);
  const before = (await library.parts(id)).figures;
  for (const { step } of (await library.row(id))!.checkpoints)
    await library.removeCheckpoint(id, step);
  const next = lab(library);
  await next.openStored(id);
  await next.to(1);
  await vi.waitFor(async () => expect(await stepsOf()).toEqual([]));
  await next.to(56);
  await next.trainer.dispose();
  expect(await stepsOf()).toEqual([25, 50]);
  expect((await library.parts(id)).figures).toEqual(before);
});
