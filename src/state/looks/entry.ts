/** One text under one side: what was seen of it, and who watches it. */
import type { FigureRequest } from '../../analysis/figures.ts';
import type { Answer, Look, LookText, Side } from './looked.ts';

export interface Watcher {
  requests: readonly FigureRequest[];
  notify(): void;
}

const WAITING: Answer = { result: null, refusal: null };

export const keyOf = (request: FigureRequest): string => JSON.stringify(request);
export const nameOf = (key: Side['key'], text: LookText): string =>
  `${key} ${JSON.stringify(text)}`;

/** Figures that compare two sides. */
const isCompared = ({ figure }: FigureRequest) => figure === 'difficult' || figure === 'saturation';

export class Entry {
  readonly name: string;
  readonly watchers = new Set<Watcher>();
  /** Of which model and step the look is; null before it, and where it is out of date. */
  stamp: string | null = null;
  look: Look | null = null;
  /** What kept it from being looked at. */
  problem: string | null = null;
  /** When it was looked at, and what that took, in milliseconds. */
  at = 0;
  cost = 0;
  #answers = new Map<string, Answer>();

  constructor(
    readonly key: Side['key'],
    readonly text: LookText,
  ) {
    this.name = nameOf(key, text);
  }

  get isWatched(): boolean {
    return this.watchers.size > 0;
  }

  /** All requests of all watchers, each once. */
  get wanted(): readonly FigureRequest[] {
    const all = [...this.watchers].flatMap(({ requests }) => requests);
    return [...new Map(all.map((request) => [keyOf(request), request])).values()];
  }

  get missing(): readonly FigureRequest[] {
    return this.wanted.filter((request) => !this.#answers.has(keyOf(request)));
  }

  answer(request: FigureRequest): Answer {
    return this.#answers.get(keyOf(request)) ?? WAITING;
  }

  /** A new look, with its answers to all that was asked; those to an older one are void. */
  take(
    stamp: string | null,
    look: Look,
    requests: readonly FigureRequest[],
    answers: readonly Answer[],
  ): void {
    Object.assign(this, { stamp, look, problem: null });
    this.#answers = new Map();
    this.put(requests, answers);
  }

  put(requests: readonly FigureRequest[], answers: readonly Answer[]): void {
    for (const [i, request] of requests.entries())
      this.#answers.set(keyOf(request), answers[i] ?? WAITING);
    this.notify();
  }

  /** There is no look, and why. */
  fail(stamp: string | null, problem: string): void {
    this.forget();
    this.stamp = stamp;
    this.problem = problem;
    this.put(this.wanted, []);
  }

  /** Another model takes the place of the one that was looked at. */
  forget(): void {
    this.stamp = null;
    this.look = null;
    this.problem = null;
    this.#answers = new Map();
    this.notify();
  }

  /** The other side is another one. */
  forgetCompared(): void {
    for (const request of this.wanted)
      if (isCompared(request)) this.#answers.delete(keyOf(request));
  }

  /** Tells one watcher in a task: together their drawings would be a long one. */
  notify(): void {
    const waiting = [...this.watchers];
    const tell = () => {
      const watcher = waiting.shift();
      if (watcher === undefined) return;
      if (this.watchers.has(watcher)) watcher.notify();
      setTimeout(tell);
    };
    tell();
  }
}
