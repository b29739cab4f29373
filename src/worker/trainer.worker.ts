/** The worker: the trainer on this browser's GPU, exposed through Comlink. */
import { expose, proxy, transfer } from 'comlink';
import type { Change, Experiment } from '../config/experiment.ts';
import { fetchSource } from '../data/fetchSource.ts';
import { LatestText, type Prepare } from '../data/latestText.ts';
import type { OwnText } from '../data/ownText.ts';
import { prepareText } from '../data/prepare.ts';
import { openAdapter } from '../gpu/adapterInfo.ts';
import type { Queue } from '../queue/queue.ts';
import type { Asides } from '../runs/asides.ts';
import type { ConversionRoom } from '../runs/conversions/room.ts';
import type { Keeping } from '../runs/keeping.ts';
import { DeviceSource } from '../train/device/deviceSource.ts';
import { gpuDevice } from '../train/device/gpuDevice.ts';
import type { TrainingDevice } from '../train/device/trainingDevice.ts';
import type { Gpu } from '../train/ladimo/layerTrainer.ts';
import { switchyardError } from '../train/session/errors.ts';
import type { ItemsListener } from '../train/session/events.ts';
import { Trainer } from '../train/session/trainer.ts';
import { recordBuffers } from '../train/telemetry/records.ts';
import type { TrainerEvent, WorkerApi } from './api.ts';

/** The device itself, for layers that are trained alone. */
let gpu: Gpu | null = null;

async function requestDevice(): Promise<TrainingDevice> {
  if (!('gpu' in navigator))
    throw switchyardError('NoWebGPU', 'This browser offers no WebGPU to pages and workers.');
  const opened = await openAdapter(navigator.gpu, 'trainer');
  gpu = { device: opened.device, adapterClass: opened.isSoftware ? 'software' : 'gpu' };
  return gpuDevice(opened.device, opened);
}

/** Fulfilled once the page has heard all events so far. */
let heard: Promise<unknown> = Promise.resolve();

/** Least time between two reports of one stage: a text has thousands of documents. */
const PROGRESS_MS = 50;
let reported = { stage: '', at: 0 };

/** Whether a report of progress says too little more than the last one. */
function isTooSoon(event: TrainerEvent): boolean {
  if (event.type !== 'progress' || event.done === event.total) return false;
  const now = performance.now();
  if (event.stage === reported.stage && now - reported.at < PROGRESS_MS) return true;
  reported = { stage: event.stage, at: now };
  return false;
}

function deliver(listener: (event: TrainerEvent) => void, event: TrainerEvent): void {
  if (isTooSoon(event)) return;
  const sent = event.type === 'steps' ? transfer(event, recordBuffers(event.records)) : event;
  // The page's listener answers, though its type does not say so; a page that is gone does not matter.
  heard = Promise.allSettled([heard, listener(sent)]);
}

/** The answer to a command, not before its events: these take another way to the page. */
async function afterEvents<T>(answer: Promise<T>): Promise<T> {
  const value = await answer;
  await heard;
  return value;
}

/** Bytes that move to the page instead of being copied. */
function handedOver(bytes: Uint8Array): Uint8Array {
  return transfer(bytes, bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : []);
}

/** Folder of the page, to which the corpora are relative; the page tells it first. */
let base = new URL('.', self.location.href).href;

const prepare: Prepare = (experiment, own, onProgress, signal) => {
  const source = fetchSource({ base, origin: self.location.origin });
  return prepareText(experiment, source, own, onProgress, signal);
};
const texts = new LatestText(prepare);

let keeping: Promise<Keeping> | null = null;
/** What keeps runs comes with the first that is opened. */
function keeper(): Promise<Keeping> {
  keeping ??= import('../runs/keeping.ts').then(({ createKeeping }) =>
    createKeeping(navigator.locks ?? null),
  );
  return keeping;
}

/** The documents of a text, for probe tasks. */
async function readDocuments(experiment: Experiment, own: OwnText | null) {
  const documents = await import('../data/documents.ts');
  const source = fetchSource({ base, origin: self.location.origin });
  return documents.readDocuments(experiment, source, own);
}

const devices = new DeviceSource(requestDevice);
const trainer = new Trainer({
  devices,
  prepareText: (experiment, own, { onProgress, signal }) =>
    texts.get(experiment, own, onProgress, signal),
  readDocuments,
  // A run that cannot be kept trains all the same.
  recorder: () =>
    keeper().then(
      ({ record }) => record,
      () => null,
    ),
  deliver,
});

let asides: Promise<Asides> | null = null;
/** Models that are asked beside the open run; they come with the first question to one. */
function aside(): Promise<Asides> {
  asides ??= import('../runs/asides.ts').then(({ createAsides }) =>
    createAsides(
      {
        requestDevice: () => devices.get(),
        prepareText: (experiment, own, { onProgress, signal }) =>
          texts.known(experiment) ?? prepare(experiment, own, onProgress, signal),
        readDocuments,
      },
      async () => (await keeper()).library(),
    ),
  );
  return asides;
}

let room: Promise<ConversionRoom> | null = null;
/** Conversions, which share the device with the open run; their code comes with the first command. */
function conversions(): Promise<ConversionRoom> {
  room ??= Promise.all([import('../runs/conversions/room.ts'), keeper()]).then(
    ([{ ConversionRoom }, { conversions: store, library, locks }]) =>
      new ConversionRoom({
        requestDevice: () => devices.get(),
        prepareText: (experiment, own, { onProgress, signal }) =>
          texts.known(experiment) ?? prepare(experiment, own, onProgress, signal),
        readDocuments,
        store,
        library,
        live: async () => ({ ...(await trainer.copy()), run: trainer.recordId }),
        liveExperiment: () => trainer.experiment(),
        isTraining: () => trainer.isBusy,
        locks,
        now: () => Date.now(),
      }),
  );
  return room;
}

let queue: Promise<Queue> | null = null;
/** Recipes and sweeps, which share the device with the open run. */
function recipes(): Promise<Queue> {
  queue ??= Promise.all([import('../queue/inBrowser.ts'), keeper()]).then(
    ([{ queueInBrowser }, keeping]) =>
      queueInBrowser({
        requestDevice: () => devices.get(),
        requestGpu: async () => {
          await devices.get();
          return gpu as Gpu;
        },
        source: () => fetchSource({ base, origin: self.location.origin }),
        keeping,
        isOpen: (id) => trainer.isRecording(id),
        locks: navigator.locks ?? null,
      }),
  );
  // What could not be loaded is asked for again.
  queue.catch(() => {
    queue = null;
  });
  return queue;
}

async function openStored(id: string, step: number | null, change: Change | null) {
  const goesOn = step === null && change === null;
  if (goesOn && trainer.isRecording(id))
    throw switchyardError('ConfigInvalid', 'This run is open already.');
  const { kept, release } = await keeper();
  // The run may be one that was just given up, whose last steps and lock are on their way.
  await trainer.closed();
  const run = await kept(id, step, change);
  try {
    return await trainer.openKept(run);
  } catch (error) {
    if (goesOn) release(id);
    throw error;
  }
}

const api = {
  async setBase(url) {
    base = url;
  },
  async prepare(experiment) {
    texts.ahead(experiment);
  },
  probe: () => trainer.probe(),
  measure: () => trainer.measure(),
  open: (experiment, own) => trainer.open(experiment, own),
  start: () => trainer.start(),
  pause: () => trainer.pause(),
  step: () => trainer.step(),
  profile: (steps) => trainer.profile(steps),
  stopProfile: () => trainer.stopProfile(),
  reset: () => afterEvents(trainer.reset()),
  change: (change) => afterEvents(trainer.change(change)),
  experiment: () => trainer.experiment(),
  evaluate: () => trainer.evaluate(),
  sample: (request) => trainer.sample(request),
  async generate(request, onTokens) {
    // The page's listener answers, though its type does not say so.
    const told: unknown[] = [];
    const generation = await trainer.generate(request, (tokens) => told.push(onTokens(tokens)));
    await Promise.allSettled(told);
    return generation;
  },
  stopGenerating: () => trainer.stopGenerating(),
  inspect: async (kind, ask, subject = 'live') => {
    const answer =
      typeof subject === 'string'
        ? await trainer.inspect(kind, ask, subject)
        : await (await aside()).inspect(subject, kind, ask);
    const { inspectionBuffers } = await import('../train/engine/inspections.ts');
    return transfer(answer, inspectionBuffers(answer));
  },
  takeCopy: async () => (await aside()).hold(await trainer.copy()),
  letCopyGo: async (copy) => (await aside()).letGo(copy),
  probeTasks: (ask) => trainer.probeTasks(ask),
  probeEvery: (...asked) => trainer.probeEvery(...asked),
  cancelProbes: () => trainer.cancelProbes(),
  async probeStored(run, ask, onItems) {
    // The page's listener answers, though its type does not say so.
    const told: unknown[] = [];
    const hear: ItemsListener = (items) => told.push(onItems(items));
    const probes = await (await aside()).probeTasks(run, ask, hear);
    await Promise.allSettled(told);
    return probes;
  },
  cancelStored: async () => (await asides)?.cancelProbes(),
  checkpoint: async () => handedOver(await trainer.checkpoint()),
  restore: (bytes, own) => trainer.restore(bytes, own),
  check: (experiment, own) => trainer.check(experiment, own),
  checkCheckpoint: (bytes, own) => trainer.checkCheckpoint(bytes, own),
  fork: async (change) => handedOver(await trainer.fork(change)),
  openStored,
  keepCheckpoint: () => trainer.keepCheckpoint(),
  flush: () => trainer.flush(),
  openBeside: (experiment, own) => trainer.openBeside(experiment, own),
  closeBeside: () => trainer.closeBeside(),
  subscribeBeside: (listener) => trainer.subscribeBeside(listener),
  queue: async () => proxy(await recipes()),
  memory: async () => proxy(await (await keeper()).served()),
  conversion: async () => proxy(await conversions()),
  subscribe: (listener) => trainer.subscribe(listener),
  dispose: async () => {
    await trainer.dispose();
    await (await asides)?.free();
  },
} satisfies WorkerApi;

expose(api);
