/** Keeps the runs of the queue in the library, under what they were trained for. */
import type { Library } from '../runs/library.ts';
import type { EngineState } from '../train/engine/engine.ts';
import type { RunListener } from '../train/recipes/trainedRun.ts';
import type { Emit, SessionReport } from '../train/session/events.ts';
import type { Opening, RunRecording } from '../train/session/recording.ts';

export interface RecordingDeps {
  record(opening: Opening, emit: Emit): RunRecording;
  library(): Promise<Library>;
  /** Whether a record is that of a run which a person has open. */
  isOpen(id: string): boolean;
}

/** What a run is called, and its tag. */
export interface RunTitle {
  name: string;
  tag: string;
}

/** What is kept with a run that is not finished: the id of its record. */
function idIn(note: unknown): string | null {
  const isNote = typeof note === 'object' && note !== null && 'id' in note;
  return isNote && typeof note.id === 'string' ? note.id : null;
}

/** Adds a tag to a run of the library, if it is there. */
export async function tagRun(library: Library, note: unknown, tag: string): Promise<void> {
  const id = idIn(note);
  const row = id === null ? null : await library.row(id);
  if (row !== null && !row.tags.includes(tag))
    await library.change(row.id, { tags: [...row.tags, tag] });
}

/** What the queue hears of a run besides its steps. */
export interface RunNews {
  /** The library has its record. */
  started(id: string): void;
  diverged(): void;
  /** Its last step is kept. */
  ended(id: string): void;
}

/** Begins to keep a run, or goes on with its record. */
export function keepRun(
  deps: RecordingDeps,
  { name, tag }: RunTitle,
  { report, state, note }: { report: SessionReport; state: EngineState | null; note: unknown },
  news: RunNews,
): RunListener {
  const before = idIn(note);
  // Two that train write one record each.
  const resumes = before !== null && deps.isOpen(before) ? null : before;
  let isNamed = false;
  const nameIt = async (id: string) => {
    const library = await deps.library();
    const row = await library.row(id);
    if (row === null) return;
    // What a person called it since stays.
    const named = resumes === null ? { name } : {};
    if (!row.tags.includes(tag)) await library.change(id, { ...named, tags: [...row.tags, tag] });
    news.started(id);
  };
  const emit: Emit = (event) => {
    if (event.type !== 'recording' || event.recording.step === 0 || isNamed) return;
    isNamed = true;
    nameIt(event.recording.id).catch(() => undefined);
  };
  const recording = deps.record({ report, state, own: null, resumes, parent: null }, emit);
  let isFailed = false;
  return {
    hear(event) {
      if (event.type === 'state') isFailed = event.state === 'failed';
      if (event.type === 'stopped' && event.reason.kind === 'nonFinite') news.diverged();
      recording.hear(event);
    },
    note: () => ({ id: recording.id }),
    async close(last) {
      if (last !== null && !isFailed)
        recording.hear({ type: 'state', state: 'finished', step: last.step });
      // Its last state makes the run one that can be asked, and gone on with.
      if (last !== null && recording.wants('end')) recording.take(last, 0);
      await recording.close();
      if (last !== null) news.ended(recording.id);
    },
  };
}
