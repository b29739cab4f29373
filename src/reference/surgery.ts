/** Operations of a surgery on the expert space (docs/model.md, "Surgery"). */

/** Source of an element that has none. */
export const NOWHERE = 0xffffffff;

/**
 * target[map[j].0] = source[map[j].1], fill[j] where that is NOWHERE; changes `target`.
 * @param map [J, 2]
 */
export function remap(
  source: ArrayLike<number>,
  map: ArrayLike<number>,
  fill: ArrayLike<number>,
  target: Float32Array,
): void {
  for (let j = 0; j < map.length / 2; j++) {
    const from = map[2 * j + 1]!;
    target[map[2 * j]!] = from === NOWHERE ? fill[j]! : source[from]!;
  }
}

/**
 * ‖down[:, f]‖·(‖gate[f, :]‖ + ‖up[f, :]‖) of every hidden unit f [F].
 * @param gate [F, D] @param up [F, D] @param down [D, F]
 */
export function unitImportance(
  gate: ArrayLike<number>,
  up: ArrayLike<number>,
  down: ArrayLike<number>,
  { D, F }: { D: number; F: number },
): Float64Array {
  return Float64Array.from({ length: F }, (_, f) => {
    let [gateSquares, upSquares, downSquares] = [0, 0, 0];
    for (let d = 0; d < D; d++) {
      gateSquares += gate[f * D + d]! ** 2;
      upSquares += up[f * D + d]! ** 2;
      downSquares += down[d * F + f]! ** 2;
    }
    return Math.sqrt(downSquares) * (Math.sqrt(gateSquares) + Math.sqrt(upSquares));
  });
}
