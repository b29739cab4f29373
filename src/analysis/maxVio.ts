/** How far the busiest slot lies above an even load: max c_i·R/A − 1. */
export function maxVio(counts: ArrayLike<number>): number {
  let [total, most] = [0, 0];
  for (let i = 0; i < counts.length; i++) {
    total += counts[i]!;
    most = Math.max(most, counts[i]!);
  }
  return (most * counts.length) / total - 1;
}
