/**
 * "1 token", "1,024 tokens", "2 indices".
 * @param many the plural, where it is not the noun and an s
 */
export function counted(n: number, noun: string, many = `${noun}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? noun : many}`;
}

/** Parts that a list in a message has at most. */
const MAX_TOLD = 8;

/** The first of some parts of a sentence, and how many more there are. */
export function listed(parts: readonly string[], separator = '; '): string {
  const more = parts.length - MAX_TOLD;
  const told = parts.slice(0, MAX_TOLD).join(separator);
  return more > 0 ? `${told}${separator}and ${more} more` : told;
}
