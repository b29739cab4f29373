/** The queue: works through requests one unit after the other, and keeps all of it. */
import type { RecipeResult, UnitResult } from '../recipes/result.ts';
import type { SweepResult, SweepRun } from '../recipes/sweep.ts';
import { StorageError } from '../runs/library.ts';
import { errorCode, errorMessage, switchyardError } from '../train/session/errors.ts';
import { createSerial } from '../train/session/serial.ts';
import { doneOf, foundOf, resultEvent, resultKey } from './doneUnits.ts';
import type { QueueApi, QueueEstimate, QueueEvent, QueueRequest, QueueState } from './items.ts';
import type { Job, JobUnit } from './job.ts';
import { listening } from './listening.ts';
import {
  asItIs,
  isOpen,
  type ListItem,
  newItem,
  storedOf,
  unitsLeft,
  unitsOf,
} from './listItem.ts';
import { QueuePace, UnitUnderWay } from './progress.ts';
import type { QueueDeps } from './queueDeps.ts';
import { stateOf } from './stateOf.ts';
import { Tabs } from './tabs.ts';
import { tidy } from './tidy.ts';

/** Least time between two reports of the state. */
const REPORT_EVERY_MS = 100;

export class Queue implements QueueApi {
  readonly #deps: QueueDeps;
  readonly #pace = new QueuePace();
  readonly #tabs: Tabs;
  readonly #inTurn = createSerial();
  #items: ListItem[] = [];
  /** Names of runs that are kept, for as long as a unit needs them. */
  #kept: ReadonlySet<string> = new Set();
  #isPaused = false;
  #failure: string | null = null;
  #adapter: string | null = null;
  #under: UnitUnderWay | null = null;
  #stop: AbortController | null = null;
  #working: Promise<void> | null = null;
  #listener: ((event: QueueEvent) => void) | null = null;
  #report: ReturnType<typeof setTimeout> | null = null;
  #measured: Promise<void> | null = null;

  private constructor(deps: QueueDeps) {
    this.#deps = deps;
    this.#tabs = new Tabs(deps, {
      isPaused: () => this.#isPaused,
      read: (isNews) => this.#read(isNews),
      hear: (id, adapter) => this.#hearResult(id, adapter),
    });
  }

  /** With everything that was kept. */
  static async open(deps: QueueDeps): Promise<Queue> {
    const queue = new Queue(deps);
    await queue.#read(false);
    queue.#tabs.ask();
    return queue;
  }

  async state(): Promise<QueueState> {
    return this.#stateNow();
  }

  async subscribe(listener: (event: QueueEvent) => void): Promise<void> {
    this.#listener = listener;
    this.#tell();
  }

  async estimate(request: QueueRequest): Promise<QueueEstimate> {
    const job = await this.#jobOf(request);
    await this.#ready();
    const done = await doneOf(this.#deps.store, job, this.#adapter);
    const left = job.units.filter((unit) => !done.has(unit));
    const ahead = this.#items.flatMap((item) => (isOpen(item) ? unitsLeft(item) : []));
    const trained = [...this.#kept, ...ahead.flatMap(({ runKeys }) => runKeys)];
    const estimated = this.#pace.estimateBehind(left, trained, this.#deps.now());
    return { ...estimated, refusal: await this.#deps.misfit(job) };
  }

  async add(request: QueueRequest): Promise<string> {
    const job = await this.#jobOf(request);
    const item = newItem(request, job, this.#deps.now());
    await this.#change(() => {
      this.#items = [...this.#items, item];
    });
    if (!this.#isPaused) this.#begin();
    return item.id;
  }

  async pause(): Promise<void> {
    if (this.#tabs.elsewhere !== null) await this.#tabs.hold();
    this.#isPaused = true;
    this.#stop?.abort();
    this.#tell();
    this.#tabs.changed();
    await this.#working;
  }

  async resume(): Promise<void> {
    await this.#tabs.hold();
    this.#failure = null;
    this.#isPaused = false;
    this.#tell();
    this.#tabs.changed();
    this.#begin();
  }

  async move(id: string, place: number): Promise<void> {
    await this.#change(() => {
      const item = this.#named(id);
      const others = this.#items.filter((one) => one !== item);
      this.#items = [...others.slice(0, place), item, ...others.slice(place)];
    });
    if (this.#under !== null && this.#items.find(isOpen)?.id !== this.#under.item)
      this.#stop?.abort();
  }

  async cancel(id: string): Promise<void> {
    await this.#change(() => {
      const item = this.#named(id);
      if (isOpen(item)) item.state = 'cancelled';
    });
    if (this.#under?.item === id) this.#stop?.abort();
    this.#rest();
  }

  async again(id: string): Promise<void> {
    await this.#change(() => {
      const item = this.#named(id);
      if (isOpen(item)) return;
      Object.assign(item, { state: 'waiting', failure: null });
      this.#items = [...this.#items.filter((one) => one !== item), item];
    });
    if (!this.#isPaused) this.#begin();
  }

  async remove(id: string): Promise<void> {
    await this.#change(() => {
      const item = this.#named(id);
      item.state = 'cancelled';
      this.#items = this.#items.filter((one) => one !== item);
    });
    if (this.#under?.item === id) this.#stop?.abort();
    if (this.#working === null) await this.#tidy();
    this.#rest();
  }

  async results(name?: string): Promise<readonly RecipeResult[]> {
    const key = name === undefined ? ['recipe'] : ['recipe', name];
    return this.#deps.merged.recipes(await this.#deps.store.results<UnitResult>(key));
  }

  async sweepResult(id: string): Promise<SweepResult | null> {
    const { job, request } = this.#named(id);
    if (job === null) return null;
    const runs = await this.#deps.store.results<SweepRun>(job.key);
    return this.#deps.merged.sweep(request, runs);
  }

  /**
   * What is stored, and what is finished of it; what is left to do waits for `resume`.
   * @param isNews another tab changed it
   */
  async #read(isNews: boolean): Promise<void> {
    const items = (await this.#deps.store.items()).map(async (stored): Promise<ListItem> => {
      const known = this.#items.find(({ id }) => id === stored.id);
      const job = known?.job ?? (await this.#deps.jobOf(stored.request).catch(() => null));
      // Unless another tab does, nobody works on it where it is read.
      const isLeft = stored.state === 'running' && this.#tabs.elsewhere === null;
      const state = isLeft ? 'waiting' : stored.state;
      return { ...stored, state, job, ...(await this.#found(job)) };
    });
    const read = await Promise.all(items);
    // With the right to change the list it is read anew.
    if (isNews && this.#tabs.isHeld) return;
    this.#items = read;
    if (this.#items.some(isOpen)) this.#isPaused = true;
    else if (isNews && this.#tabs.elsewhere === null) this.#isPaused = false;
    await this.#weighAnew();
    this.#tell();
  }

  /** Lets another tab have the queue where nothing is left to do in it, behind all changes that were asked for. */
  #rest(): void {
    void this.#inTurn(async () => {
      if (this.#working === null && !this.#items.some(isOpen)) this.#tabs.release();
    });
  }

  #named(id: string): ListItem {
    const item = this.#items.find((one) => one.id === id);
    if (item !== undefined) return item;
    throw switchyardError('ConfigInvalid', `The queue has no item "${id}".`);
  }

  async #jobOf(request: QueueRequest): Promise<Job> {
    try {
      return await this.#deps.jobOf(request);
    } catch (error) {
      throw switchyardError('ConfigInvalid', errorMessage(error), error);
    }
  }

  /** Opens the device, and measures it once, however many ask. */
  #ready(): Promise<void> {
    this.#measured ??= this.#measure().catch((error: unknown) => {
      this.#measured = null;
      throw error;
    });
    return this.#measured;
  }

  async #measure(): Promise<void> {
    const device = await this.#deps.measure.requestDevice();
    this.#adapter = device.adapter.description;
    this.#pace.measured(await device.measure(new AbortController().signal));
    for (const item of this.#items) Object.assign(item, await this.#found(item.job));
    await this.#weighAnew();
  }

  /** By what is kept of runs now: another tab may have trained or forgotten some. */
  async #weighAnew(): Promise<void> {
    if (this.#adapter !== null) this.#kept = new Set(await this.#deps.store.work.keys());
    this.#weigh();
  }

  #weigh(): void {
    const done = new Set(this.#items.flatMap((item) => [...item.done]));
    this.#pace.weigh(unitsOf(this.#items), done, this.#kept);
  }

  async #found(job: Job | null): Promise<Pick<ListItem, 'done' | 'hasResults'>> {
    if (job === null) return { done: new Set(), hasResults: false };
    return foundOf(this.#deps.store, job, this.#adapter);
  }

  async #changed(): Promise<void> {
    this.#weigh();
    this.#tell();
    await this.#deps.store.putItems(this.#items.map(storedOf));
    this.#tabs.changed();
  }

  /**
   * A change of the list by a person, one after the other: where it cannot be stored, it is taken back.
   * @throws StorageError; ConfigInvalid where another tab has the list, or for what is not in it
   */
  #change(change: () => void): Promise<void> {
    return this.#inTurn(async () => {
      await this.#tabs.hold();
      const before = asItIs(this.#items);
      try {
        change();
        await this.#changed();
      } catch (error) {
        this.#items = before();
        for (const item of this.#items)
          if (item.state === 'running' && this.#under?.item !== item.id) item.state = 'waiting';
        // The work may have stored it with its own.
        await this.#changed().catch(() => undefined);
        if (!this.#isPaused && this.#items.some(isOpen)) this.#begin();
        this.#rest();
        throw error;
      }
    });
  }

  #begin(): void {
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
      this.#tabs.changed();
      this.#rest();
      this.#tell();
    });
  }

  async #work(): Promise<void> {
    try {
      await this.#tabs.hold();
      await this.#ready();
      while (!this.#isPaused) {
        const item = this.#items.find(isOpen);
        if (item === undefined) return;
        await this.#workOn(item);
      }
    } catch (error) {
      this.#failure = errorMessage(error);
      this.#isPaused = true;
    }
  }

  /** Its next unit, or its end. */
  async #workOn(item: ListItem): Promise<void> {
    item.job ??= await this.#deps.jobOf(item.request).catch((error: unknown) => {
      Object.assign(item, { state: 'failed', failure: errorMessage(error) });
      return null;
    });
    if (item.job !== null) {
      item.done = await doneOf(this.#deps.store, item.job, this.#adapter);
      // A person paused, cancelled or moved something meanwhile.
      if (this.#isPaused || this.#items.find(isOpen) !== item) return;
      const unit = item.job.units.find((one) => !item.done.has(one));
      if (unit === undefined) item.state = 'done';
      else await this.#run(item, item.job, unit);
    }
    await this.#tidy();
    await this.#changed();
  }

  async #run(item: ListItem, job: Job, unit: JobUnit): Promise<void> {
    const { store, measure, now } = this.#deps;
    const stop = new AbortController();
    const under = new UnitUnderWay(item.id, unit, now());
    [this.#stop, this.#under] = [stop, under];
    const begun = now();
    const options = listening(this.#deps, job, under, {
      signal: stop.signal,
      tell: () => this.#tell(),
    });
    try {
      item.state = 'running';
      await this.#changed();
      const result = await unit.run(measure, options);
      await store.putResult(resultKey(job, unit, this.#adapter), result);
      item.done.add(unit);
      item.hasResults = true;
      if (under.isFresh) this.#pace.finished(unit, (now() - begun) / 1000);
      await this.#tellResult(item, job);
    } catch (error) {
      // A person stopped it, or something else comes first.
      if (stop.signal.aborted && errorCode(error) === 'Cancelled') return;
      // Where nothing is stored, or no adapter is left, all that waits would fail with it.
      if (error instanceof StorageError) throw error;
      await measure.requestDevice();
      if (isOpen(item)) Object.assign(item, { state: 'failed', failure: errorMessage(error) });
    } finally {
      [this.#stop, this.#under] = [null, null];
      if (item.state === 'running') item.state = 'waiting';
    }
  }

  /** Forgets unfinished work that no item needs any more. */
  async #tidy(): Promise<void> {
    this.#kept = await tidy(this.#deps.store, this.#items);
  }

  async #tellResult(item: ListItem, job: Job): Promise<void> {
    const event = await resultEvent(this.#deps, item, job, this.#adapter);
    if (event === null) return;
    this.#listener?.(event);
    this.#tabs.stored(item.id, this.#adapter);
  }

  /** Another tab stored a result. */
  async #hearResult(id: string, adapter: string | null): Promise<void> {
    const item = this.#items.find((one) => one.id === id);
    if (item === undefined || item.job === null) return;
    Object.assign(item, await this.#found(item.job));
    await this.#weighAnew();
    const event = await resultEvent(this.#deps, item, item.job, adapter);
    if (event !== null) this.#listener?.(event);
    this.#tell();
  }

  /** Reports the state soon. */
  #tell(): void {
    if (this.#listener === null) return;
    this.#report ??= setTimeout(() => {
      this.#report = null;
      this.#listener?.({ type: 'state', state: this.#stateNow() });
    }, REPORT_EVERY_MS);
  }

  #stateNow(): QueueState {
    const { elsewhere } = this.#tabs;
    const told = {
      items: this.#items,
      isPaused: elsewhere?.isPaused ?? this.#isPaused,
      isElsewhere: elsewhere !== null,
      under: this.#under,
      failure: this.#failure,
      adapter: this.#adapter,
    };
    return stateOf(told, this.#pace, this.#deps.now());
  }
}
