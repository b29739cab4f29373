/**
 * A unit of a recipe: the runs of a group of variants with one seed, and what is measured of them. What
 * it comes to depends on recipe, seed and adapter only, but for times; killed, it goes on where it stood.
 */
import { PRODUCT_VERSION } from '../../config/product.ts';
import { digestOf } from '../../recipes/canonical.ts';
import { recipeDigest } from '../../recipes/digest.ts';
import { variantExperiment } from '../../recipes/experiments.ts';
import { resourcesOf } from '../../recipes/held.ts';
import type { Measured, Measurement } from '../../recipes/measurement.ts';
import type { Variant } from '../../recipes/recipe.ts';
import type { RunResult, UnitResult } from '../../recipes/result.ts';
import type { SweepRun } from '../../recipes/sweep.ts';
import type { EngineState } from '../engine/engine.ts';
import type { SessionReport } from '../session/events.ts';
import { realisedFlops } from './costs.ts';
import { type MeasureDeps, measure } from './measures.ts';
import { goOn } from './stopping.ts';
import { type RunListener, type TrainedRun, trainedRun } from './trainedRun.ts';
import { runKey, stepsMeasured, type UnitOf, variantsOf } from './unitOf.ts';
import type { WorkStore } from './workStore.ts';

/** How far a unit is. */
export interface UnitProgress {
  /** The variant that is trained; null while something is measured. */
  variant: string | null;
  /** Of the variant; while something is measured, of the steps that all measuring trains models on. */
  step: number;
  /** Likewise; 0 while something is measured that trains nothing. */
  steps: number;
  /** Label of what is measured; null while a run is trained. */
  measuring: string | null;
}

/** What is asked for and who hears of it, of units and of a sweep's runs alike. */
export interface WorkOptions {
  store: WorkStore;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: UnitProgress) => void) | undefined;
  /** Begins to listen to the run of a variant (trainedRun.ts). */
  listen?:
    | ((
        variant: string,
        report: SessionReport,
        state: EngineState | null,
        note: unknown,
      ) => Promise<RunListener | null>)
    | undefined;
  reused?: ((variant: string, note: unknown) => Promise<void>) | undefined;
  /** Milliseconds between two states of a run that are kept. */
  keepEveryMs?: number;
}

/** What is kept of a unit that is not finished. */
interface Kept {
  measured: Record<string, Record<string, Measured>>;
  begunAt: string;
  seconds: number;
  /** Names of what is kept of derived runs: nobody knows them before, and no other unit has them. */
  ownKeys: string[];
}

/** What tells one unit from all others. */
type UnitIdentity = Pick<UnitResult, 'version' | 'digest' | 'group' | 'seed' | 'adapter'>;

/** Name of what is kept of a unit. */
function unitKey({ version, digest, group, seed, adapter }: UnitIdentity): string {
  return `unit-${digestOf([version, digest, group, seed, adapter])}`;
}

function runResult(variant: string, run: TrainedRun): RunResult {
  const { experiment, state, diverged } = run;
  const { B, S } = experiment.batch;
  return {
    variant,
    experiment,
    steps: state.step,
    tokens: state.step * B * S,
    resources: resourcesOf(experiment),
    realisedFlops: realisedFlops(run),
    diverged,
  };
}

/** One unit on its way. */
class Unit {
  readonly #deps: MeasureDeps;
  readonly #of: UnitOf;
  readonly #options: WorkOptions;
  readonly #runs = new Map<string, TrainedRun>();
  readonly #key: string;
  #kept: Kept = { measured: {}, begunAt: new Date().toISOString(), seconds: 0, ownKeys: [] };
  #since = performance.now();

  constructor(deps: MeasureDeps, of: UnitOf, adapter: string, options: WorkOptions) {
    this.#deps = deps;
    this.#of = of;
    this.#options = options;
    const { recipe, budget, group, seed } = of;
    const digest = recipeDigest(recipe, budget);
    this.#key = unitKey({ version: PRODUCT_VERSION, digest, group, seed, adapter });
  }

  /** Goes on where it stood. */
  async open(): Promise<void> {
    // What earlier pages kept has no names of derived runs.
    const found = (await this.#options.store.get(this.#key)) as Partial<Kept> | undefined;
    this.#kept = { ...this.#kept, ...found };
  }

  async #keep(): Promise<void> {
    const now = performance.now();
    this.#kept.seconds += (now - this.#since) / 1000;
    this.#since = now;
    await this.#options.store.put(this.#key, this.#kept);
  }

  async train(variant: Variant): Promise<void> {
    const { id, derived } = variant;
    const { recipe, budget, seed } = this.#of;
    const { store, signal, onProgress, listen, reused, keepEveryMs } = this.#options;
    if (derived !== undefined) {
      // What follows from a run that diverged is not known.
      if (this.#runs.get(derived.from.of)?.diverged) return;
      const measurement = recipe.measurements.find((one) => one.id === derived.from.read);
      if (measurement === undefined)
        throw new RangeError(`${recipe.name} has no measurement "${derived.from.read}"`);
      await this.measure(measurement);
    }
    const { measured, ownKeys } = this.#kept;
    const experiment = variantExperiment(recipe, id, { budget, seed, measured });
    const key = derived === undefined ? runKey(experiment) : `own-${runKey(experiment)}`;
    if (derived !== undefined && !ownKeys.includes(key)) ownKeys.push(key);
    const run = await trainedRun(this.#deps, experiment, {
      store,
      key,
      signal,
      onStep: (step, steps) => onProgress?.({ variant: id, step, steps, measuring: null }),
      listen: listen && ((...about) => listen(id, ...about)),
      reused: reused && ((note) => reused(id, note)),
      ...(keepEveryMs !== undefined && { keepEveryMs }),
    });
    this.#runs.set(id, run);
    await this.#keep();
  }

  /** Steps that all measuring trains models on: none of those that diverged. */
  get #onwardSteps(): number {
    const sound = [...this.#runs].flatMap(([id, { diverged }]) => (diverged === null ? [id] : []));
    const { measurements } = this.#of.recipe;
    return sound.reduce(
      (sum, id) => measurements.reduce((all, one) => all + stepsMeasured(one, id), sum),
      0,
    );
  }

  /** Steps that measured models were trained on so far. */
  get #onward(): number {
    const { measured } = this.#kept;
    return this.#of.recipe.measurements.reduce((sum, one) => {
      const variants = Object.keys(measured[one.id] ?? {});
      return variants.reduce((all, id) => all + stepsMeasured(one, id), sum);
    }, 0);
  }

  /** Takes a measurement of the runs that are there, of each once. */
  async measure(measurement: Measurement): Promise<void> {
    const { id, label, kind, of } = measurement;
    const known = this.#kept.measured[id] ?? {};
    const left = [...this.#runs.keys()].filter(
      (variant) => known[variant] === undefined && (of?.includes(variant) ?? true),
    );
    // Times are taken of all in turn.
    const takings = kind === 'times' ? left.slice(0, 1).map(() => null) : left;
    const { signal, onProgress } = this.#options;
    for (const only of takings) {
      goOn(signal);
      const before = this.#onward;
      const steps = only && stepsMeasured(measurement, only) > 0 ? this.#onwardSteps : 0;
      const onSteps = (n: number) =>
        onProgress?.({ variant: null, step: before + n, steps, measuring: label });
      onSteps(0);
      const deps = { ...this.#deps, signal, onSteps };
      const taken = await measure(deps, measurement, this.#runs, only).catch((error: unknown) => {
        goOn(signal);
        throw error;
      });
      Object.assign(known, taken);
      this.#kept.measured[id] = known;
      await this.#keep();
    }
  }

  result(adapter: string): UnitResult {
    const { recipe, budget, group, seed } = this.#of;
    const { measured, begunAt, seconds } = this.#kept;
    return {
      format: 1,
      kind: 'unit',
      version: PRODUCT_VERSION,
      recipe: recipe.name,
      digest: recipeDigest(recipe, budget),
      budget,
      adapter,
      group,
      seed,
      runs: [...this.#runs].map(([variant, run]) => runResult(variant, run)),
      // In the recipe's order, whatever was measured first.
      measured: Object.fromEntries(
        recipe.measurements.map(({ id }) => [id, measured[id] ?? {}] as const),
      ),
      times: { begunAt, seconds },
    };
  }
}

/**
 * Trains and measures a unit, or what is left of it. All of it stays kept until its result is stored
 * and `forgetUnit` is called.
 * @throws Cancelled after the signal, with everything kept; as `trainedRun` and the measurements
 */
export async function runUnit(
  deps: MeasureDeps,
  of: UnitOf,
  options: WorkOptions,
): Promise<UnitResult> {
  const { adapter } = await deps.requestDevice();
  const unit = new Unit(deps, of, adapter.description, options);
  await unit.open();
  for (const variant of variantsOf(of.recipe, of.group)) await unit.train(variant);
  for (const measurement of of.recipe.measurements) await unit.measure(measurement);
  return unit.result(adapter.description);
}

/** Forgets what was kept of a unit whose result is stored; its other runs may be of use to others. */
export async function forgetUnit(store: WorkStore, result: UnitResult | SweepRun): Promise<void> {
  // Of a point of a sweep nothing is kept but its run.
  if (result.kind !== 'unit') return;
  const key = unitKey(result);
  const kept = (await store.get(key)) as Partial<Kept> | undefined;
  for (const one of [...(kept?.ownKeys ?? []), key]) await store.delete(one);
}
