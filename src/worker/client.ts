/** The page's end of the wire. */
import { proxy, type Remote, wrap } from 'comlink';
import { isErrorCode } from '../config/errorCodes.ts';
import type { Library } from '../runs/library.ts';
import type { RemoteLibrary } from '../runs/remoteLibrary.ts';
import type {
  BesideApi,
  ConversionApi,
  InspectionKind,
  Inspections,
  QueueApi,
  StoredApi,
  Subject,
  TrainerApi,
  TrainerEvent,
  WorkerApi,
} from './api.ts';

/** The trainer as the page holds it. Every command rejects once the worker has failed. */
export interface TrainerClient extends TrainerApi, StoredApi, Omit<BesideApi, 'subscribeBeside'> {
  /** Hears the events of the newest run; returns how to stop. */
  onEvent(listener: (event: TrainerEvent) => void): () => void;
  /** The same of the newest run beside it. */
  onBesideEvent(listener: (event: TrainerEvent) => void): () => void;
  /** Has the worker read an experiment's text ahead of `open`. */
  prepare(...experiment: Parameters<WorkerApi['prepare']>): void;
  /** The library of this visit, where the browser stores nothing. */
  memory(): Promise<Library>;
  /** Commands of conversions, loaded with the first. */
  conversion(): Promise<ConversionApi>;
  /** Recipes and sweeps, run one after the other. */
  queue(): Promise<QueueApi>;
  /** Ends the worker; commands that are under way are rejected with Cancelled. */
  terminate(): void;
}

/** What the client needs of a worker; a `MessagePort` with `terminate` will do in tests. */
export type WorkerLike = Pick<
  Worker,
  'postMessage' | 'addEventListener' | 'removeEventListener'
> & {
  terminate(): void;
};

function namedError(name: string, message: string): Error {
  const error = new Error(message);
  error.name = isErrorCode(name) ? name : 'Error';
  return error;
}

/** What a command was rejected with, as an error of this side with one of the known names. */
function rebuilt(thrown: unknown): Error {
  if (thrown instanceof Error) return namedError(thrown.name, thrown.message);
  return namedError('Error', String(thrown));
}

/** Rejects every command under way once the worker has failed. */
class WorkerFailure {
  readonly #pending = new Set<(error: Error) => void>();
  #error: Error | null = null;

  fail(error: Error): void {
    this.#error ??= error;
    for (const reject of this.#pending) reject(this.#error);
    this.#pending.clear();
  }

  race<T>(call: () => Promise<T>): Promise<T> {
    if (this.#error !== null) return Promise.reject(this.#error);
    return new Promise<T>((resolve, reject) => {
      this.#pending.add(reject);
      call()
        .then(resolve, (thrown: unknown) => reject(rebuilt(thrown)))
        .finally(() => this.#pending.delete(reject));
    });
  }
}

/** Passes on what belongs to the newest run only, and nothing of a run before its report. */
class EventGate {
  readonly #listeners = new Set<(event: TrainerEvent) => void>();
  #newest = 0;
  /** Runs up to this one have been replaced. */
  #stale = 0;
  readonly #held: TrainerEvent[] = [];
  #openings = 0;

  add(listener: (event: TrainerEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  readonly receive = (event: TrainerEvent): void => {
    if (event.runId <= this.#stale || event.runId < this.#newest) return;
    this.#newest = event.runId;
    const isOfOpening =
      event.type === 'progress' || (event.type === 'state' && event.state === 'opening');
    if (this.#openings > 0 && !isOfOpening) this.#held.push(event);
    else this.#pass(event);
  };

  /** Events of the run that opens wait until whoever opened it has its report. */
  async during<T>(open: () => Promise<T>): Promise<T> {
    const [stale, newest] = [this.#stale, this.#newest];
    this.#stale = newest;
    this.#openings++;
    try {
      return await open();
    } catch (error) {
      // Refused before a run of its own began, it replaces none.
      if (this.#newest === newest) this.#stale = Math.min(this.#stale, stale);
      throw error;
    } finally {
      setTimeout(() => this.#opened());
    }
  }

  #opened(): void {
    this.#openings--;
    if (this.#openings > 0) return;
    for (const event of this.#held.splice(0)) {
      if (event.runId >= this.#newest) this.#pass(event);
    }
  }

  #pass(event: TrainerEvent): void {
    for (const listener of this.#listeners) listener(event);
  }
}

function clientOf(
  remote: Remote<WorkerApi>,
  failure: WorkerFailure,
  gate: EventGate,
  besideGate: EventGate,
): Omit<TrainerClient, 'prepare' | 'memory' | 'conversion' | 'queue' | 'terminate'> {
  const call = <T>(command: () => Promise<T>) => failure.race(command);
  return {
    onEvent: (listener) => gate.add(listener),
    onBesideEvent: (listener) => besideGate.add(listener),
    probe: () => call(() => remote.probe()),
    measure: () => call(() => remote.measure()),
    open: (experiment, own) => call(() => gate.during(() => remote.open(experiment, own))),
    start: () => call(() => remote.start()),
    pause: () => call(() => remote.pause()),
    step: () => call(() => remote.step()),
    profile: (steps) => call(() => remote.profile(steps)),
    stopProfile: () => call(() => remote.stopProfile()),
    reset: () => call(() => remote.reset()),
    change: (change) => call(() => remote.change(change)),
    experiment: () => call(() => remote.experiment()),
    evaluate: () => call(() => remote.evaluate()),
    sample: (request) => call(() => remote.sample(request)),
    generate: (request, onTokens) => call(() => remote.generate(request, proxy(onTokens))),
    stopGenerating: () => call(() => remote.stopGenerating()),
    // Comlink's types leave out which kind has which answer.
    inspect: <K extends InspectionKind>(kind: K, ask: Inspections[K]['ask'], subject?: Subject) =>
      call(() => remote.inspect(kind, ask, subject) as Promise<Inspections[K]['answer']>),
    takeCopy: () => call(() => remote.takeCopy()),
    letCopyGo: (copy) => call(() => remote.letCopyGo(copy)),
    probeTasks: (ask) => call(() => remote.probeTasks(ask)),
    probeEvery: (...asked) => call(() => remote.probeEvery(...asked)),
    cancelProbes: () => call(() => remote.cancelProbes()),
    probeStored: (run, ask, onItems) => call(() => remote.probeStored(run, ask, proxy(onItems))),
    cancelStored: () => call(() => remote.cancelStored()),
    checkpoint: () => call(() => remote.checkpoint()),
    restore: (bytes, own) => call(() => gate.during(() => remote.restore(bytes, own))),
    check: (experiment, own) => call(() => remote.check(experiment, own)),
    checkCheckpoint: (bytes, own) => call(() => remote.checkCheckpoint(bytes, own)),
    fork: (change) => call(() => remote.fork(change)),
    openStored: (...run) => call(() => gate.during(() => remote.openStored(...run))),
    keepCheckpoint: () => call(() => remote.keepCheckpoint()),
    flush: () => call(() => remote.flush()),
    openBeside: (...run) => call(() => besideGate.during(() => remote.openBeside(...run))),
    closeBeside: () => call(() => remote.closeBeside()),
    async subscribe(listener) {
      gate.add(listener);
    },
    dispose: () => call(() => remote.dispose()),
  };
}

/**
 * A client of a worker that exposes `WorkerApi`.
 * @param base absolute URL of the page's folder
 */
export function connectTrainer(worker: WorkerLike, base: string): TrainerClient {
  const failure = new WorkerFailure();
  const gate = new EventGate();
  const besideGate = new EventGate();
  worker.addEventListener('error', (event: Event) => {
    const message = 'message' in event ? String(event.message) : 'unknown reason';
    failure.fail(namedError('Error', `The training worker stopped: ${message}`));
  });
  worker.addEventListener('messageerror', () => {
    failure.fail(namedError('Error', 'A message of the training worker could not be read.'));
  });
  const remote = wrap<WorkerApi>(worker);
  const connected = [
    remote.setBase(base),
    remote.subscribe(proxy(gate.receive)),
    remote.subscribeBeside(proxy(besideGate.receive)),
  ];
  Promise.all(connected).catch((thrown: unknown) => failure.fail(rebuilt(thrown)));
  return {
    ...clientOf(remote, failure, gate, besideGate),
    prepare(experiment) {
      remote.prepare(experiment).catch((thrown: unknown) => failure.fail(rebuilt(thrown)));
    },
    async memory() {
      const { remoteLibrary } = await import('../runs/remoteLibrary.ts');
      const library = (await failure.race(() => remote.memory())) as unknown as RemoteLibrary;
      return remoteLibrary(library, proxy);
    },
    async conversion() {
      const { conversionClient } = await import('./conversionClient.ts');
      const commands = (await failure.race(() => remote.conversion())) as unknown as ConversionApi;
      return conversionClient(commands, (call) => failure.race(call));
    },
    async queue() {
      const { queueClient } = await import('./queueClient.ts');
      const queue = (await failure.race(() => remote.queue())) as unknown as QueueApi;
      return queueClient(queue, (command) => failure.race(command));
    },
    terminate() {
      failure.fail(namedError('Cancelled', 'The trainer was closed.'));
      worker.terminate();
    },
  };
}

/** Starts the training worker of this page. */
export function createTrainerClient(): TrainerClient {
  // Vite finds the worker by this very form.
  const worker = new Worker(new URL('./trainer.worker.ts', import.meta.url), {
    type: 'module',
    name: 'trainer',
  });
  return connectTrainer(worker, new URL('.', document.baseURI).href);
}
