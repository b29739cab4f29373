/** What conversions need of where they run: a browser's worker or Node. */
import type { Experiment } from '../../config/experiment.ts';
import type { SessionDeps } from '../../train/session/openRun.ts';
import type { AsideModel } from '../asides.ts';
import type { Library } from '../library.ts';
import type { RunLocks } from '../locks.ts';
import type { ConversionStore } from './store.ts';

export interface LiveModel extends AsideModel {
  /** Id of its record; null where none is kept. */
  run: string | null;
}

export interface ConversionDeps extends SessionDeps {
  store(): Promise<ConversionStore>;
  library(): Promise<Library>;
  /** The open run as it stands. @throws ConfigInvalid where none is open */
  live(): Promise<LiveModel>;
  /** Its experiment alone. @throws as `live` */
  liveExperiment(): Promise<Experiment>;
  /** Whether a run trains, so that nothing can be timed. */
  isTraining(): boolean;
  locks: RunLocks;
  /** Least time between two stored states of a layer; a few seconds when absent. */
  storeMs?: number;
  now(): number;
}
