import type { Change, Experiment } from '../../src/config/experiment.ts';
import { hashChain, uniform } from '../../src/config/hash.ts';
import {
  addToPlan,
  emptyPlan,
  type Layers,
  planChange,
  type SpaceEdit,
} from '../../src/config/surgeryPlan.ts';
import type { Batch, PreparedText } from '../../src/data/types.ts';
import { fakeText } from './support.ts';

/** The change of some actions on the expert space in force. */
export function surgery(
  { experts }: Pick<Experiment, 'experts'>,
  ...edits: (SpaceEdit | [Layers, SpaceEdit])[]
): Change {
  const plan = edits.reduce((now, edit) => {
    const [layers, action] = typeof edit === 'function' ? (['all', edit] as const) : edit;
    return addToPlan(now, layers, action);
  }, emptyPlan(experts));
  const change = planChange(experts, plan);
  if (change === null) throw new Error('the plan has no effect');
  return change;
}

const LETTERS = 8;

/** A sequence in which a letter mostly follows from the two before it: there is something to learn. */
function pattern(seed: number, sequence: number, length: number): number[] {
  const letters = [hashChain(seed, sequence, 0) % LETTERS, hashChain(seed, sequence, 1) % LETTERS];
  while (letters.length < length) {
    const [a = 0, b = 0] = letters.slice(-2);
    const isNoise = uniform(seed, sequence, letters.length, 2) < 0.1;
    const noise = hashChain(seed, sequence, letters.length, 3) % LETTERS;
    letters.push(isNoise ? noise : (3 * a + 5 * b + a * b + 1) % LETTERS);
  }
  return letters;
}

function patternBatch(seed: number, at: number, { B, S }: Experiment['batch']): Batch {
  const rows = Array.from({ length: B }, (_, b) => pattern(seed, at * B + b, S + 1));
  return {
    tokens: Uint32Array.from(rows.flatMap((row) => row.slice(0, S))),
    targets: Uint32Array.from(rows.flatMap((row) => row.slice(1))),
    domains: new Uint8Array(B * S),
  };
}

/** A text that can be learnt, with validation batches of its own. */
export function learnableText(experiment: Experiment): PreparedText {
  const { seeds, batch } = experiment;
  return {
    ...fakeText(experiment),
    trainingBatch: (step) => patternBatch(seeds.data, step, batch),
    validationBatch: (i) => patternBatch(0xbeef, i, batch),
  };
}
