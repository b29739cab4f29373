/**
 * Whether a run is well: what its telemetry and its settings say, as findings with a number and what
 * is allowed (docs/health.md). Worked out as the telemetry comes: a step is looked at once.
 */
import type { LayerSpace } from '../config/telemetry.ts';
import { gradientFindings } from './health/gradient.ts';
import { binChecks } from './health/loads.ts';
import { stepChecks } from './health/scalars.ts';
import { type Segment, segmentsIn, segmentsOf } from './health/segments.ts';
import { type Finding, type Seen, Stretches } from './health/stretches.ts';
import { type LoadBin, stepsOf } from './loadHistory.ts';
import { partsOf } from './seams.ts';
import type { RunSource } from './source.ts';

export type { CheckId, Finding } from './health/stretches.ts';

interface State {
  /** What the telemetry belongs to: a run that begins anew has another. */
  owner: object;
  stretches: Stretches;
  /** Last step that was looked at: of the scalars, and of each MoE layer. */
  step: number;
  layers: Map<number, { step: number; space: LayerSpace }>;
}

const beginning = (owner: object): State => ({
  owner,
  stretches: new Stretches(),
  step: 0,
  layers: new Map(),
});

/** Bins that are full and new, in their order; a run that rests is seen to its end. */
function newBins(bins: readonly LoadBin[], stride: number, seen: number, isWhole: boolean) {
  let from = bins.length;
  while (from > 0 && bins[from - 1]!.lastStep > seen) from--;
  const fresh = bins.slice(from);
  const last = fresh.at(-1);
  return last !== undefined && !isWhole && stepsOf(last) < stride ? fresh.slice(0, -1) : fresh;
}

export class Health {
  #state: State | null = null;
  /** Steps and bins that were looked at. */
  looked = 0;

  /** Looks at what is new of a run, and tells everything that was found, what goes on first. */
  update(source: RunSource): readonly Finding[] {
    const { owner } = source.line('total');
    const state = this.#state?.owner === owner ? this.#state : beginning(owner);
    this.#state = state;
    const segments = segmentsOf(source.head.experiment);
    this.#steps(source, state, segments);
    for (const { layer } of source.spaces(null)) this.#layer(source, state, segments, layer);
    const found = [...gradientFindings(segments, source.step), ...state.stretches.findings()];
    const isOpen = ({ last }: Finding) => last === null;
    return [...found.filter(isOpen), ...found.filter((finding) => !isOpen(finding))];
  }

  #steps(source: RunSource, state: State, segments: readonly Segment[]): void {
    const { firstStep, values, steps } = source.line('lr');
    // Of curves with gaps nobody knows which steps broke.
    if (steps !== undefined) return;
    const last = firstStep + values.length - 1;
    const check = stepChecks(source, segments);
    for (let step = Math.max(firstStep, state.step + 1); step <= last; step++) {
      this.looked += 1;
      check(step, (seen) => state.stretches.see(seen));
    }
    state.step = Math.max(state.step, last);
  }

  #layer(source: RunSource, state: State, segments: readonly Segment[], layer: number): void {
    const history = source.history(layer);
    if (history === null) return;
    const seen = state.layers.get(layer)?.step ?? 0;
    const isWhole = source.head.status === 'done' || source.head.status === 'failed';
    const parts = partsOf(source.head.seams ?? [], source.step);
    const elsewhere = parts.filter(({ by }) => by !== 'here');
    for (const bin of newBins(history.bins, history.stride, seen, isWhole)) {
      this.looked += 1;
      const before = state.layers.get(layer)?.space ?? bin.space;
      if (before !== bin.space) state.stretches.endLayer(layer, bin.firstStep);
      const inForce = segmentsIn(segments, bin.firstStep, bin.lastStep);
      // Other programs do not tell the kinds of text apart.
      const hasDomains = !elsewhere.some(
        ({ first, last }) => first <= bin.lastStep && last >= bin.firstStep,
      );
      for (const found of binChecks(bin, inForce)) {
        if (found.check === 'domains' && !hasDomains) continue;
        const first = Math.max(bin.firstStep, seen + 1);
        const where: Seen = { ...found, layer, first, last: bin.lastStep };
        state.stretches.see(where);
      }
      state.layers.set(layer, { step: bin.lastStep, space: bin.space });
    }
  }
}
