import { readFileSync } from 'node:fs';
import type { InspectedLayer } from '../../src/analysis/inspection.ts';
import { decodeRaw, type RawInspection } from '../../src/cli/rawInspection.ts';
import type { LayerSpace } from '../../src/config/telemetry.ts';
import type { Pass, PassRequest } from '../../src/train/engine/engine.ts';
import { RAW_RUNS, RAW_TEXT, type RawRun, rawFile } from './rawRuns.ts';

const read = new Map<RawRun, RawInspection>();

/** What was exported of a run. */
export function rawRun(run: RawRun): RawInspection {
  const known = read.get(run) ?? decodeRaw(readFileSync(rawFile(run)));
  read.set(run, known);
  return known;
}

/** Whether the recorded layers are these. */
function hasSpaces(layers: readonly InspectedLayer[], spaces: readonly LayerSpace[]): boolean {
  const same = <T>(a: ArrayLike<T>, b: ArrayLike<T>) => `${Array.from(a)}` === `${Array.from(b)}`;
  return (
    layers.length === spaces.length &&
    layers.every(({ layer, W, kinds, hidden }, i) => {
      const space = spaces[i]!;
      const isSame = same(kinds, space.kinds) && same(hidden, space.hidden);
      return isSame && layer === space.layer && W === space.ranks;
    })
  );
}

/** A copy: what interventions change must not stay. */
const copied = (layer: InspectedLayer): InspectedLayer => ({
  ...layer,
  selected: layer.selected.slice(),
  norms: layer.norms.slice(),
});

/** What was recorded of a small run with these slots, over a text of the length asked for. */
export function rawPass(
  spaces: readonly LayerSpace[],
  K: number,
  { batches, S, capacity }: PassRequest,
): Pass | null {
  const { n, B } = RAW_TEXT;
  const isAsLong = batches.every(({ tokens }) => tokens.length === B * S);
  if (batches.length !== n || S !== RAW_TEXT.S || !isAsLong) return null;
  for (const run of Object.keys(RAW_RUNS) as RawRun[]) {
    const raw = rawRun(run);
    const isSame = RAW_RUNS[run].router.K === K && raw.capacity === capacity;
    if (!isSame || !hasSpaces(raw.inspection.layers, spaces)) continue;
    return { ...raw.inspection, layers: raw.inspection.layers.map(copied) };
  }
  return null;
}
