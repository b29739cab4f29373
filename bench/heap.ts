/**
 * Bytes of this process's JavaScript heap; null in a browser, whose page measures its workers. Rubbish
 * is collected first where the runtime lets it (`--expose-gc`).
 */
export function heapBytes(): number | null {
  const collect: unknown = Reflect.get(globalThis, 'gc');
  if (typeof collect === 'function') collect();
  return typeof process === 'undefined' ? null : process.memoryUsage().heapUsed;
}
