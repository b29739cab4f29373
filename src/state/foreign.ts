/** Asking what the tensors of another program's checkpoint do not tell. Loaded on first use. */
import { applyChange } from '../config/edit.ts';
import type { Experiment } from '../config/experiment.ts';
import {
  askedOf,
  completed,
  described,
  type Foreign,
  headsOf,
  likelySlots,
  tokenizersFor,
} from '../runs/foreign/answers.ts';
import type { Stores } from './stores.ts';
import type { ForeignQuestion } from './viewStore.ts';

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
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * Asks in the sheet; null when it is closed in any other way.
 * @throws RangeError, as the end of a sentence, for a vocabulary that no tokenizer here reads
 */
export function askForeign(
  foreign: Foreign,
  name: string,
  { view, config }: Pick<Stores, 'view' | 'config'>,
): Promise<Experiment | null> {
  const heads = headsOf(foreign);
  const question: Omit<ForeignQuestion, 'answer'> = {
    name,
    told: described(foreign),
    asked: askedOf(foreign),
    allowed: { 'model.H': heads, 'tokenizer.kind': tokenizersFor(foreign.V) },
    start: likely(foreign, config.getState().experiment, heads),
    check: (experiment) => whyNot(foreign, experiment),
  };
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
