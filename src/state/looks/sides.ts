/** Which models are looked at: the run that the page shows, and one it is compared with. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ProbesAt } from '../../analysis/probes/probesAt.ts';
import type { RunSource } from '../../analysis/source.ts';
import type { StoredSubject, Subject } from '../../worker/api.ts';
import type { LibraryStore } from '../library.ts';
import type { StoredSource } from '../storedSource.ts';
import type { Side } from './looked.ts';

export interface SidesValues {
  sides: readonly Side[];
  /** The checkpoint of a stored run that is shown; null: its last one. */
  step: number | null;
  /** What the shown run is compared with. */
  against: StoredSubject | null;
  /** Whether a live run is not looked at again while it trains. */
  isHeld: boolean;
}

export interface SidesState extends SidesValues {
  setStep(step: number | null): void;
  setHeld(isHeld: boolean): void;
  /** Compares with a stored run, whose records are read first; with none where null. */
  compareWith(against: StoredSubject | null): Promise<void>;
  /** What a stored run has answered to probe tasks by now, to whoever shows it. */
  hear(run: string, probes: ProbesAt): void;
}

export type SidesStore = StoreApi<SidesState>;

interface Deps {
  live: RunSource;
  library: LibraryStore;
}

/** The sides, as they were where they are as before: who watches one is told of changes alone. */
function kept(before: readonly Side[], now: readonly Side[]): readonly Side[] {
  const same = now.map((side, i) => {
    const old = before[i];
    const isSame =
      old?.name === side.name &&
      old.source === side.source &&
      JSON.stringify(old.subject) === JSON.stringify(side.subject);
    return isSame ? old : side;
  });
  const areSame = same.length === before.length && same.every((side, i) => side === before[i]);
  return areSame ? before : same;
}

export function createSidesStore({ live, library }: Deps): SidesStore {
  /** Records of the run that is compared with. */
  let other: StoredSource | null = null;
  let asked = 0;

  const nameOf = (id: string) =>
    library.getState().rows.find((row) => row.id === id)?.name ?? 'A stored run';

  function sidesOf({ step, against }: Pick<SidesValues, 'step' | 'against'>): Side[] {
    const { shown } = library.getState();
    const subject: Subject = shown === null ? 'live' : { run: shown.head.id, step };
    const name = shown === null ? 'This run' : nameOf(shown.head.id);
    const a: Side = { key: 'a', name, subject, source: shown ?? live };
    if (against === null || other === null) return [a];
    const at = against.step === null ? '' : `, step ${against.step.toLocaleString('en')}`;
    return [a, { key: 'b', name: nameOf(against.run) + at, subject: against, source: other }];
  }

  const store = createStore<SidesState>()((set, get) => ({
    sides: sidesOf({ step: null, against: null }),
    step: null,
    against: null,
    isHeld: false,
    setStep: (step) => set({ step, sides: sidesOf({ ...get(), step }) }),
    setHeld: (isHeld) => set({ isHeld }),
    async compareWith(against) {
      asked += 1;
      const mine = asked;
      let source = against === null ? null : other;
      if (against !== null && source?.head.id !== against.run)
        source = await library.getState().sourceOf(against.run);
      // Another choice was made while its records were read.
      if (mine !== asked) return;
      other = source;
      const taken = other === null ? null : against;
      set({ against: taken, sides: sidesOf({ ...get(), against: taken }) });
    },
    hear(run, probes) {
      const sources = new Set([library.getState().shown, other]);
      for (const source of sources) if (source?.head.id === run) source.hear(probes);
    },
  }));
  let before = library.getState();
  library.subscribe((now) => {
    const isOther = now.shown !== before.shown;
    const isNamed = now.rows !== before.rows;
    before = now;
    if (!isOther && !isNamed) return;
    const { step, against } = store.getState();
    const at = isOther ? null : step;
    store.setState(({ sides }) => ({
      step: at,
      sides: kept(sides, sidesOf({ step: at, against })),
    }));
  });
  return store;
}
