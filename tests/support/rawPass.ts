/** What was exported of small runs, as answers of a fake model. */
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { passesOf } from '../../src/analysis/figures.ts';
import { figuresAt } from '../../src/analysis/figuresAt.ts';
import type { FiguresAt } from '../../src/analysis/followed.ts';
import type { InspectedLayer, Inspection, Intervention } from '../../src/analysis/inspection.ts';
import { decodeRaw, type RawInspection } from '../../src/cli/rawInspection.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import type { LayerSpace } from '../../src/config/telemetry.ts';
import type { Batch } from '../../src/data/types.ts';
import type { PassRequest } from '../../src/train/engine/engine.ts';
import type { RecordedPass } from './fakePass.ts';
import { RAW_EVERY, RAW_RUNS, type RawRun, rawFile, TRAINED, TRAINED_FILES } from './rawRuns.ts';

const read = new Map<string, RawInspection>();

/** A raw export by its path. */
export function rawExport(path: string): RawInspection {
  const known = read.get(path) ?? decodeRaw(readFileSync(path));
  read.set(path, known);
  return known;
}

/** What was exported of a run. */
export const rawRun = (run: RawRun): RawInspection => rawExport(rawFile(run));

/** Some sequences of an inspection, as a pass over these alone; nothing may have been dropped of others. */
export function sequencesOf(of: Inspection, sequences: readonly number[]): Inspection {
  const { S, n } = of;
  const taken = <T extends Float32Array | Int32Array | Uint8Array>(all: T, each: number): T => {
    const rows = sequences.flatMap((q) => [...all.subarray(q * S * each, (q + 1) * S * each)]);
    return new (all.constructor as new (values: number[]) => T)(rows);
  };
  const isWhole = sequences.length === of.n * of.B;
  return {
    ...of,
    n: isWhole ? n : 1,
    B: isWhole ? of.B : sequences.length,
    tokens: taken(of.tokens, 1),
    targets: taken(of.targets, 1),
    domains: taken(of.domains, 1),
    ce: taken(of.ce, 1),
    layers: of.layers.map((layer) => ({
      ...layer,
      logits: taken(layer.logits, layer.kinds.length),
      probs: taken(layer.probs, layer.kinds.length),
      selected: taken(layer.selected, layer.W),
      gates: taken(layer.gates, layer.W),
      dropped: taken(layer.dropped, layer.W),
      norms: taken(layer.norms, layer.W),
    })),
  };
}

/** The first validation batch alone: capacity drops by the batch. */
export function firstBatch({ inspection }: RawInspection): Inspection {
  return sequencesOf(
    inspection,
    Array.from({ length: inspection.B }, (_, q) => q),
  );
}

/** The rows of figures over training time of `TRAINED`, of its raw exports. */
export function rawFigures(): FiguresAt[] {
  const earlier = firstBatch(rawExport(TRAINED_FILES.earlier));
  return [
    figuresAt(RAW_EVERY, earlier, null),
    figuresAt(2 * RAW_EVERY, firstBatch(rawRun(TRAINED)), earlier),
  ];
}

/** The validation batch that was inspected of a small run; null for other experiments. */
export function rawBatch({ model, router, batch }: Experiment, at: number): Batch | null {
  const isSmall = Object.values(RAW_RUNS).some(
    (run) => run.model.D === model.D && run.router.K === router.K && run.batch.B === batch.B,
  );
  if (!isSmall) return null;
  const { inspection } = rawRun('moepp-8+4');
  const { B, S, tokens, targets, domains } = inspection;
  const from = (at % inspection.n) * B * S;
  const cut = (values: Int32Array) => values.subarray(from, from + B * S);
  return {
    tokens: Uint32Array.from(cut(tokens)),
    targets: Uint32Array.from(cut(targets)),
    domains: Uint8Array.from(cut(domains)),
  };
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

/** Sequences of the exported text that a request is about; null where it has others. */
function askedSequences({ tokens, S, n, B }: Inspection, { batches, S: asked }: PassRequest) {
  if (asked !== S) return null;
  const text = (all: ArrayLike<number>, q: number) =>
    Array.from(all)
      .slice(q * S, (q + 1) * S)
      .join();
  const known = Array.from({ length: n * B }, (_, q) => text(tokens, q));
  const found = batches.flatMap((batch) =>
    Array.from({ length: batch.tokens.length / S }, (_, q) => known.indexOf(text(batch.tokens, q))),
  );
  return found.includes(-1) ? null : found;
}

/** A copy: what interventions change must not stay. */
const copied = (layer: InspectedLayer): InspectedLayer => ({
  ...layer,
  selected: layer.selected.slice(),
  norms: layer.norms.slice(),
});

interface ChangedPass {
  items: readonly Intervention[];
  ce: Float32Array;
  /** Its routing; null where that was not exported. */
  layers: readonly InspectedLayer[] | null;
}
const changed = new Map<RawRun, ChangedPass[]>();

/** Passes with interventions of a raw export. */
function changedOf(run: RawRun): ChangedPass[] {
  const raw = rawRun(run);
  const known =
    changed.get(run) ??
    Object.values(raw.passes).flatMap(({ request, losses, after }) =>
      passesOf(request, raw).map((items, i) => ({
        items,
        ce: losses[i]!,
        layers: after?.layers ?? null,
      })),
    );
  changed.set(run, known);
  return known;
}

/** Some sequences with interventions, whose tokens count over these; null where none were exported. */
function changedPass(
  run: RawRun,
  sequences: readonly number[],
  interventions: readonly Intervention[],
): RecordedPass['changed'] {
  const { inspection } = rawRun(run);
  const { S } = inspection;
  const place = (token: number) => sequences[Math.floor(token / S)]! * S + (token % S);
  const items = interventions.map((item) =>
    'token' in item ? { ...item, token: place(item.token) } : item,
  );
  const found = changedOf(run).find((pass) => isDeepStrictEqual(pass.items, items));
  if (found === undefined) return null;
  const { ce, layers } = found;
  const whole = { ...inspection, ce, layers: layers ?? [] };
  const part = sequencesOf(whole, sequences);
  return { ce: part.ce, layers: layers === null ? null : part.layers };
}

/** What was recorded of a small run with these slots, over its whole text or sequences of it. */
export function rawPass(
  spaces: readonly LayerSpace[],
  K: number,
  request: PassRequest,
): RecordedPass | null {
  for (const run of Object.keys(RAW_RUNS) as RawRun[]) {
    const { inspection, capacity } = rawRun(run);
    const isSame = RAW_RUNS[run].router.K === K && capacity === request.capacity;
    if (!isSame || !hasSpaces(inspection.layers, spaces)) continue;
    const sequences = askedSequences(inspection, request);
    if (sequences === null) return null;
    // Capacity drops by the whole batch.
    if (capacity && sequences.length % inspection.B > 0) return null;
    const pass = sequencesOf(inspection, sequences);
    const changed = changedPass(run, sequences, request.interventions);
    return { ...pass, layers: pass.layers.map(copied), changed };
  }
  return null;
}
