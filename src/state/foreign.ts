/** Opening checkpoints of other programs: what their tensors do not tell is asked. Loaded on first use. */
import { applyChange } from '../config/edit.ts';
import type { Experiment } from '../config/experiment.ts';
import {
  asCheckpoint,
  completed,
  described,
  type Foreign,
  headsOf,
  likelySlots,
  readForeign,
  tokenizersFor,
} from '../runs/foreign/foreign.ts';
import type { Stores } from './stores.ts';
import type { ForeignQuestion } from './viewStore.ts';

const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** The form's settings with answers that are likely. */
function likely(foreign: Foreign, form: Experiment, heads: readonly number[]): Experiment {
  const [kind = 'bytes'] = tokenizersFor(foreign.V);
  const near = (H: number) => Math.abs(Math.log(H / form.model.H));
  const [H = form.model.H] = [...heads].sort((a, b) => near(a) - near(b));
  return applyChange(
    { ...form, events: [] },
    {
      ...foreign.known,
      'tokenizer.kind': kind,
      'tokenizer.size': kind === 'bpe' ? foreign.V : form.tokenizer.size,
      'model.H': H,
      ...(foreign.otherSlots === null ? {} : { 'experts.slots': likelySlots(foreign) }),
    },
  );
}

function whyNot(foreign: Foreign, answers: Experiment): string | null {
  try {
    completed(foreign, answers);
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

/** Asks in the sheet; null when it is closed in any other way. */
function ask(
  { view }: Pick<Stores, 'view'>,
  question: Omit<ForeignQuestion, 'answer'>,
): Promise<Experiment | null> {
  return new Promise((resolve) => {
    const answer = (answers: Experiment | null) => {
      stop();
      const now = view.getState();
      if (now.foreign === asked)
        now.set({ foreign: null, ...(now.sheet === 'foreign' ? { sheet: null } : {}) });
      resolve(answers);
    };
    const asked: ForeignQuestion = { ...question, answer };
    view.getState().set({ foreign: asked, sheet: 'foreign' });
    const stop = view.subscribe((now) => {
      if (now.foreign !== asked || now.sheet !== 'foreign') answer(null);
    });
  });
}

/**
 * A checkpoint of this lab from any: itself where it is one, else with what a person told of it. Null
 * where it cannot be used, which is said, or is not to be.
 */
export async function asOwnCheckpoint(
  bytes: Uint8Array,
  name: string,
  stores: Pick<Stores, 'view' | 'config'>,
): Promise<Uint8Array | null> {
  const { view, config } = stores;
  try {
    const foreign = readForeign(bytes);
    if (foreign === null) return bytes;
    const heads = headsOf(foreign);
    const answers = await ask(stores, {
      name,
      told: described(foreign),
      asked: foreign.asked,
      allowed: { 'model.H': heads, 'tokenizer.kind': tokenizersFor(foreign.V) },
      start: likely(foreign, config.getState().experiment, heads),
      check: (experiment) => whyNot(foreign, experiment),
    });
    return answers === null ? null : asCheckpoint(foreign, answers);
  } catch (error) {
    view.getState().say(`${name} was not opened: ${reasonOf(error)}.`);
    return null;
  }
}
