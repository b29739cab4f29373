/**
 * One list of what a person has edited: the form, what waits for the running model, and that model
 * itself. Undo and redo know nothing of who made an edit; every edit carries how it goes back and on.
 */
import { createStore, type StoreApi } from 'zustand/vanilla';
import { applyChange, getPath, sameValue } from '../config/edit.ts';
import type { Change, Experiment } from '../config/experiment.ts';
import { MAX_UNDO } from '../config/surgery.ts';

export type Way = 'undo' | 'redo';

export interface Edit {
  /** What was edited: the form, the plan that waits, or the running model. */
  readonly of: 'form' | 'plan' | 'model';
  /** Settings that it changed, as they were and as it left them. */
  readonly before: Change;
  readonly after: Change;
  /** Whether it can go that way as things stand. */
  canAct(way: Way): boolean;
  /** Takes it back or does it again, which leaves its settings at `to`; false where that was refused. */
  act(way: Way, to: Change): Promise<boolean>;
}

export type Entry = Edit & { readonly id: number };

type Which = (edit: Entry) => boolean;

export interface HistoryValues {
  /** Edits that can be taken back, the newest last. */
  past: readonly Entry[];
  /** Edits that were taken back, the one to do again next last. */
  future: readonly Entry[];
}

export interface HistoryState extends HistoryValues {
  /** A new edit, after which nothing can be done again. */
  add(edit: Edit): void;
  /** Lists an edit that the run came with as the next one to go a way. */
  list(way: Way, edit: Edit): void;
  /** Puts an edit in the place of the newest of some. */
  replace(ids: ReadonlySet<number>, edit: Edit): void;
  /** Takes back the newest edit that can be, among all or those asked for. */
  undo(which?: Which): Promise<void>;
  redo(which?: Which): Promise<void>;
  /** Runs a task after those before it; undo and redo wait for their turn too. */
  turn<T>(task: () => Promise<T>): Promise<T>;
  drop(which: Which): void;
  /** After the form took values from elsewhere: edits lose the settings that no longer are as they left them. */
  fit(form: Experiment): void;
}

export type HistoryStore = StoreApi<HistoryState>;

const SIDES = { undo: ['past', 'future'], redo: ['future', 'past'] } as const;

function picked(change: Change, paths: readonly string[]): Change {
  return Object.fromEntries(paths.map((path) => [path, change[path] ?? null]));
}

/** Edits from a form on, the nearest last, with the settings that are as they left them. */
function fitted(entries: readonly Entry[], way: Way, form: Experiment): Entry[] {
  let now = form;
  const kept: Entry[] = [];
  for (const entry of entries.toReversed()) {
    const { before, after } = entry;
    const [here, there] = way === 'undo' ? [after, before] : [before, after];
    const paths = Object.keys(here).filter((path) =>
      sameValue(getPath(now, path) ?? null, here[path] ?? null),
    );
    now = applyChange(now, picked(there, paths));
    if (entry.of !== 'form') kept.push(entry);
    else if (paths.length > 0)
      kept.push({ ...entry, before: picked(before, paths), after: picked(after, paths) });
  }
  return kept.reverse();
}

/** Tasks one after another in the order they come; the first begins at once. */
function createTurns(): HistoryState['turn'] {
  let last: Promise<unknown> | null = null;
  return (task) => {
    const result = last === null ? task() : last.then(task);
    const ended = result
      .then(
        () => undefined,
        () => undefined,
      )
      .then(() => {
        if (last === ended) last = null;
      });
    last = ended;
    return result;
  };
}

export function createHistory(): HistoryStore {
  const turn = createTurns();
  let made = 0;
  const entryOf = (edit: Edit): Entry => ({ ...edit, id: ++made });
  return createStore<HistoryState>()((set, get) => {
    async function travel(way: Way, which: Which = () => true): Promise<void> {
      const [from, to] = SIDES[way];
      const at = get()[from].findLastIndex((edit) => which(edit) && edit.canAct(way));
      const entry = get()[from][at];
      if (entry === undefined) return;
      const without = (side: 'past' | 'future') => get()[side].filter(({ id }) => id !== entry.id);
      const move = { [from]: without(from), [to]: [...get()[to], entry] };
      set(move);
      if (await entry.act(way, way === 'undo' ? entry.before : entry.after)) return;
      set({ [to]: without(to), [from]: get()[from].toSpliced(at, 0, entry) });
    }

    return {
      past: [],
      future: [],
      turn,
      add: (edit) => set({ past: [...get().past, entryOf(edit)].slice(-MAX_UNDO), future: [] }),
      list(way, edit) {
        const [from] = SIDES[way];
        set({ [from]: [...get()[from], entryOf(edit)].slice(-MAX_UNDO) });
      },
      replace(ids, edit) {
        const { past } = get();
        const at = past.findLastIndex(({ id }) => ids.has(id));
        const next = at < 0 ? [...past, entryOf(edit)] : past.with(at, entryOf(edit));
        set({ past: next.filter(({ id }) => !ids.has(id)).slice(-MAX_UNDO) });
      },
      undo: (which) => turn(() => travel('undo', which)),
      redo: (which) => turn(() => travel('redo', which)),
      drop(which) {
        const { past, future } = get();
        const stays = (edit: Entry) => !which(edit);
        set({ past: past.filter(stays), future: future.filter(stays) });
      },
      fit(form) {
        const { past, future } = get();
        set({ past: fitted(past, 'undo', form), future: fitted(future, 'redo', form) });
      },
    };
  });
}
