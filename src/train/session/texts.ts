/** Texts that a run writes between two steps; their code comes with the first. */
import type {
  Emit,
  GenerateRequest,
  Generation,
  Sample,
  SampleRequest,
  TokenListener,
} from './events.ts';
import type { OpenedRun } from './openRun.ts';
import type { TrainingLoop } from './trainingLoop.ts';

const writing = () => import('./writing.ts');

/** Samples of a run, and texts that are written beside each other (session.ts says what they promise). */
export class Texts {
  readonly #opened: OpenedRun;
  readonly #loop: TrainingLoop;
  readonly #emit: Emit;
  #isToStop = false;

  constructor(opened: OpenedRun, loop: TrainingLoop, emit: Emit) {
    this.#opened = opened;
    this.#loop = loop;
    this.#emit = emit;
  }

  /** Whether capacity drops assignments, by the settings of the next step. */
  #capacity(step: number): boolean {
    return this.#opened.settings.at(step + 1).evaluation.capacity;
  }

  async sample(request: SampleRequest): Promise<Sample> {
    const { sampleText } = await writing();
    return this.#loop.onEngine(async (run) => {
      const isCancelled = () => this.#loop.isDisposed;
      const capacity = this.#capacity(run.engine.step);
      const sample = await run.watch(
        sampleText(run.engine, this.#opened.text, { ...request, capacity }, isCancelled),
      );
      this.#emit({ type: 'sample', sample });
      return sample;
    });
  }

  async generate(request: GenerateRequest, onTokens: TokenListener): Promise<Generation> {
    const { generateTexts } = await writing();
    this.#isToStop = false;
    return this.#loop.onEngine(async (run) => {
      const capacity = this.#capacity(run.engine.step);
      const generation = await run.watch(
        generateTexts(
          run.engine,
          this.#opened.text,
          { ...request, capacity },
          {
            isCancelled: () => this.#loop.isDisposed,
            isToStop: () => this.#isToStop,
            onTokens,
          },
        ),
      );
      const { step, texts } = generation;
      for (const { prompt, text } of texts) {
        const sample = { step, prompt, text, temperature: request.temperature };
        this.#emit({ type: 'sample', sample });
      }
      return generation;
    });
  }

  stop(): void {
    this.#isToStop = true;
  }
}
