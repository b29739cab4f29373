/** All views: menu, links, storage and places derive from these rows. */
import type { ViewFields } from '../../state/viewStore.ts';
import { view as accounting } from './accounting/view.ts';
import { view as domains } from './domains/view.ts';
import { view as history } from './history/view.ts';
import { view as load } from './load/view.ts';
import { view as loss } from './loss/view.ts';
import { view as placement } from './placement/view.ts';
import { view as profiler } from './profiler/view.ts';
import { view as rack } from './rack/view.ts';
import { view as routing } from './routing/view.ts';
import { view as samples } from './samples/view.ts';
import { view as solver } from './solver/view.ts';
import { view as table } from './table/view.ts';
import type { AnyView } from './view.ts';

export const VIEWS: readonly AnyView[] = [
  loss,
  rack,
  load,
  history,
  samples,
  routing,
  table,
  domains,
  accounting,
  solver,
  placement,
  profiler,
];

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
