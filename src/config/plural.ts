/**
 * "1 token", "1,024 tokens", "2 indices".
 * @param many the plural, where it is not the noun and an s
 */
export function counted(n: number, noun: string, many = `${noun}s`): string {
  return `${n.toLocaleString('en')} ${n === 1 ? noun : many}`;
}
