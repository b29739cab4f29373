/** Which model a question is put to: types only. */

/**
 * `live`: the open run; `beside`: the second run of an A/B; a run of the library at a checkpoint
 * (null: its last one); a copy that was taken of the open run.
 */
export type Subject =
  | 'live'
  | 'beside'
  | { readonly run: string; readonly step: number | null }
  | { readonly copy: number };
