/**
 * Looks at models: an inspection of each side on each text that somebody watches, and the figures that
 * are asked of it. A live run is looked at again while it trains, so seldom that looking takes at most
 * one part in `SHARE` of the time; what nobody watches costs nothing.
 */
import type { FigureRequest } from '../../analysis/figures.ts';
import { tokensDiffer } from '../../analysis/sameTokens.ts';
import { experimentAtStep } from '../../config/edit.ts';
import type { PassText } from '../../worker/api.ts';
import type { RunStore } from '../runStore.ts';
import type { TrainerClient } from '../stores.ts';
import { Entry, nameOf, type Watcher } from './entry.ts';
import { type Answer, batchesOf, type Look, type LookText, lookOf, type Side } from './looked.ts';
import type { SidesStore } from './sides.ts';
import type { FiguresThread } from './thread.ts';

/** What a side answers to the requests of a watch, in their order. */
export interface SideAnswers {
  side: Side;
  look: Look | null;
  /** What kept it from being looked at; null where nothing did. */
  problem: string | null;
  answers: readonly Answer[];
}

export interface Watch {
  /** The same array until something changes. */
  answers(): readonly SideAnswers[];
  stop(): void;
}

export interface LooksDeps {
  client: Pick<TrainerClient, 'inspect'>;
  run: RunStore;
  sides: SidesStore;
  /** Opened with the first look. */
  thread(): Promise<FiguresThread>;
}

/** A live run is looked at again after so long at the earliest. */
const AGAIN_MS = 1500;
const SHARE = 12;
const NOT_OPEN = 'No run is open: press Start.';

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
const areSame = (a: Int32Array, b: Int32Array) =>
  a.length === b.length && a.every((id, u) => id === b[u]);
const otherKey = (key: Side['key']) => (key === 'a' ? 'b' : 'a');

export class Looks {
  readonly #deps: LooksDeps;
  readonly #entries = new Map<string, Entry>();
  readonly #stops: (() => void)[];
  #isWorking = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Inspections that were made: what is closed makes none. */
  made = 0;

  constructor(deps: LooksDeps) {
    this.#deps = deps;
    this.#stops = [
      deps.run.subscribe((now, before) => {
        if (now.step === before.step && now.phase === before.phase && now.report === before.report)
          return;
        if (now.report?.runId !== before.report?.runId) this.#otherRun();
        // A training run that goes on waits for its turn; what else changes is seen at once.
        if (now.phase !== before.phase || now.report !== before.report) this.#again();
        else this.#begin();
      }),
      deps.sides.subscribe((now, before) => {
        if (now.sides !== before.sides) this.#otherSides(before.sides);
        this.#again();
      }),
    ];
  }

  /** Looks at a text until it is stopped; calls back when an answer is another. */
  watch(text: LookText, requests: readonly FigureRequest[], listener: () => void): Watch {
    let answers: readonly SideAnswers[] | null = null;
    const watcher: Watcher = {
      requests,
      notify() {
        answers = null;
        listener();
      },
    };
    const own = (['a', 'b'] as const).map((key) => this.#entry(key, text));
    for (const entry of own) entry.watchers.add(watcher);
    this.#again();
    return {
      answers: () => {
        answers ??= this.#answers(text, requests);
        return answers;
      },
      stop: () => {
        for (const entry of own) {
          entry.watchers.delete(watcher);
          // Who asks for something else of the same text comes back at once.
          setTimeout(() => this.#dropUnwatched(entry));
        }
      },
    };
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const stop of this.#stops) stop();
  }

  #answers(text: LookText, requests: readonly FigureRequest[]): SideAnswers[] {
    return this.#deps.sides.getState().sides.map((side) => {
      const entry = this.#entry(side.key, text);
      const isOpen = this.#stamp(side) !== null;
      return {
        side,
        look: entry.look,
        problem: entry.problem ?? (isOpen ? null : NOT_OPEN),
        answers: requests.map((request) => entry.answer(request)),
      };
    });
  }

  #entry(key: Side['key'], text: LookText): Entry {
    const name = nameOf(key, text);
    const entry = this.#entries.get(name) ?? new Entry(key, text);
    this.#entries.set(name, entry);
    return entry;
  }

  #dropUnwatched(entry: Entry): void {
    if (entry.isWatched) return;
    if (this.#entries.get(entry.name) === entry) this.#entries.delete(entry.name);
    if (entry.look === null) return;
    const dropped = this.#deps.thread().then((of) => of.drop(entry.name));
    // A thread that cannot be opened holds nothing.
    dropped.catch(() => undefined);
  }

  #side(key: Side['key']): Side | undefined {
    return this.#deps.sides.getState().sides.find((side) => side.key === key);
  }

  /** The same text under the other side. */
  #other({ key, text }: Entry): Entry | undefined {
    return this.#entries.get(nameOf(otherKey(key), text));
  }

  /** Which model a side is, at any of its steps; null for no side, and before a run is open. */
  #modelOf(side: Side | undefined): string | null {
    if (side === undefined) return null;
    if (side.subject !== 'live') return JSON.stringify(side.subject);
    const { report } = this.#deps.run.getState();
    return report === null ? null : `live ${report.runId}`;
  }

  /** What a look would be of now; null where there is no model to look at. */
  #stamp({ subject, source }: Side): string | null {
    if (subject !== 'live') return JSON.stringify(subject);
    const { report, phase, step } = this.#deps.run.getState();
    if (report === null || phase === 'opening') return null;
    return `live ${report.runId} ${step} ${source.head.experiment.events.length}`;
  }

  /** Milliseconds until an entry is to be looked at; null where it need not be. */
  #dueIn(entry: Entry, side: Side): number | null {
    const stamp = this.#stamp(side);
    if (stamp === null || stamp === entry.stamp) return null;
    const isRunning = side.subject === 'live' && this.#deps.run.getState().phase === 'running';
    if (!isRunning || (entry.look === null && entry.problem === null)) return 0;
    if (this.#deps.sides.getState().isHeld && entry.look !== null) return null;
    return Math.max(0, entry.at + Math.max(AGAIN_MS, SHARE * entry.cost) - performance.now());
  }

  /** Another run is the live one. */
  #otherRun(): void {
    for (const entry of this.#entries.values())
      if (this.#side(entry.key)?.subject === 'live') this.#forget(entry);
  }

  #otherSides(before: readonly Side[]): void {
    for (const entry of this.#entries.values()) {
      const old = before.find(({ key }) => key === entry.key);
      // A side that only has another name stays as it is.
      if (this.#modelOf(this.#side(entry.key)) === this.#modelOf(old)) entry.notify();
      else this.#forget(entry);
    }
  }

  #forget(entry: Entry): void {
    entry.forget();
    this.#other(entry)?.forgetCompared();
  }

  #again(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#begin();
  }

  #begin(): void {
    if (this.#isWorking || this.#timer !== undefined) return;
    if ([...this.#entries.values()].some(({ isWatched }) => isWatched))
      this.#timer = setTimeout(() => void this.#work());
  }

  /** Looks at everything that is due, one after the other, and comes back for what is due later. */
  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    for (let next = this.#next(); next !== null; next = this.#next()) await this.#serve(...next);
    this.#isWorking = false;
    this.#timer = undefined;
    const waits = this.#watched().flatMap(([entry, side]) => this.#dueIn(entry, side) ?? []);
    if (waits.length > 0) this.#timer = setTimeout(() => void this.#work(), Math.min(...waits));
  }

  /** Side A first: B reads its tokens. */
  #watched(): [Entry, Side][] {
    const entries = [...this.#entries.values()].filter(({ isWatched }) => isWatched);
    entries.sort((a, b) => a.key.localeCompare(b.key));
    return entries.flatMap((entry): [Entry, Side][] => {
      const side = this.#side(entry.key);
      return side === undefined ? [] : [[entry, side]];
    });
  }

  #next(): [Entry, Side] | null {
    const isDue = ([entry, side]: [Entry, Side]) =>
      this.#dueIn(entry, side) === 0 || (entry.look !== null && entry.missing.length > 0);
    return this.#watched().find(isDue) ?? null;
  }

  async #serve(entry: Entry, side: Side): Promise<void> {
    const model = this.#modelOf(side);
    try {
      if (this.#dueIn(entry, side) !== 0) return await this.#compute(entry, entry.missing);
      await this.#look(entry, side, model);
      this.#retell(entry);
    } catch (error) {
      entry.at = performance.now();
      if (this.#modelOf(this.#side(entry.key)) === model)
        entry.fail(this.#stamp(side), messageOf(error));
    }
  }

  /** Side B reads the tokens of side A: where those are others now, what it saw is out of date. */
  #retell(entry: Entry): void {
    const [second, side] = [this.#other(entry), this.#side('b')];
    if (entry.key !== 'a' || side === undefined || !second?.look || entry.look === null) return;
    const isSame = areSame(second.look.tokens, entry.look.tokens);
    if (!isSame && 'batches' in this.#textOf(second, side)) second.forget();
  }

  async #look(entry: Entry, side: Side, model: string | null): Promise<void> {
    const begun = performance.now();
    const stamp = this.#stamp(side);
    const { client, thread } = this.#deps;
    const of = this.#textOf(entry, side);
    this.made += 1;
    const { step, inspection } = await client.inspect('pass', { of }, side.subject);
    // What was seen of another model is forgotten by now.
    const known = entry.look?.texts;
    const texts = known ?? (await client.inspect('vocabulary', null, side.subject)).texts;
    const first = 'batches' in of ? this.#other(entry)?.look : null;
    const named = { ...inspection, domainNames: first?.domainNames ?? inspection.domainNames };
    const look = lookOf(side, step, named, texts);
    const { router, evaluation } = experimentAtStep(side.source.head.experiment, step + 1);
    const capacity = evaluation.capacity && router.capacity !== null;
    const held = { inspection: named, tau: router.tau, capacity };
    const figures = await thread();
    await figures.hold(entry.name, known === undefined ? { ...held, texts } : held);
    const requests = entry.wanted;
    const answers = await figures.compute(entry.name, this.#comparedWith(entry), requests);
    // Another model may be looked at by now, and nobody may be there any more.
    if (this.#modelOf(this.#side(entry.key)) === model) {
      // Before anybody is told: what the other side had to compare with is another look.
      this.#other(entry)?.forgetCompared();
      entry.take(stamp, look, requests, answers as Answer[]);
    }
    if (!entry.isWatched) await figures.drop(entry.name);
    entry.at = performance.now();
    entry.cost = entry.at - begun;
  }

  async #compute(entry: Entry, requests: readonly FigureRequest[]): Promise<void> {
    const thread = await this.#deps.thread();
    const outcomes = await thread.compute(entry.name, this.#comparedWith(entry), requests);
    entry.put(requests, outcomes as Answer[]);
  }

  /** Name of what the other side saw of the same text; null where it saw nothing. */
  #comparedWith(entry: Entry): string | null {
    const other = this.#other(entry);
    return other === undefined || other.look === null ? null : other.name;
  }

  /** The text of a pass: side B reads the tokens of side A where they mean the same to both. */
  #textOf(entry: Entry, side: Side): PassText {
    const [first, look] = [this.#side('a'), this.#other(entry)?.look];
    if (side.key === 'a' || first === undefined || !look) return entry.text;
    const { experiment } = side.source.head;
    const differ = tokensDiffer(first.source.head.experiment, experiment);
    return differ === null ? batchesOf(look, experiment.batch) : entry.text;
  }
}
