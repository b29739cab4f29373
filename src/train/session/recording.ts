/** Who keeps a run while it trains, as the session sees them: types only. */
import type { StepRecords } from '../../config/telemetry.ts';
import type { EngineState } from '../engine/engine.ts';
import type { OwnText, SessionEvent, SessionReport } from './events.ts';

/** Where a run came from. */
export interface Parent {
  /** Id of its record. */
  id: string;
  step: number;
  /** What it was called, for those who do not have it. */
  name?: string | undefined;
}

/** A run that was opened. */
export interface Opening {
  report: SessionReport;
  /** Where it goes on; null for a new model. */
  state: EngineState | null;
  own: OwnText | null;
  /** Id of the record that it continues; null for a record of its own. */
  resumes: string | null;
  parent: Parent | null;
  /** Steps up to the state's that another program took. */
  elsewhere?: StepRecords | null;
}

/** When a state could be read: between two steps, at the end of training for now, or at that of the run. */
export type Moment = 'step' | 'halt' | 'end';

export interface RunRecording {
  /** Id of the record; a run that is back at its start has another one. */
  readonly id: string;
  /** Hears every event before its arrays are handed on. */
  hear(event: SessionEvent): void;
  /** Whether a state is to be read. */
  wants(moment: Moment): boolean;
  /**
   * Takes a state that was read, which nobody changes any more.
   * @param readMs what reading it took
   */
  take(state: EngineState, readMs: number): void;
  /**
   * Stores a state as a checkpoint because a person wants it, whatever its size.
   * @throws StorageError
   */
  keep(state: EngineState): Promise<void>;
  /** Begins to store what was heard so far: the page is about to go. */
  flush(): void;
  /** Stores what is not stored yet, and lets the record go. */
  close(): Promise<void>;
}
