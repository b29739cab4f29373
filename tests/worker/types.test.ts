import { expectTypeOf, it } from 'vitest';
import type { DataError } from '../../src/data/dataError.ts';
import type { GpuError } from '../../src/gpu/errors.ts';
import type { TrainerClient as PageClient } from '../../src/state/commands.ts';
import type { Trainer } from '../../src/train/session/trainer.ts';
import type { ErrorCode, TrainerApi, TrainerEvent, WorkerApi } from '../../src/worker/api.ts';
import type { createTrainerClient } from '../../src/worker/client.ts';

it('has the trainer, the worker and both ends of the page agree', () => {
  expectTypeOf<Trainer>().toExtend<TrainerApi>();
  expectTypeOf<WorkerApi>().toExtend<TrainerApi>();
  expectTypeOf<ReturnType<typeof createTrainerClient>>().toExtend<PageClient>();
});

it('lets every folder fail by a known name', () => {
  expectTypeOf<GpuError['name']>().toExtend<ErrorCode>();
  expectTypeOf<DataError['name']>().toExtend<ErrorCode>();
});

it('lets every command answer with a promise, and every event name its run', () => {
  type Answers = { [K in keyof WorkerApi]: ReturnType<WorkerApi[K]> };
  expectTypeOf<Answers[keyof Answers]>().toExtend<Promise<unknown>>();
  expectTypeOf<TrainerEvent['runId']>().toEqualTypeOf<number>();
});
