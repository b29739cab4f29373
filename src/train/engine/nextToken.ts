import type { EngineConfig } from '../../config/experiment.ts';
import { readSlices } from '../../gpu/readback.ts';
import type { Slice } from '../../gpu/slice.ts';
import { pad4 } from '../../layout/sizes.ts';
import type { DenseBlock } from '../../model/denseBlock.ts';
import { MoeBlock } from '../../model/moeBlock.ts';
import type { NextToken } from './engine.ts';
import type { TokenRouting } from './tokenRouting.ts';

/** A network that has been run forward. */
interface Ran {
  logits_TV: Slice;
  /** The token whose logits come first there; 0 where none is said. */
  firstLogits?: number;
  ffn: readonly (DenseBlock | MoeBlock)[];
}

/** Tokens `first` … `first + count − 1` of the `of` that were run. */
interface Rows {
  first: number;
  count: number;
  of: number;
}

function rowsOf(slice: Slice, { first, count }: Rows, words: number): Slice {
  return { ...slice, offset: slice.offset + first * words * 4, size: count * words * 4 };
}

/** Reads what may follow some tokens in one copy, which is queued before the promise is returned. */
export async function readNext(
  device: GPUDevice,
  { logits_TV, firstLogits = 0, ffn }: Ran,
  { model: { V } }: EngineConfig,
  rows: Rows,
  hasRouting: boolean,
): Promise<Omit<NextToken, 'isRecomputed'>[]> {
  const moe = ffn.flatMap((block, layer) =>
    hasRouting && block instanceof MoeBlock ? [{ layer, ...of(block) }] : [],
  );
  const [logits, ...words] = await readSlices(device, [
    rowsOf(logits_TV, { ...rows, first: rows.first - firstLogits }, pad4(V)),
    ...moe.flatMap(({ selected_WT, g_TR, W, R4 }) => [
      { ...selected_WT, size: W * rows.of * 4 },
      rowsOf(g_TR, rows, R4),
    ]),
  ]);
  const layers = moe.map(({ layer, W, R4 }, m) => {
    const selected = new Int32Array(words[2 * m] as ArrayBuffer);
    const g = new Float32Array(words[2 * m + 1] as ArrayBuffer);
    return (row: number): TokenRouting => {
      const ranks = Array.from({ length: W }, (_, w) => selected[w * rows.of + rows.first + row]!);
      const slots = Int32Array.from(ranks.filter((slot) => slot >= 0));
      const gates = Float32Array.from(slots, (slot) => g[row * R4 + slot]!);
      return { layer, selected: slots, gates };
    };
  });
  return Array.from({ length: rows.count }, (_, row) => ({
    logits: new Float32Array(logits as ArrayBuffer, row * pad4(V) * 4, V).slice(),
    routing: layers.map((routingOf) => routingOf(row)),
  }));
}

function of({ ffn: { selected_WT, g_TR, W, slots } }: MoeBlock) {
  return { selected_WT, g_TR, W, R4: pad4(slots.length) };
}
