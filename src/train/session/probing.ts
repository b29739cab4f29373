/** Probe tasks of a run, on demand and every so many steps, in turn with its training. */
import type { ProbeItems } from '../../analysis/probes/items.ts';
import type { ProbesAt } from '../../analysis/probes/probesAt.ts';
import type { DomainDocuments } from '../../data/documents.ts';
import { ANSWERS } from '../engine/inspections.ts';
import { probeModel } from '../engine/probeModel.ts';
import { switchyardError } from './errors.ts';
import type { Emit, ProbeAsk } from './events.ts';
import { giveWay } from './giveWay.ts';
import type { OpenedRun } from './openRun.ts';
import type { TrainingLoop } from './trainingLoop.ts';

/** Held-out documents of the run's text. */
export type ReadDocuments = () => Promise<DomainDocuments[]>;

/** Least time between two reports of progress. */
const REPORT_MS = 100;
const MOST_ITEMS = 10_000;

function checkAsk({ seed, items }: ProbeAsk): void {
  const wrong = (name: string, value: number, most: number, least: number) => {
    if (Number.isInteger(value) && value >= least && value <= most) return;
    throw switchyardError(
      'ConfigInvalid',
      `Probe tasks: ${name} ${value} is no whole number from ${least} to ${most}.`,
    );
  };
  wrong('seed', seed, 2 ** 32 - 1, 0);
  wrong('items', items, MOST_ITEMS, 1);
}

export class Probing {
  readonly #opened: OpenedRun;
  readonly #loop: TrainingLoop;
  readonly #emit: Emit;
  readonly #read: ReadDocuments | null;
  #documents: Promise<{ documents: DomainDocuments[]; ids: number[] }> | null = null;
  #items: { ask: ProbeAsk; made: Promise<ProbeItems> } | null = null;
  /** Of the one that is under way. */
  #cancel: AbortController | null = null;
  #every: { steps: number; ask: ProbeAsk } | null = null;

  /** @param read null where nobody can read the text again */
  constructor(opened: OpenedRun, loop: TrainingLoop, emit: Emit, read: ReadDocuments | null) {
    this.#opened = opened;
    this.#loop = loop;
    this.#emit = emit;
    this.#read = read;
  }

  /** Asks at each multiple of so many steps, where nothing is asked by then; never for 0. @throws ConfigInvalid */
  every(steps: number, ask: ProbeAsk): void {
    checkAsk(ask);
    this.#every = steps > 0 ? { steps, ask } : null;
  }

  /** Hears of every step that was taken. */
  stepTaken(step: number): void {
    if (this.#every === null || this.#cancel !== null) return;
    const { steps, ask } = this.#every;
    // Who asked by an interval waits for nothing: what goes wrong is seen when they are asked by hand.
    if (step % steps === 0) this.ask(ask).catch(() => undefined);
  }

  cancel(): void {
    this.#cancel?.abort();
  }

  /**
   * Puts all items to the model, one between two steps.
   * @throws ConfigInvalid for what cannot be asked, or while others are asked; Cancelled
   */
  async ask(ask: ProbeAsk): Promise<ProbesAt> {
    checkAsk(ask);
    if (this.#cancel !== null)
      throw switchyardError('ConfigInvalid', 'Probe tasks are being asked already.');
    const cancel = new AbortController();
    this.#cancel = cancel;
    try {
      const probes = await this.#answered(ask, cancel.signal);
      this.#emit({ type: 'probes', probes });
      return probes;
    } finally {
      this.#cancel = null;
      this.#emit({ type: 'probing', probing: null });
    }
  }

  async #answered(ask: ProbeAsk, signal: AbortSignal): Promise<ProbesAt> {
    this.#emit({ type: 'probing', probing: { done: 0, total: 0 } });
    const items = await this.#itemsOf(ask);
    const { ProbeSlices } = await import('../../analysis/probes/slices.ts');
    const slices = new ProbeSlices(items);
    let [from, step]: [number | null, number] = [null, 0];
    let told = Number.NEGATIVE_INFINITY;
    for (;;) {
      const { progress } = slices;
      if (signal.aborted) throw switchyardError('Cancelled', 'The probe tasks were cancelled.');
      const isAtEnd = progress.done === progress.total;
      if (isAtEnd || performance.now() - told >= REPORT_MS) {
        told = performance.now();
        this.#emit({ type: 'probing', probing: progress });
      }
      if (isAtEnd) break;
      step = await this.#loop.onEngine(async (run) => {
        const { engine } = run;
        const next = engine.step + 1;
        const now = this.#opened.settings.at(next);
        await run.use(now, next);
        const { text } = this.#opened;
        const asked = { engine, text, step: next, evaluation: now.evaluation };
        await run.watch(
          slices.next(probeModel(text.tokenizer, (kind, what) => ANSWERS[kind](asked, what))),
        );
        return engine.step;
      });
      from ??= step;
      await giveWay();
    }
    return { from: from ?? step, step, ...ask, results: slices.results() };
  }

  /** The items; the same ones once for all times that they are asked. */
  #itemsOf(ask: ProbeAsk): Promise<ProbeItems> {
    const isKnown = this.#items?.ask.seed === ask.seed && this.#items.ask.items === ask.items;
    if (this.#items === null || !isKnown) {
      const made = this.#make(ask);
      this.#items = { ask, made };
      // What went wrong once may go well the next time.
      made.catch(() => {
        this.#items = null;
        this.#documents = null;
      });
    }
    return this.#items.made;
  }

  async #make({ seed, items }: ProbeAsk): Promise<ProbeItems> {
    const { text, settings } = this.#opened;
    const [{ probeItems }, { PROBE_TASKS }] = await Promise.all([
      import('../../analysis/probes/items.ts'),
      import('../../analysis/probes/probe.ts'),
    ]);
    this.#documents ??= this.#readAll();
    const { documents, ids } = await this.#documents;
    return probeItems(documents, {
      seed,
      items: Object.fromEntries(PROBE_TASKS.map((task) => [task, items])),
      S: settings.experiment.batch.S,
      encode: (part) => text.tokenizer.encode(part),
      ids,
    });
  }

  async #readAll() {
    if (this.#read === null)
      throw switchyardError('ConfigInvalid', 'Probe tasks need the text of the run.');
    const { validationIds } = await import('../../data/documents.ts');
    const documents = await this.#read();
    return { documents, ids: await validationIds(this.#opened.text.tokenizer, documents) };
  }
}
