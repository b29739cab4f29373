/** How far items are, and how long the rest takes: by estimates, and by the pace at which they came true. */
import { MEASURING_SHARE } from '../train/recipes/pace.ts';
import type { UnitProgress } from '../train/recipes/unit.ts';
import type { AdapterSpeed } from '../train/session/events.ts';
import type { QueueEstimate, QueueProgress, QueueRun, QueueWork } from './items.ts';
import type { JobUnit } from './job.ts';
import { longestPart } from './listItem.ts';

/** Part of a unit after which its pace tells more than the units before. */
const TELLING = 0.1;

/** The unit that is worked on. */
export class UnitUnderWay {
  readonly item: string;
  readonly unit: JobUnit;
  readonly #begun: number;
  readonly #steps = new Map<string, number>();
  readonly #records = new Map<string, string>();
  readonly #ready = new Set<string>();
  /** Steps that were taken before, by variant. */
  readonly #given = new Map<string, number>();
  readonly #diverged = new Set<string>();
  #current: string | null = null;
  #measuring: string | null = null;
  /** Steps that measured models are trained on: all of the unit that measure, so far, and before it was gone on with. */
  #onward = { step: 0, steps: 0, total: 0, given: null as number | null };

  constructor(item: string, unit: JobUnit, now: number) {
    this.item = item;
    this.unit = unit;
    this.#begun = now;
    this.#onward.total = unit.onward;
  }

  hear({ variant, step, steps, measuring }: UnitProgress): void {
    this.#measuring = measuring;
    if (variant === null) {
      const { total, given } = this.#onward;
      // Without the models that diverged.
      this.#onward = { step, steps, total: steps > 0 ? steps : total, given: given ?? step };
    }
    if (variant !== null) this.#steps.set(variant, step);
    if (this.#current !== null && this.#current !== variant) this.#ready.add(this.#current);
    this.#current = variant;
  }

  /** A run was trained before. */
  reused(variant: string): void {
    this.#ready.add(variant);
    this.#given.set(variant, Number.POSITIVE_INFINITY);
  }

  /** A run goes on behind a step that it was kept at. */
  resumed(variant: string, step: number): void {
    this.#steps.set(variant, step);
    if (step > 0) this.#given.set(variant, step);
  }

  /** Whether all of it is trained here and now: its time tells what such work takes. */
  get isFresh(): boolean {
    return this.#given.size === 0;
  }

  diverged(variant: string): void {
    this.#diverged.add(variant);
  }

  recorded(variant: string, id: string): void {
    this.#records.set(variant, id);
  }

  /** Part of its work that so many steps of its runs are, and of what it is trained on where it is measured. */
  #partOf(stepsOf: (variant: string) => number, onward: number): number {
    let [all, done] = [this.#onward.total, Math.min(onward, this.#onward.total)];
    for (const { variant, experiment } of this.unit.runs) {
      const { totalSteps } = experiment.optimizer;
      all += totalSteps;
      done += Math.min(stepsOf(variant), totalSteps);
    }
    return (1 - MEASURING_SHARE) * (done / Math.max(1, all));
  }

  /** Part of its work that its models are trained. */
  get #trained(): number {
    return this.#partOf(
      (variant) =>
        this.#ready.has(variant) ? Number.POSITIVE_INFINITY : (this.#steps.get(variant) ?? 0),
      this.#onward.step,
    );
  }

  /** Part of its work that is done. */
  get share(): number {
    return Math.min(1, this.#trained + (this.#measuring === null ? 0 : MEASURING_SHARE / 2));
  }

  /** Seconds that an estimated one takes here; null where too little is done to tell. */
  factor(estimated: number, now: number): number | null {
    const stepsOf = (variant: string) => this.#given.get(variant) ?? 0;
    const worked = this.#trained - this.#partOf(stepsOf, this.#onward.given ?? 0);
    return worked < TELLING ? null : (now - this.#begun) / 1000 / (worked * estimated);
  }

  work(seconds: (share: number) => number | null): QueueWork {
    const { group, seed, runs } = this.unit;
    const steps = runs.reduce(
      (sum, { experiment }) => sum + experiment.optimizer.totalSteps,
      this.#onward.total,
    );
    const of = ({ variant, label, experiment }: JobUnit['runs'][number]): QueueRun => {
      const { totalSteps } = experiment.optimizer;
      const isReady = this.#ready.has(variant);
      const step = isReady ? totalSteps : (this.#steps.get(variant) ?? 0);
      const left = (1 - step / totalSteps) * (1 - MEASURING_SHARE) * (totalSteps / steps);
      const usual = isReady ? 'ready' : this.#current === variant ? 'training' : 'waiting';
      return {
        variant,
        label,
        state: this.#diverged.has(variant) ? 'diverged' : usual,
        step,
        steps: totalSteps,
        record: this.#records.get(variant) ?? null,
        share: step / totalSteps,
        secondsLeft: seconds(left),
      };
    };
    const { step, steps: ofSteps } = this.#onward;
    const onward = this.#measuring === null || ofSteps === 0 ? null : { step, steps: ofSteps };
    const { item } = this;
    return { item, group, seed, runs: runs.map(of), measuring: this.#measuring, onward };
  }
}

/** Estimates of all units, by the adapter's speed and the pace so far. */
export class QueuePace {
  #speed: AdapterSpeed | null = null;
  #seconds = new Map<JobUnit, number>();
  #took = { seconds: 0, estimated: 0 };

  get speed(): AdapterSpeed | null {
    return this.#speed;
  }

  measured(speed: AdapterSpeed): void {
    this.#speed = speed;
  }

  /**
   * Weighs all units in their order: a run that several units have costs what it costs once.
   * @param kept names of runs that are kept; of those that finished units had, no other has to train them
   */
  weigh(units: readonly JobUnit[], done: ReadonlySet<JobUnit>, kept: ReadonlySet<string>): void {
    if (this.#speed === null) return;
    const speed = this.#speed;
    const trained = units.filter((unit) => done.has(unit)).flatMap(({ runKeys }) => runKeys);
    const counted = new Set(trained.filter((key) => kept.has(key)));
    const secondsOf = (unit: JobUnit) =>
      done.has(unit)
        ? (this.#seconds.get(unit) ?? unit.seconds(speed))
        : unit.seconds(speed, counted);
    this.#seconds = new Map(units.map((unit) => [unit, secondsOf(unit)]));
  }

  /** Estimated by the adapter's speed alone; null while that is not known. */
  estimate(unit: JobUnit): number | null {
    if (this.#speed === null) return null;
    const seconds = this.#seconds.get(unit) ?? unit.seconds(this.#speed);
    this.#seconds.set(unit, seconds);
    return seconds;
  }

  /** Of units that come last. @param trained names of runs that are trained by then, and kept */
  estimateBehind(
    units: readonly JobUnit[],
    trained: Iterable<string>,
    now: number,
  ): Omit<QueueEstimate, 'refusal'> {
    const speed = this.#speed;
    const counted = new Set(trained);
    const factor = this.factor(null, now);
    const seconds = units.map((unit) => (speed === null ? 0 : unit.seconds(speed, counted)));
    const perRun = units.map((unit, i) => seconds[i]! * longestPart(unit));
    return {
      runs: units.reduce((sum, { runs }) => sum + runs.length, 0),
      seconds: factor * seconds.reduce((sum, one) => sum + one, 0),
      longestRun: factor * Math.max(0, ...perRun),
    };
  }

  finished(unit: JobUnit, seconds: number): void {
    const estimated = this.estimate(unit);
    if (estimated === null) return;
    this.#took.seconds += seconds;
    this.#took.estimated += estimated;
  }

  /** Seconds that an estimated one takes. */
  factor(under: UnitUnderWay | null, now: number): number {
    const estimated = under === null ? null : this.estimate(under.unit);
    const telling = estimated === null ? null : under!.factor(estimated, now);
    const { seconds, estimated: of } = this.#took;
    return telling ?? (of > 0 ? seconds / of : 1);
  }

  /** Of some units, of which one may be under way. */
  progress(
    units: readonly JobUnit[],
    isDone: (unit: JobUnit) => boolean,
    under: UnitUnderWay | null,
    now: number,
  ): QueueProgress {
    const factor = this.factor(under, now);
    let [all, done] = [0, 0];
    for (const unit of units) {
      const seconds = this.estimate(unit) ?? 1;
      all += seconds;
      if (isDone(unit)) done += seconds;
      else if (under?.unit === unit) done += seconds * under.share;
    }
    const secondsLeft = this.#speed === null ? null : factor * (all - done);
    return { share: all === 0 ? 1 : done / all, secondsLeft };
  }
}
