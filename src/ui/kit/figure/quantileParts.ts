/** Where a moved quantile line lies among the values, as a part of them. */

/** Part of the values that lies below a place, from their quantiles at equal distances. */
export function partBelow(quantiles: ArrayLike<number>, at: number): number {
  const last = quantiles.length - 1;
  if (at <= quantiles[0]!) return 0;
  if (at >= quantiles[last]!) return 1;
  let [low, high] = [0, last];
  // The last of them that is not below lies behind `low`.
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (quantiles[middle]! < at) low = middle;
    else high = middle;
  }
  const [from, to] = [quantiles[low]!, quantiles[low + 1]!];
  return (low + (to > from ? (at - from) / (to - from) : 0)) / last;
}

/** A part as a person sets one: in thousandths. */
export const rounded = (part: number) => Math.round(1000 * part) / 1000;
