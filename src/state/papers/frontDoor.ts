/** Where a newcomer begins who has nothing to train on: with what was recorded; loaded when there is no adapter. */
import type { ViewStore } from '../viewStore.ts';
import { createPapers, type Papers, type PapersDeps } from './papers.ts';

interface FrontDoor {
  papers(create: (deps: PapersDeps) => Papers): Papers;
  view: ViewStore;
}

/** Shows a recorded claim, unless the person has gone elsewhere meanwhile. */
export async function showRecorded({ papers, view }: FrontDoor): Promise<void> {
  const store = papers(createPapers);
  await store.readIndex();
  const [name] = Object.keys(store.getState().index ?? {});
  if (name === undefined || view.getState().room !== '') return;
  view.getState().setOwn('claims', { claim: name });
  view.getState().set({ room: 'papers' });
}
