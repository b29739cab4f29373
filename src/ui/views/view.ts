import type { ReactNode } from 'react';
import type { RunSource, StepRange } from '../../analysis/source.ts';
import type { AnyFields, Fields } from '../../state/fields.ts';
import type { OwnValues } from '../../state/viewStore.ts';
import type { Explanation } from '../kit/explanation.ts';
import type { PlaceRow } from '../kit/place.ts';

/** A view that keeps nothing of its own. */
export type NoFields = Readonly<Record<never, never>>;

/** What a view's panel is given. */
export interface ViewProps<S extends object = NoFields> {
  source: RunSource;
  /** Steps whose loads are shown; null: the latest. */
  steps: StepRange | null;
  /** Values of the view's own fields. */
  value: S;
  set(part: Partial<S>): void;
}

/** The module of a view's panel; it brings its style sheet along, and what the view is for. */
interface PanelModule<S extends object> {
  default(props: ViewProps<S>): ReactNode;
  about?: Explanation;
}

/**
 * A view as a row. The page takes from it the panel, its place while it loads, what it lacks, its
 * title, what it keeps and what of it a link holds.
 */
export interface View<S extends object = NoFields> extends PlaceRow {
  /** Height of its place, in rows of 10 pixels. */
  readonly rows: number;
  readonly fields: Fields<S>;
  load(): Promise<PanelModule<S>>;
}

/** A view of any fields: of the registry nobody needs to know which. */
export interface AnyView extends PlaceRow {
  readonly rows: number;
  readonly fields: AnyFields;
  load(): Promise<PanelModule<OwnValues>>;
}
