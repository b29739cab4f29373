import { expectTypeOf, it } from 'vitest';
import type { TrainerClient as PageClient } from '../../src/state/commands.ts';
import type { ERROR_CODES } from '../../src/train/session/errors.ts';
import type { Trainer } from '../../src/train/session/trainer.ts';
import type { ErrorCode, TrainerApi, TrainerEvent, WorkerApi } from '../../src/worker/api.ts';
import type { createTrainerClient } from '../../src/worker/client.ts';

it('has the trainer, the worker and both ends of the page agree', () => {
  expectTypeOf<Trainer>().toExtend<TrainerApi>();
  expectTypeOf<WorkerApi>().toExtend<TrainerApi>();
  expectTypeOf<ReturnType<typeof createTrainerClient>>().toExtend<PageClient>();
  expectTypeOf<(typeof ERROR_CODES)[number]>().toEqualTypeOf<ErrorCode>();
});

it('lets every command answer with a promise, and every event name its run', () => {
  type Answers = { [K in keyof WorkerApi]: ReturnType<WorkerApi[K]> };
  expectTypeOf<Answers[keyof Answers]>().toExtend<Promise<unknown>>();
  expectTypeOf<TrainerEvent['runId']>().toEqualTypeOf<number>();
});
