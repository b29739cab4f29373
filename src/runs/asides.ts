/** Models that answer questions beside the run that trains: stored runs and copies; none of them trains. */
import type { Experiment } from '../config/experiment.ts';
import type { OwnText } from '../data/ownText.ts';
import type { EngineState } from '../train/engine/engine.ts';
import type { InspectionKind, Inspections } from '../train/engine/inspections.ts';
import { decodeCheckpoint } from '../train/session/checkpoint.ts';
import { switchyardError } from '../train/session/errors.ts';
import type { SessionDeps } from '../train/session/openRun.ts';
import { createSession, type Session } from '../train/session/session.ts';
import type { Subject } from '../train/session/subject.ts';
import type { Library } from './library.ts';

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
  /** Holds a copy of a model until it is let go; returns its number. */
  hold(model: AsideModel): number;
  letGo(copy: number): Promise<void>;
  /** Frees the GPU's memory of all of them; the next question opens them anew. */
  free(): Promise<void>;
}

/** Models that stay open at most: two that are compared, and a copy. */
const MOST = 3;
/** What nobody asked for so long is freed. */
const IDLE_MS = 60_000;

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

interface OpenModel {
  session: Promise<Session>;
  askedAt: number;
  /** Questions that it has not answered yet: it stays open for them. */
  asked: number;
}

const nameOf = (subject: Aside) =>
  'copy' in subject ? `copy ${subject.copy}` : `run ${subject.run} ${subject.step}`;

/** @param library opened with the first stored run that is asked */
export function createAsides(deps: SessionDeps, library: () => Promise<Library>): Asides {
  const copies = new Map<number, AsideModel>();
  const models = new Map<string, OpenModel>();
  let taken = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function modelOf(subject: Aside): Promise<AsideModel> {
    if ('run' in subject) return storedModel(await library(), subject.run, subject.step);
    const copy = copies.get(subject.copy);
    if (copy === undefined) throw switchyardError('Cancelled', 'This copy was let go.');
    return copy;
  }

  async function open(subject: Aside): Promise<Session> {
    const { experiment, state, own } = await modelOf(subject);
    return createSession(deps, experiment, { emit: () => {}, state, own, snapshotEvery: 0 });
  }

  async function close(name: string): Promise<void> {
    const model = models.get(name);
    models.delete(name);
    const session = await model?.session.catch(() => null);
    await session?.dispose();
  }

  /** Frees those that were asked longest ago where too many are open; none that still answers. */
  function makeRoom(): void {
    const idle = [...models].filter(([, { asked }]) => asked === 0);
    for (const [name] of idle.slice(0, Math.max(0, models.size - MOST))) void close(name);
  }

  /** Frees what was not asked for long, and looks again later. */
  function watch(): void {
    clearTimeout(timer);
    if (models.size === 0) return;
    timer = setTimeout(() => {
      const before = Date.now() - IDLE_MS;
      for (const [name, { askedAt, asked }] of models)
        if (asked === 0 && askedAt <= before) void close(name);
      watch();
    }, IDLE_MS);
  }

  function modelNamed(subject: Aside): OpenModel {
    const name = nameOf(subject);
    const model = models.get(name) ?? { session: open(subject), askedAt: 0, asked: 0 };
    // Those asked last stand last.
    models.delete(name);
    models.set(name, model);
    model.session.catch(() => {
      if (models.get(name) === model) models.delete(name);
    });
    return model;
  }

  return {
    async inspect(subject, kind, ask) {
      const model = modelNamed(subject);
      model.asked += 1;
      makeRoom();
      try {
        return await (await model.session).inspect(kind, ask);
      } finally {
        model.asked -= 1;
        model.askedAt = Date.now();
        makeRoom();
        watch();
      }
    },
    hold(model) {
      taken += 1;
      copies.set(taken, model);
      return taken;
    },
    async letGo(copy) {
      copies.delete(copy);
      await close(nameOf({ copy }));
    },
    async free() {
      clearTimeout(timer);
      await Promise.all([...models.keys()].map(close));
    },
  };
}
