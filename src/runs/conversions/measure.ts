/** What is measured of the students of a conversion. */
import { adaptivePolicy, previewPolicy } from '../../config/ladimo.ts';
import type { TensorMap } from '../../train/engine/engine.ts';
import type {
  DomainResult,
  MaxWeights,
  MeasuredStudent,
  PolicyResult,
  PolicyShares,
  StudentChoice,
  StudentQuality,
} from '../../train/ladimo/conversion.ts';
import { type Converter, subsets } from '../../train/ladimo/converter.ts';
import { layerBegin } from '../../train/ladimo/distill.ts';
import { encodeLayer } from '../../train/ladimo/layerFile.ts';
import type { Checkpoint } from '../../train/session/checkpoint.ts';
import type { ProbeAsk, SessionEvent } from '../../train/session/events.ts';
import { createSession, type Session } from '../../train/session/session.ts';
import type { ConversionDeps } from './deps.ts';
import { domainPart } from './record.ts';
import type { Place } from './turns.ts';
import type { ConversionWork } from './work.ts';

/** Most that a static router is compared at. */
const STATIC_KS = [1, 2, 3] as const;

/** The student of a choice. @throws RangeError for one that is not there */
export async function studentOf(
  work: ConversionWork,
  converter: Converter,
  choice: StudentChoice,
  signal?: AbortSignal,
): Promise<Checkpoint> {
  const { policy = null, K = null, layers } = choice;
  const weights = await work.weights(converter, choice);
  if (policy === null) return converter.assemble(weights, { K });
  const profile = await profileOf(work, converter, signal);
  const own = profile.layers.filter(({ layer }) => layers.includes(layer));
  const table = adaptivePolicy(
    own.map((one) => one.weights),
    policy,
  );
  return converter.assemble(weights, { table });
}

/** Maximal routing weights of the student of all converted layers; recorded once. */
export async function profileOf(
  work: ConversionWork,
  converter: Converter,
  signal?: AbortSignal,
): Promise<MaxWeights> {
  const { weights } = work.state;
  if (weights !== null) return weights;
  const onProgress = work.stage('profiling');
  const student = await studentOf(work, converter, { layers: work.converted });
  const found = await converter.profile(student, { signal, onProgress });
  await work.keep({ weights: found });
  return found;
}

/** Opens a model of the conversion as a run that is asked and never recorded. */
export async function openModel(
  deps: ConversionDeps,
  work: ConversionWork,
  { experiment, state }: Checkpoint,
  emit: (event: SessionEvent) => void = () => {},
): Promise<Session> {
  const text = await work.text();
  const own = await work.ownText();
  const { requestDevice, readDocuments } = deps;
  const asked = {
    requestDevice,
    prepareText: async () => text,
    ...(readDocuments && { readDocuments }),
  };
  return createSession(asked, experiment, { emit, state, own, snapshotEvery: 0 });
}

/** Probe tasks that a student is asked; `onItems` hears how many items are answered. */
export interface Probes {
  ask: ProbeAsk;
  onItems: (done: number, total: number) => void;
}

async function probesOf(
  deps: ConversionDeps,
  work: ConversionWork,
  student: Checkpoint,
  { ask, onItems }: Probes,
  signal: AbortSignal,
) {
  const session = await openModel(deps, work, student, (event) => {
    if (event.type === 'probing' && event.probing !== null && event.probing.total > 0)
      onItems(event.probing.done, event.probing.total);
  });
  const cancel = () => void session.cancelProbes();
  signal.addEventListener('abort', cancel);
  try {
    signal.throwIfAborted();
    const { results } = await session.probeTasks(ask);
    return { ask, results };
  } finally {
    signal.removeEventListener('abort', cancel);
    await session.dispose();
  }
}

/** Measures a student, and puts what came out among those that are stored. */
export async function measureStudent(
  { deps, work, signal }: Place,
  choice: StudentChoice,
  asked: Probes | null = null,
): Promise<MeasuredStudent> {
  signal.throwIfAborted();
  const converter = await work.converter(signal);
  const model = await studentOf(work, converter, choice, signal);
  const quality = await converter.quality(model);
  const probes =
    asked === null
      ? (work.known(choice)?.probes ?? null)
      : await probesOf(deps, work, model, asked, signal);
  const student = { choice, ...quality, probes };
  await work.keepStudent(student);
  return student;
}

/** The teacher, the assembly from the last layer upward, and each layer alone. */
export function usualChoices(layers: readonly number[]): StudentChoice[] {
  return [[], ...subsets(layers)].map((some) => ({ layers: some }));
}

/** A policy against static routers. @throws RangeError where no layer is converted */
export async function measurePolicy(place: Place, shares: PolicyShares): Promise<PolicyResult> {
  const { work, signal } = place;
  const layers = work.converted;
  if (layers.length === 0) throw new RangeError('No layer is converted yet.');
  const converter = await work.converter(signal);
  const weights = await profileOf(work, converter, signal);
  const progress = work.stage('policy');
  const { N } = work.settings;
  const Ks = STATIC_KS.filter((K) => K <= N);
  const adaptive = await measureStudent(place, { layers, policy: shares });
  const statics: PolicyResult['statics'][number][] = [];
  for (const [i, K] of Ks.entries()) {
    progress(i + 1, Ks.length + 1);
    statics.push({ ...(await measureStudent(place, { layers, K })), K });
  }
  const policy = previewPolicy(weights.layers, N, shares);
  const result = { shares, policy, adaptive, statics };
  const others = work.state.policies.filter(
    (one) => one.shares.pu !== shares.pu || one.shares.pe !== shares.pe,
  );
  await work.keep({ policies: [...others, result] });
  return result;
}

/** Trains the converted layers on, on the text of a domain alone (LaDiMo, Figure 7). */
export async function trainDomain(
  place: Place,
  domain: string,
  steps: number,
): Promise<DomainResult> {
  const { work, signal } = place;
  const layers = work.converted;
  if (layers.length === 0) throw new RangeError('No layer is converted yet.');
  const onProgress = work.stage('domains');
  const converter = await work.converter(signal);
  const before = await converter.assemble(await work.weights(converter, { layers }));
  const samples = await converter.record(layers, domain, { signal, onProgress });
  const weights = await work.weights(converter, { layers });
  const parts: [string, Uint8Array][] = [];
  const trained = new Map<number, TensorMap>();
  for (const [i, sample] of samples.entries()) {
    const from = layerBegin(weights.get(sample.layer)!);
    const onSteps = ({ mse }: { mse: readonly number[] }) =>
      onProgress(i * steps + mse.length, samples.length * steps);
    const asked = { seed: 0, from, steps };
    const progress = await converter.distil(sample, asked, { signal, onSteps });
    signal.throwIfAborted();
    trained.set(sample.layer, progress.state.parameters);
    parts.push([domainPart(domain, sample.layer), encodeLayer(progress)]);
  }
  const after = converter.assemble(trained);
  const plain = async (model: Checkpoint): Promise<StudentQuality> => {
    const { computing: _, ...quality } = await converter.quality(model);
    return quality;
  };
  const result = {
    domain,
    layers,
    steps,
    before: await plain(before),
    after: await plain(after),
    teacher: await plain(converter.teacher),
  };
  // An earlier training stays until all of this one is there.
  await work.keepDomain(result, parts);
  return result;
}
