/** Models that are kept open for questions: few, and none for long. */
import type { Emit } from '../train/session/events.ts';
import type { Session } from '../train/session/session.ts';

/** Models that stay open at most: two that are compared, and a copy. */
const MOST = 3;
/** What nobody asked for so long is freed. */
const IDLE_MS = 60_000;

interface OpenModel {
  session: Promise<Session>;
  askedAt: number;
  /** Who hears of what the model tells. */
  hear: Emit | null;
  /** Questions that it has not answered yet: it stays open for them. */
  asked: number;
}

/** Models by what names them, each opened with its first question. */
export class OpenModels<Subject> {
  readonly #nameOf: (subject: Subject) => string;
  readonly #open: (subject: Subject, emit: Emit) => Promise<Session>;
  readonly #models = new Map<string, OpenModel>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    nameOf: (subject: Subject) => string,
    open: (subject: Subject, emit: Emit) => Promise<Session>,
  ) {
    this.#nameOf = nameOf;
    this.#open = open;
  }

  /** Puts a question to a model, which stays open for it. @param hear hears of the model's events until others do */
  async asking<T>(
    subject: Subject,
    question: (session: Session) => Promise<T>,
    hear: Emit | null = null,
  ): Promise<T> {
    const model = this.#model(subject);
    if (hear !== null) model.hear = hear;
    model.asked += 1;
    this.#makeRoom();
    try {
      return await question(await model.session);
    } finally {
      model.asked -= 1;
      model.askedAt = Date.now();
      this.#makeRoom();
      this.#watch();
    }
  }

  /** Frees a model. */
  close(subject: Subject): Promise<void> {
    return this.#close(this.#nameOf(subject));
  }

  /** Frees all of them; the next question opens them anew. */
  async free(): Promise<void> {
    clearTimeout(this.#timer);
    await Promise.all([...this.#models.keys()].map((name) => this.#close(name)));
  }

  #opening(subject: Subject): OpenModel {
    const model: Omit<OpenModel, 'session'> = { askedAt: 0, asked: 0, hear: null };
    const session = this.#open(subject, (event) => model.hear?.(event));
    return Object.assign(model, { session });
  }

  #model(subject: Subject): OpenModel {
    const name = this.#nameOf(subject);
    const model = this.#models.get(name) ?? this.#opening(subject);
    // Those asked last stand last.
    this.#models.delete(name);
    this.#models.set(name, model);
    model.session.catch(() => {
      if (this.#models.get(name) === model) this.#models.delete(name);
    });
    return model;
  }

  async #close(name: string): Promise<void> {
    const model = this.#models.get(name);
    this.#models.delete(name);
    const session = await model?.session.catch(() => null);
    await session?.dispose();
  }

  /** Frees those that were asked longest ago where too many are open; none that still answers. */
  #makeRoom(): void {
    const idle = [...this.#models].filter(([, { asked }]) => asked === 0);
    for (const [name] of idle.slice(0, Math.max(0, this.#models.size - MOST)))
      void this.#close(name);
  }

  /** Frees what was not asked for long, and looks again later. */
  #watch(): void {
    clearTimeout(this.#timer);
    if (this.#models.size === 0) return;
    this.#timer = setTimeout(() => {
      const before = Date.now() - IDLE_MS;
      for (const [name, { askedAt, asked }] of this.#models)
        if (asked === 0 && askedAt <= before) void this.#close(name);
      this.#watch();
    }, IDLE_MS);
  }
}
