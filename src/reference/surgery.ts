/** Operations of a surgery on the expert space (docs/model.md, "Surgery"). */

/**
 * target[r, c] = source[rows[r], cols[c]] where neither is below 0; changes `target`.
 * @param source [.., C of the source] @param target [R, C]
 */
export function moveMatrix(
  source: ArrayLike<number>,
  target: Float32Array,
  rows: readonly number[],
  cols: readonly number[],
  sourceC: number,
): void {
  rows.forEach((row, r) => {
    cols.forEach((col, c) => {
      if (row >= 0 && col >= 0) target[r * cols.length + c] = source[row * sourceC + col]!;
    });
  });
}

/**
 * target[map[j].0] = source[map[j].1]; changes `target`.
 * @param map [J, 2]
 */
export function remap(
  source: ArrayLike<number>,
  map: ArrayLike<number>,
  target: Float32Array,
): void {
  for (let j = 0; j < map.length / 2; j++) target[map[2 * j]!] = source[map[2 * j + 1]!]!;
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
