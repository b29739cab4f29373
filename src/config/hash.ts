/** The counter-based random numbers of docs/model.md and the goldens' README: 32-bit hash chains. */

/** Finaliser of the chain (unsigned 32-bit). */
export function mix32(x: number): number {
  let h = x | 0;
  h ^= h >>> 16;
  h = Math.imul(h, 0x7feb352d);
  h ^= h >>> 15;
  h = Math.imul(h, 0x846ca68b);
  h ^= h >>> 16;
  return h >>> 0;
}

/** Hash of a seed and a chain of integers, e.g. (seed; step, layer, token) for `randomDrop`. */
export function hashChain(seed: number, ...parts: readonly number[]): number {
  let h = mix32(seed ^ 0x9e3779b9);
  for (const part of parts) h = mix32(h ^ part);
  return h;
}

/** FNV-1a, 32 bits, over UTF-8. */
export function fnv1a(name: string): number {
  let h = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) h = Math.imul(h ^ byte, 0x01000193);
  return h >>> 0;
}

/** Uniform in (0, 1): (h + 0.5) / 2³². */
export function uniform(seed: number, ...parts: readonly number[]): number {
  return (hashChain(seed, ...parts) + 0.5) / 4294967296;
}

/**
 * The normal draws of standard deviation `std` for the parameter `name` (docs/model.md, "Initial
 * weights"): element j in double precision.
 */
export function normalElement(seed: number, name: string, std: number): (j: number) => number {
  const prefix = mix32(mix32(seed ^ 0x9e3779b9) ^ fnv1a(name));
  return (j) => {
    const u1 = (mix32(prefix ^ (2 * j)) + 0.5) / 4294967296;
    const u2 = (mix32(prefix ^ (2 * j + 1)) + 0.5) / 4294967296;
    return Math.sqrt(-2 * Math.log(u1)) * Math.cos(2 * Math.PI * u2) * std;
  };
}

/** The first `count` of `normalElement`, as float32. */
export function normalDraws(seed: number, name: string, count: number, std: number): Float32Array {
  const draws = new Float32Array(count);
  const element = normalElement(seed, name, std);
  for (let j = 0; j < count; j++) draws[j] = element(j);
  return draws;
}

/**
 * 64 bits of `count` words of 32 bits, as two chains: any change of one word changes the first half.
 * @param word the i-th word
 */
export function hash64(count: number, word: (i: number) => number): readonly [number, number] {
  let [a, b] = [mix32(0x9e3779b9), mix32(0x7f4a7c15)];
  for (let i = 0; i < count; i++) {
    const next = word(i);
    a = mix32(a ^ next);
    b = mix32(b ^ next);
  }
  return [mix32(a ^ count), mix32(b ^ count)];
}
