/** Which model a question is put to: types only. */

/** A run of the library at a checkpoint; null: its last one. */
export interface StoredSubject {
  readonly run: string;
  readonly step: number | null;
}

/** `live`: the open run; `beside`: the second run of an A/B; a copy that was taken of the open run. */
export type Subject = 'live' | 'beside' | StoredSubject | { readonly copy: number };
