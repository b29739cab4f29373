import type { PageMetrics } from './pageMetrics.ts';
import type { Session, SubjectName } from './subject.ts';

/** A session that can be closed, with its device. */
export interface OpenSession extends Session {
  close(): Promise<void>;
}

/** Headless Chromium, this process, or the product's own page in whatever browser shows it. */
export type RunnerName = 'chromium' | 'node' | 'page';

/** Where the measuring code runs. */
export interface Runner {
  readonly name: RunnerName;
  /** A new session of a library: in a browser a new worker. */
  start(subject: SubjectName): Promise<OpenSession>;
  /** How the built page does; absent where none can be opened. */
  measurePage?(log: (line: string) => void): Promise<PageMetrics>;
  close(): Promise<void>;
}
