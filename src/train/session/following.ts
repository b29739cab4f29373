/** Figures over training time: a row per validation, of one validation batch that is always the same. */
import { choicesOf, figuresAt } from '../../analysis/figuresAt.ts';
import type { FiguresAt } from '../../analysis/followed.ts';
import type { Inspection } from '../../analysis/inspection.ts';
import type { Experiment } from '../../config/experiment.ts';
import type { PreparedText } from '../../data/types.ts';
import { ANSWERS } from '../engine/inspections.ts';
import type { EngineRun } from './engineRun.ts';
import { errorCode } from './errors.ts';

/** What a row saw, and after how many surgeries: slots may stand elsewhere after another. */
export interface Followed {
  inspection: Inspection;
  surgeries: number;
}

export class Following {
  readonly #text: PreparedText;
  #last: Followed | null;
  #isTooLarge = false;

  /** @param last what the row before the first one saw; null where there was none */
  constructor(text: PreparedText, last: Followed | null) {
    this.#text = text;
    this.#last = last;
  }

  /** What the next row is compared with. */
  get last(): Followed | null {
    return this.#last;
  }

  /** The row at the parameters as they are; null where the GPU has no memory left for inspections. */
  async row(run: EngineRun, { evaluation }: Experiment): Promise<FiguresAt | null> {
    if (this.#isTooLarge) return null;
    const { engine } = run;
    const { step, surgeries } = engine;
    const asked = { engine, text: this.#text, step: step + 1, evaluation };
    try {
      const { inspection } = await run.watch(ANSWERS.pass(asked, { of: { validation: 1 } }));
      const known = this.#last?.surgeries === surgeries ? this.#last.inspection : null;
      this.#last = { inspection: choicesOf(inspection), surgeries };
      return figuresAt(step, inspection, known);
    } catch (error) {
      if (errorCode(error) !== 'ModelTooLarge') throw error;
      // The run trains on without.
      this.#isTooLarge = true;
      return null;
    }
  }
}
