/** Units of work, one after the other in one process, with their progress and the time that is left. */
import { duration, MEASURING_SHARE, Pace } from '../train/recipes/pace.ts';
import type { UnitProgress, WorkOptions } from '../train/recipes/unit.ts';
import type { WorkStore } from '../train/recipes/workStore.ts';
import type { AdapterSpeed } from '../train/session/events.ts';
import type { SessionDeps } from '../train/session/openRun.ts';
import type { CliIo } from './io.ts';

export interface Work {
  /** Of the recipe or the sweep that it is a part of. */
  name: string;
  title: string;
  /** Estimated; runs whose names are counted are trained before, and its own are added to them. */
  seconds(speed: AdapterSpeed, counted?: Set<string>): number;
  /** Steps that its models are trained on where they are measured. */
  onward: number;
  /** Names of what is kept of its runs. */
  runKeys: readonly string[];
  /** Whether its result is there already. */
  isDone: boolean;
  run(options: WorkOptions): Promise<void>;
  /** Writes the file of all results of its name. */
  merge(): Promise<void>;
}

export interface Working {
  io: CliIo;
  deps: SessionDeps;
  store: WorkStore;
  /** Whether what was kept of earlier work is gone on with. */
  resume: boolean;
}

/** Least time between two lines. */
const SAY_MS = 2000;

/** Part of a unit that is done, as far as its runs tell: as if those that are not known yet had as many steps. */
export function partOf(progress: UnitProgress, seen: Map<string, number>, work: Work): number {
  const { variant, step, steps } = progress;
  if (variant !== null) seen.set(variant, steps);
  const known = [...seen.values()].reduce((sum, one) => sum + one, 0);
  const runs = known * Math.max(1, work.runKeys.length / Math.max(1, seen.size));
  const all = runs + work.onward;
  if (variant !== null) return ((1 - MEASURING_SHARE) * (known - steps + step)) / Math.max(1, all);
  const trained = all === 0 ? 1 : (runs + step) / all;
  return (1 - MEASURING_SHARE) * trained + MEASURING_SHARE / 2;
}

function progressSayer({ io }: Working, work: Work, left: (part: number) => number) {
  const seen = new Map<string, number>();
  let said = Number.NEGATIVE_INFINITY;
  let last = '';
  return (progress: UnitProgress) => {
    const part = partOf(progress, seen, work);
    const { variant, step, steps, measuring } = progress;
    const what = variant ?? measuring ?? '';
    if (performance.now() - said < SAY_MS && what === last) return;
    [said, last] = [performance.now(), what];
    const at = steps > 0 ? ` step ${step}/${steps}` : '';
    const where = variant === null ? `measuring: ${measuring}${at}` : `${variant}${at}`;
    io.stderr(`${work.title}  ${where}  about ${duration(left(part))} left\n`);
  };
}

/** Forgets what was kept of runs that the work that is left does not need; all, where none is left. */
async function tidy(store: WorkStore, left: readonly Work[]): Promise<void> {
  const needed = new Set(left.flatMap(({ runKeys }) => runKeys));
  for (const key of await store.keys())
    if (left.length === 0 || (key.startsWith('run-') && !needed.has(key))) await store.delete(key);
}

/** Merges results of names of which nothing is left to do: the process may have died before it did. */
async function mergeFinished(work: readonly Work[]): Promise<void> {
  const seen = new Set(work.flatMap(({ name, isDone }) => (isDone ? [] : [name])));
  for (const { name, merge } of work) {
    if (seen.has(name)) continue;
    seen.add(name);
    await merge();
  }
}

/** @throws what a unit throws; what was finished or kept stays */
export async function workThrough(work: readonly Work[], working: Working): Promise<void> {
  const { io, deps, store, resume } = working;
  if (!resume) for (const key of await store.keys()) await store.delete(key);
  await mergeFinished(work);
  const device = await deps.requestDevice();
  const speed = await device.measure(new AbortController().signal);
  const counted = new Set<string>();
  const seconds = work.map((one) => one.seconds(speed, counted));
  const pace = new Pace(seconds.reduce((sum, one) => sum + one, 0));
  for (const [i, { isDone }] of work.entries()) if (isDone) pace.finish(seconds[i]!, null);
  io.stderr(
    `${device.adapter.description}; ${work.length} units, estimated ${duration(pace.secondsLeft())}\n`,
  );
  for (const [i, one] of work.entries()) {
    const begun = performance.now();
    const secondsTaken = () => (performance.now() - begun) / 1000;
    const { isDone } = one;
    let isResumed = false;
    if (!isDone) {
      const left = (part: number) =>
        pace.secondsLeft({
          estimated: part * seconds[i]!,
          seconds: isResumed ? null : secondsTaken(),
        });
      const say = progressSayer(working, one, left);
      let isFirst = true;
      const onProgress = (progress: UnitProgress) => {
        // What its models were trained on before took none of its time here.
        isResumed ||= isFirst && progress.variant === null && progress.step > 0;
        isFirst = false;
        say(progress);
      };
      const listen: WorkOptions['listen'] = async (_variant, _report, state) => {
        isResumed ||= state !== null;
        return null;
      };
      await one.run({ store, onProgress, listen });
      await one.merge();
    }
    const took = secondsTaken();
    if (!isDone) pace.finish(seconds[i]!, isResumed ? null : took);
    io.stderr(
      `${one.title}  ${isDone ? 'there already' : `done in ${duration(took)}`}  ${i + 1} of ${work.length} units\n`,
    );
    await tidy(store, work.slice(i + 1));
  }
}
