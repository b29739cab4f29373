/** Student's t with a whole number of degrees of freedom (Abramowitz and Stegun, 26.7.3 and 26.7.4). */

/** Halvings of the angle's range, after which a double has no more digits. */
const HALVINGS = 60;

/** Probability that |t| is below √df · tan(angle), a finite sum. */
function centralProbability(angle: number, df: number): number {
  const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
  const isOdd = df % 2 === 1;
  let term = isOdd ? cos : 1;
  let sum = df === 1 ? 0 : term;
  for (let k = isOdd ? 3 : 2; k <= df - 2; k += 2) {
    term *= ((k - 1) / k) * cos * cos;
    sum += term;
  }
  return isOdd ? (2 / Math.PI) * (angle + sin * sum) : sin * sum;
}

/**
 * Value that t stays below with probability `p`.
 * @throws RangeError for a `p` outside of ½ ≤ p < 1, or a `df` that is not whole and above 0
 */
export function tQuantile(p: number, df: number): number {
  if (!(p >= 0.5 && p < 1)) throw new RangeError(`p is ${p}; it must be from 0.5 to below 1`);
  if (!Number.isInteger(df) || df < 1)
    throw new RangeError(`df is ${df}; it must be a whole number from 1 on`);
  let [low, high] = [0, Math.PI / 2];
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (low + high) / 2;
    if (centralProbability(middle, df) < 2 * p - 1) low = middle;
    else high = middle;
  }
  return Math.sqrt(df) * Math.tan(low);
}
