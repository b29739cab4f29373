/** `--ladimo` of `npm run experiment`: a dense model's layers become MoE (docs/model.md, "Dense → MoE conversion"). */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { decodeConversionLink, type LinkedConversion } from '../config/conversionLink.ts';
import type { Experiment } from '../config/experiment.ts';
import { parseJson } from '../config/json.ts';
import type { PolicyThresholds } from '../config/ladimo.ts';
import { type LadimoSettings, parseLadimoSettings } from '../config/ladimoSettings.ts';
import type { ConversionDeps } from '../runs/conversions/deps.ts';
import { ConversionRoom } from '../runs/conversions/room.ts';
import { conversionStore } from '../runs/conversions/store.ts';
import { CONVERSION_JSON } from '../runs/files/layout.ts';
import { bytesOf, readDirectory } from '../runs/files/zipDirectory.ts';
import { runLocks } from '../runs/locks.ts';
import { memoryLibrary } from '../runs/memoryLibrary.ts';
import { memoryTables } from '../runs/memoryTables.ts';
import type {
  ConversionEvent,
  ConversionState,
  DomainResult,
  LayerCurves,
  MeasuredStudent,
  StudentChoice,
  Throughput,
} from '../train/ladimo/conversion.ts';
import { checkDomain } from '../train/ladimo/plan.ts';
import { studentExperiment } from '../train/ladimo/student.ts';
import { decodeCheckpoint } from '../train/session/checkpoint.ts';
import { errorMessage, switchyardError } from '../train/session/errors.ts';
import type { Generation, OwnText } from '../train/session/events.ts';
import type { SessionDeps } from '../train/session/openRun.ts';
import type { CliIo } from './io.ts';
import { writeOutput } from './outputFiles.ts';

export const LADIMO_USAGE = `  --ladimo FILE      then convert layers of the dense model, as settings in JSON say:
                     {"layers": [2, 3], "N": 8, "K": 2, "gate": "softmax", "alpha": 0.1,
                     "start": "split" or "random", "sample": 32768, "batch": 32, "steps": 1000,
                     "optimizer": {"lr": 0.001}, "seeds": 1, "domain": null, "profile": 8192,
                     "policy": {"pu": 0.25, "pe": 0.25}}; only layers are needed. Losses, validation and
                     policy go to the metrics. A conversion link has the settings itself
                     and so has a conversion (.zip), of which what is not done yet is done first
  --student FILE     the converted model as a checkpoint; of a link, the student that it asks for
  --choice JSON      which student that is: {"layers": [3], "seed": 0, "domain": "code", "K": 1,
                     "policy": {"pu": 0.25, "pe": 0.25}}; only layers are needed
  --write PROMPT     let teacher and that student go on with PROMPT, by the experiment's temperature,
                     sample tokens and seed
  --conversion FILE.zip  the whole conversion, as the page opens and writes it
  --probes N         put N items of every probe task to teacher and students
  --throughput N     measure prefill and decoding over N rounds, at the teacher's shape and at one
                     whose FFNs have most of the FLOPs
  --recover DOMAIN   train the converted layers on, on the text of DOMAIN alone, for as many steps as
                     the settings have, or as DOMAIN:STEPS says; may be given several times
`;

/** What teacher and student wrote from the same prompt. */
interface BothGenerations {
  teacher: Generation;
  student: Generation;
}

/** What a conversion needs is what a session does. */
export type LadimoDeps = SessionDeps;

/** What of a conversion goes to the metrics. */
export interface LadimoMetrics {
  settings: LadimoSettings;
  /** Distillation by layer, under the teacher's own seeds. */
  layers: { layer: number; losses: Omit<LayerCurves, 'layer' | 'seed'> }[];
  /** All trainings, of every seed. */
  curves: readonly LayerCurves[];
  teacher: MeasuredStudent;
  /** Converted from the last layer upward, then each layer alone. */
  students: readonly MeasuredStudent[];
  /** The student of all layers with the adaptive router, and with top-1, top-2 and top-3. */
  adaptive: MeasuredStudent;
  statics: readonly MeasuredStudent[];
  /** `slots`: how many a token gets on average under the layer's policy, in the profile. */
  policy: Omit<PolicyThresholds, 'layers'> & {
    layers: (PolicyThresholds['layers'][number] & { layer: number; slots: number })[];
  };
  throughput: readonly Throughput[];
  domains: readonly DomainResult[];
  /** What teacher and the chosen student wrote; null where nobody asked. */
  texts: BothGenerations | null;
  /** Over the bits of all trained layers. */
  digest: string | null;
  /** Conversion link; null where the teacher cannot be replayed. */
  link: string | null;
  experiments: { student: Experiment; adaptive: Experiment };
}

/**
 * Reads settings and holds them against the teacher before it is trained.
 * @throws Error that names the file and everything that was refused
 */
export async function readLadimoSettings(
  file: string,
  teacher: Experiment,
  io: CliIo,
): Promise<LadimoSettings> {
  const text = await io.readFile(file);
  try {
    const settings = parseLadimoSettings(parseJson(text));
    studentExperiment(teacher, settings);
    checkDomain(teacher, settings.domain);
    return settings;
  } catch (error) {
    throw new Error(`${file}: ${errorMessage(error)}`, { cause: error });
  }
}

/** The conversion that a link names; null for any other source. */
export function linkedConversion(source: string): LinkedConversion | null {
  return decodeConversionLink(source).conversion;
}

/** Bytes of a file that holds a conversion; null for any other source. */
export async function conversionFile(source: string): Promise<Uint8Array | null> {
  if (!source.endsWith('.zip') || !existsSync(source)) return null;
  const bytes = await readFile(source);
  const entries = await readDirectory(bytesOf(bytes)).catch(() => null);
  return entries?.has(CONVERSION_JSON) ? bytes : null;
}

/** What is asked for besides. */
export interface LadimoAsk {
  own: OwnText | null;
  /** Whether the experiment alone gives the teacher. */
  isReplayable: boolean;
  student: string | null;
  /** Which student that is; null: of all layers. */
  choice: StudentChoice | null;
  conversion: string | null;
  probes: number | null;
  throughput: number | null;
  recover: readonly { domain: string; steps: number | null }[];
  /** What both go on with; null: nothing is written. */
  write: string | null;
}

/**
 * Holds what is asked for besides against the conversion, before it takes its time.
 * @param known domains that its layers were trained on before
 * @throws RangeError naming the option
 */
export function checkAsk(
  { choice, recover }: Pick<LadimoAsk, 'choice' | 'recover'>,
  { layers, seeds, N }: LadimoSettings,
  teacher: Experiment,
  known: readonly string[] = [],
): void {
  for (const { domain } of recover) {
    try {
      checkDomain(teacher, domain);
    } catch (error) {
      throw new RangeError(`--recover ${domain}: ${errorMessage(error)}`);
    }
  }
  if (choice === null) return;
  const { layers: some, seed = 0, domain = null, K = null } = choice;
  const wrong = (message: string) => new RangeError(`--choice: ${message}`);
  const other = some.find((layer) => !layers.includes(layer));
  if (other !== undefined)
    throw wrong(`layer ${other} is not converted; it must be one of ${layers.join(', ')}`);
  if (seed >= seeds) throw wrong(`seed ${seed}; it must be from 0 to ${seeds - 1}`);
  if (K !== null && K > N) throw wrong(`K = ${K} of N = ${N} experts; it must be from 1 to ${N}`);
  const domains = [...known, ...recover.map((one) => one.domain)];
  if (domain !== null && !domains.includes(domain))
    throw wrong(`no layer is trained on "${domain}": --recover ${domain} does it`);
  if (domain !== null && seed !== 0)
    throw wrong(`seed ${seed}: layers are trained on a domain from seed 0`);
}

/** What is converted: a checkpoint under settings, or what a file has of a conversion. */
export type LadimoSource =
  | { bytes: Uint8Array; settings: LadimoSettings }
  | { conversion: Uint8Array };

/** Says what happens, in a line each. */
function printer(io: CliIo) {
  const said = new Set<string>();
  const say = (line: string) => {
    if (said.has(line)) return;
    said.add(line);
    io.stderr(`ladimo: ${line}\n`);
  };
  return (event: ConversionEvent) => {
    if (event.type === 'steps') {
      const { layer, seed, firstStep, mse } = event;
      const step = firstStep + mse.length - 1;
      const last = mse.at(-1);
      if (last !== undefined)
        say(`layer ${layer}  seed ${seed}  step ${step}  mse ${last.toExponential(3)}`);
    }
    if (event.type !== 'state') return;
    const { stage, students } = event.state;
    if (stage !== 'idle' && stage !== 'training') say(stage);
    for (const { choice, ce } of students)
      say(`${JSON.stringify(choice)}: validation ce ${ce.toFixed(4)}`);
  };
}

function roomOf(deps: SessionDeps): {
  room: ConversionRoom;
  library: ReturnType<typeof memoryLibrary>;
} {
  const library = memoryLibrary();
  const store = conversionStore(memoryTables());
  const all: ConversionDeps = {
    ...deps,
    store: async () => store,
    library: async () => library,
    live: () => Promise.reject(switchyardError('ConfigInvalid', 'No run is open.')),
    liveExperiment: () => Promise.reject(switchyardError('ConfigInvalid', 'No run is open.')),
    isTraining: () => false,
    locks: runLocks(null),
    now: () => Date.now(),
  };
  return { room: new ConversionRoom(all), library };
}

/** Begins a conversion, or takes up the one of a file. */
async function begun(
  room: ConversionRoom,
  source: LadimoSource,
  { own, isReplayable }: LadimoAsk,
): Promise<ConversionState> {
  if ('conversion' in source) return (await room.fromFile(source.conversion)).state;
  const choice = { file: 'the trained model', bytes: source.bytes, isReplayable };
  return (await room.begin(choice, source.settings, own)).state;
}

/** Measures what is asked for besides. */
async function measureAll(room: ConversionRoom, state: ConversionState, ask: LadimoAsk) {
  const { id, settings, teacher } = state;
  const { data: seed } = teacher.experiment.seeds;
  const probes = ask.probes === null ? null : { seed, items: ask.probes };
  if (probes !== null) await room.measure(id, null, probes);
  const policy = await room.policy(id, settings.policy);
  if (ask.throughput !== null)
    for (const shape of ['teacher', 'demanding'] as const)
      await room.throughput(id, shape, ask.throughput);
  for (const { domain, steps } of ask.recover)
    await room.domains(id, domain, steps ?? settings.steps);
  return policy;
}

/** Both texts, sampled as the teacher's experiment samples. */
function textsOf(
  room: ConversionRoom,
  { id, teacher }: ConversionState,
  student: StudentChoice,
  prompt: string,
): Promise<BothGenerations> {
  const { evaluation, seeds } = teacher.experiment;
  const { temperature, sampleTokens: tokens } = evaluation;
  const request = { prompts: [prompt], temperature, tokens, seed: seeds.data };
  return room.write(id, student, { ...request, stops: [], candidates: 0 }, () => undefined);
}

/** Converts a model, or goes on with a conversion; writes the files that are asked for. */
export async function runLadimo(
  source: LadimoSource,
  ask: LadimoAsk,
  io: CliIo,
  deps: LadimoDeps,
): Promise<LadimoMetrics> {
  const { room, library } = roomOf(deps);
  await room.subscribe(printer(io));
  const first = await begun(room, source, ask);
  const { id, settings, teacher } = first;
  const known = first.domains.map(({ domain }) => domain);
  checkAsk(ask, settings, teacher.experiment, known);
  await room.goOn(id);
  const policy = await measureAll(room, first, ask);
  const modelOf = async (student: StudentChoice) =>
    library.checkpoint(await room.assemble(id, student), 0);
  const layers = [...settings.layers].sort((a, b) => a - b);
  const student = await modelOf({ layers });
  const adaptive = await modelOf({ layers, policy: settings.policy });
  const choice = ask.choice ?? first.student ?? { layers };
  // The conversion first: from it everything else can be made again.
  if (ask.conversion !== null) await writeOutput(ask.conversion, await room.toFile(id));
  if (ask.student !== null) await writeOutput(ask.student, await modelOf(choice));
  const texts = ask.write === null ? null : await textsOf(room, first, choice, ask.write);
  const { state, curves } = await room.open(id);
  const { adaptive: measured, statics, policy: table } = policy;
  const plain = state.students.filter(
    ({ choice: { policy: shares = null, K = null, domain = null } }) =>
      shares === null && K === null && domain === null,
  );
  return {
    settings,
    layers: curves
      .filter(({ seed }) => seed === 0)
      .map(({ layer, seed: _, ...losses }) => ({ layer, losses })),
    curves,
    teacher: plain.find(({ layers: some }) => some.length === 0)!,
    students: plain.filter(({ layers: some }) => some.length > 0),
    adaptive: measured,
    statics,
    policy: {
      ...{ alpha: table.alpha, beta: table.beta },
      layers: table.layers.map(({ computing, ...own }) => ({ ...own, slots: computing })),
    },
    throughput: state.throughput,
    domains: state.domains,
    texts,
    digest: state.digest,
    link: state.teacher.isReplayable ? await room.link(id) : null,
    experiments: {
      student: decodeCheckpoint(student).experiment,
      adaptive: decodeCheckpoint(adaptive).experiment,
    },
  };
}
