import { createStore, type StoreApi } from 'zustand/vanilla';
import { settingsInForce } from '../config/edit.ts';
import type { ExpertsConfig } from '../config/experiment.ts';
import type { Layers, SurgeryPlan } from '../config/surgeryPlan.ts';
import type { ConfigValues } from './configStore.ts';
import type { RunValues } from './runStore.ts';

/** What a running model did not take. */
export interface Refusal {
  /** A sentence with the numbers. */
  message: string;
  /** The expert space that was asked for, where a new model can have it. */
  experts: ExpertsConfig | null;
}

/** The expert rack: how it edits, and the edits of the open run that are under way. */
export interface RackValues {
  /** `once`: an edit changes the running model at once; `collect`: edits wait to be applied together. */
  mode: 'once' | 'collect';
  /** Whether a width takes from its pair, so that sums and total stay (MoDSE 7, 8). */
  pairs: boolean;
  /** Widths are set in multiples of this by dragging and by key. */
  snap: 4 | 8;
  /** Lists that edits change. */
  layers: Layers;
  /** Expert space that was sent and is not confirmed yet. */
  sent: ExpertsConfig | null;
  /** Edits that wait, on top of `sent` or of what is in force; null without any. */
  plan: SurgeryPlan | null;
  /** Expert space that `plan` was begun with. */
  base: ExpertsConfig | null;
  refusal: Refusal | null;
}

export interface RackState extends RackValues {
  set(values: Partial<RackValues>): void;
  /** Another run, or none: nothing waits. */
  forget(): void;
}

const NOTHING = {
  sent: null,
  plan: null,
  base: null,
  refusal: null,
} as const;

export const RACK_DEFAULTS: RackValues = {
  mode: 'once',
  pairs: false,
  snap: 8,
  layers: 'all',
  ...NOTHING,
};

export type RackStore = StoreApi<RackState>;

export function createRackStore(): RackStore {
  return createStore<RackState>()((set) => ({
    ...RACK_DEFAULTS,
    set,
    forget: () => set(NOTHING),
  }));
}

/** Phases in which a run is open. */
export const OPEN_PHASES: ReadonlySet<RunValues['phase']> = new Set<RunValues['phase']>([
  'ready',
  'running',
  'paused',
  'finished',
]);

/** Whether edits of the rack change a running model. */
export function isOperable(
  run: Pick<RunValues, 'phase'>,
  config: Pick<ConfigValues, 'running'>,
): boolean {
  return config.running !== null && OPEN_PHASES.has(run.phase);
}

/** Expert space of the next step of the open run; of the form where none is open. */
export function spaceInForce(
  run: Pick<RunValues, 'phase' | 'step'>,
  config: Pick<ConfigValues, 'running' | 'experiment'>,
): ExpertsConfig {
  const { running, experiment } = config;
  if (running === null || !isOperable(run, config)) return experiment.experts;
  return settingsInForce(running, run.step).experts;
}
