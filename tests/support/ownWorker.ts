/** The real worker in a real browser, and a small run on an own text. */
import { afterEach } from 'vitest';
import { DEFAULTS_V1, TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import type { TrainerEvent } from '../../src/worker/api.ts';
import { createTrainerClient, type TrainerClient } from '../../src/worker/client.ts';

export interface Started {
  client: TrainerClient;
  /** What it reported so far; grows. */
  events: TrainerEvent[];
}

/** Starts workers that end with the test. */
export function useWorkers(): () => Started {
  const clients: TrainerClient[] = [];
  afterEach(() => {
    for (const client of clients.splice(0)) client.terminate();
  });
  return () => {
    const client = createTrainerClient();
    clients.push(client);
    const events: TrainerEvent[] = [];
    client.onEvent((event) => events.push(event));
    return { client, events };
  };
}

export const OWN = {
  name: 'sheep.txt',
  text: 'The sheep went up the hill, and down the hill. '.repeat(200),
};

export const SMALL: Experiment = applyChange(DEFAULTS_V1, {
  ...TINY_SIZE,
  'model.D': 16,
  'experts.slots': Array.from({ length: 4 }, () => ({ kind: 'ffn', hidden: 8 })),
  'batch.B': 2,
  'batch.S': 16,
  'tokenizer.kind': 'chars',
  'data.mix': { own: 1 },
  'evaluation.every': 5,
  'evaluation.sampleEvery': 0,
});
