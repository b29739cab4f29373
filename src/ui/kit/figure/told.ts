/** What is told of a place: what it is, and its numbers by name. */
export interface Told {
  title: string;
  facts: readonly (readonly [name: string, value: string])[];
}

/** What is told of a place, in a sentence. */
export function sentenceOf({ title, facts }: Told): string {
  return `${title}: ${facts.map(([name, value]) => `${name} ${value}`).join(', ')}`;
}
