/** "1 step", "3 steps": a count with its noun. */
export function counted(n: number, noun: string, plural = `${noun}s`): string {
  return `${n} ${n === 1 ? noun : plural}`;
}

/** Parts that a list in a message has at most. */
const MAX_TOLD = 8;

/** The first of some parts of a sentence, and how many more there are. */
export function listed(parts: readonly string[], separator = '; '): string {
  const more = parts.length - MAX_TOLD;
  const told = parts.slice(0, MAX_TOLD).join(separator);
  return more > 0 ? `${told}${separator}and ${more} more` : told;
}
