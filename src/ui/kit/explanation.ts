/** What a word means, where from, and by which formula. */
export interface Explanation {
  label: string;
  meaning: string;
  formula?: string | undefined;
  source?: string | undefined;
  /** More rows: name and value. */
  facts?: readonly (readonly [name: string, value: string])[];
}
