/** All views: menu, links, storage and places derive from these rows. */
import type { ViewFields } from '../../state/viewStore.ts';
import type { AnyView } from './view.ts';

/** The row of every folder beside this file. */
const rows = import.meta.glob<AnyView>('./*/view.ts', { eager: true, import: 'view' });

/** In the order of their ids: what is looked at together, and in which order, rooms say. */
export const VIEWS: readonly AnyView[] = Object.values(rows);

/** What the views keep, by their ids: the view store is made of it. */
export const VIEW_FIELDS: ViewFields = Object.fromEntries(
  VIEWS.map(({ id, fields }) => [id, fields]),
);

/** @throws Error for an id that no view has */
export function viewById(id: string): AnyView {
  const view = VIEWS.find((row) => row.id === id);
  if (view === undefined) throw new Error(`no view is called "${id}"`);
  return view;
}
