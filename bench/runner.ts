import type { Session, SubjectName } from './subject.ts';

/** A session that can be closed, with its device. */
export interface OpenSession extends Session {
  close(): Promise<void>;
}

/** Where the measuring code runs. */
export interface Runner {
  readonly name: 'chromium' | 'node';
  /** A new session of a library: in a browser a new worker. */
  start(subject: SubjectName): Promise<OpenSession>;
  close(): Promise<void>;
}
