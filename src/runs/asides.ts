/** Models that answer questions beside the run that trains: stored runs and copies; none of them trains. */
import type { ProbesAt } from '../analysis/probes/probesAt.ts';
import type { Experiment } from '../config/experiment.ts';
import type { OwnText } from '../data/ownText.ts';
import type { EngineState } from '../train/engine/engine.ts';
import type { InspectionKind, Inspections } from '../train/engine/inspections.ts';
import { decodeCheckpoint } from '../train/session/checkpoint.ts';
import { switchyardError } from '../train/session/errors.ts';
import type { Emit, ItemsListener, ProbeAsk } from '../train/session/events.ts';
import type { SessionDeps } from '../train/session/openRun.ts';
import { createSession } from '../train/session/session.ts';
import type { Subject } from '../train/session/subject.ts';
import type { Library } from './library.ts';
import { OpenModels } from './openModels.ts';

/** A model at a step, as it is opened to be asked. */
export interface AsideModel {
  experiment: Experiment;
  state: EngineState;
  own: OwnText | null;
}

export type Aside = Exclude<Subject, string>;

export interface Asides {
  inspect<K extends InspectionKind>(
    subject: Aside,
    kind: K,
    ask: Inspections[K]['ask'],
  ): Promise<Inspections[K]['answer']>;
  /**
   * Puts probe tasks to a model; `onItems` hears how many items are answered.
   * @throws ConfigInvalid for what cannot be asked, or while others are asked; Cancelled
   */
  probeTasks(subject: Aside, ask: ProbeAsk, onItems: ItemsListener): Promise<ProbesAt>;
  /** Ends probe tasks that are being asked. */
  cancelProbes(): void;
  /** Holds a copy of a model until it is let go; returns its number. */
  hold(model: AsideModel): number;
  letGo(copy: number): Promise<void>;
  /** Frees the GPU's memory of all of them; the next question opens them anew. */
  free(): Promise<void>;
}

/**
 * A stored run at a checkpoint.
 * @throws RangeError for an unknown run or checkpoint; ConfigInvalid for one without any; DataMissing
 *   for a lost own text
 */
export async function storedModel(
  library: Library,
  id: string,
  step: number | null,
): Promise<AsideModel> {
  const row = await library.row(id);
  if (row === null) throw new RangeError(`There is no run "${id}" in the library.`);
  const at = step ?? row.checkpoints.at(-1)?.step;
  if (at === undefined)
    throw switchyardError(
      'ConfigInvalid',
      `No checkpoint of "${row.name}" is stored: its model cannot be asked.`,
    );
  const { experiment, state } = decodeCheckpoint(await library.checkpoint(id, at));
  const hash = row.text?.isOwn === true ? row.text.hash : null;
  const own = hash === null ? null : await library.ownText(hash);
  if (hash !== null && own === null)
    throw switchyardError('DataMissing', `The own text of "${row.name}" is not stored any more.`);
  return { experiment, state, own };
}

const nameOf = (subject: Aside) =>
  'copy' in subject ? `copy ${subject.copy}` : `run ${subject.run} ${subject.step}`;

/** @param library opened with the first stored run that is asked */
export function createAsides(deps: SessionDeps, library: () => Promise<Library>): Asides {
  const copies = new Map<number, AsideModel>();
  let taken = 0;

  async function modelOf(subject: Aside): Promise<AsideModel> {
    if ('run' in subject) return storedModel(await library(), subject.run, subject.step);
    const copy = copies.get(subject.copy);
    if (copy === undefined) throw switchyardError('Cancelled', 'This copy was let go.');
    return copy;
  }

  const models = new OpenModels<Aside>(nameOf, async (subject, emit) => {
    const { experiment, state, own } = await modelOf(subject);
    return createSession(deps, experiment, { emit, state, own, snapshotEvery: 0 });
  });
  let probing: AbortController | null = null;

  return {
    inspect: (subject, kind, ask) =>
      models.asking(subject, (session) => session.inspect(kind, ask)),
    async probeTasks(subject, ask, onItems) {
      if (probing !== null)
        throw switchyardError('ConfigInvalid', 'Probe tasks are being asked already.');
      probing = new AbortController();
      const { signal } = probing;
      const hear: Emit = (event) => {
        if (event.type === 'probing' && event.probing !== null) onItems(event.probing);
      };
      try {
        return await models.asking(
          subject,
          (session) => {
            if (signal.aborted)
              throw switchyardError('Cancelled', 'The probe tasks were cancelled.');
            signal.addEventListener('abort', () => void session.cancelProbes());
            return session.probeTasks(ask);
          },
          hear,
        );
      } finally {
        probing = null;
      }
    },
    cancelProbes: () => probing?.abort(),
    hold(model) {
      taken += 1;
      copies.set(taken, model);
      return taken;
    },
    async letGo(copy) {
      copies.delete(copy);
      await models.close({ copy });
    },
    free: () => models.free(),
  };
}
