/** Conversions: the commands of `ConversionApi`, wherever they run. */
import { decodeConversionLink, encodeConversionLink } from '../../config/conversionLink.ts';
import type { PolicyShares } from '../../config/ladimo.ts';
import type { LadimoSettings } from '../../config/ladimoSettings.ts';
import type { OwnText } from '../../data/ownText.ts';
import type {
  ConversionEvent,
  ConversionListener,
  ConversionPlan,
  ConversionRow,
  ConversionState,
  DomainResult,
  MeasuredStudent,
  OpenConversion,
  PolicyResult,
  StudentChoice,
  TeacherChoice,
  Throughput,
} from '../../train/ladimo/conversion.ts';
import { checkDomain, planConversion } from '../../train/ladimo/plan.ts';
import { studentExperiment } from '../../train/ladimo/student.ts';
import { switchyardError } from '../../train/session/errors.ts';
import type {
  AdapterSpeed,
  GeneratedToken,
  GenerateRequest,
  Generation,
  ProbeAsk,
} from '../../train/session/events.ts';
import { assembleRun } from './assemble.ts';
import type { ConversionDeps } from './deps.ts';
import { partsOf, readConversion, writeConversion } from './files.ts';
import {
  measurePolicy,
  measureStudent,
  openModel,
  profileOf,
  studentOf,
  trainDomain,
  usualChoices,
} from './measure.ts';
import { keepOwn, ownKey } from './ownTexts.ts';
import { CONVERSION_FORMAT, freshLayers, settingsFor, TEACHER } from './record.ts';
import { findTeacher, teacherExperiment } from './teacher.ts';
import { throughputOf } from './throughput.ts';
import { ConversionTurns, type Place } from './turns.ts';
import type { ConversionWork } from './work.ts';

/** Longest name. */
const NAME_CHARACTERS = 500;
/** Vocabulary that is reckoned with until the text tells. */
const UNKNOWN_V = 256;

/** What has the curves of a conversion and its state, which goes on while they are read. */
async function opened(work: ConversionWork): Promise<OpenConversion> {
  const curves = await work.curves();
  return { state: work.state, curves };
}

function rowOf({ state, bytes }: ConversionWork['record']): ConversionRow {
  const { id, name, begunAt, changedAt, teacher, layers } = state;
  const chosen = layers.filter(({ isChosen }) => isChosen);
  const converted = chosen.filter(({ status }) => status === 'converted').length;
  return {
    ...{ id, name, begunAt, changedAt, teacher: teacher.name },
    ...{ layers: chosen.length, converted, bytes },
  };
}

/** The commands of `ConversionApi` (src/worker/api.ts); one works at a time. */
export class ConversionRoom {
  readonly #deps: ConversionDeps;
  readonly #listeners = new Set<ConversionListener>();
  readonly #turns: ConversionTurns;
  #speed: AdapterSpeed | null = null;

  constructor(deps: ConversionDeps) {
    this.#deps = deps;
    this.#turns = new ConversionTurns(deps, this.#tell);
  }

  async list(): Promise<readonly ConversionRow[]> {
    return (await (await this.#deps.store()).all()).map(rowOf);
  }

  async open(id: string): Promise<OpenConversion> {
    return opened(await this.#turns.open(id));
  }

  async plan(choice: TeacherChoice, part: Partial<LadimoSettings>): Promise<ConversionPlan> {
    const experiment = await teacherExperiment(this.#deps, choice);
    const settings = settingsFor(experiment.model, part);
    const speed = await this.#adapterSpeed();
    return planConversion(experiment, experiment.model.V ?? UNKNOWN_V, settings, speed);
  }

  async begin(
    choice: TeacherChoice,
    part: Partial<LadimoSettings>,
    own: OwnText | null = null,
  ): Promise<OpenConversion> {
    return this.#begin(choice, part, { own, expected: null, student: null });
  }

  async replay(link: string, own: OwnText | null = null): Promise<OpenConversion> {
    const { conversion, problems } = decodeConversionLink(link);
    const wrong = problems.find(({ severity }) => severity === 'error');
    if (wrong !== undefined) throw switchyardError('ConfigInvalid', wrong.message);
    if (conversion === null)
      throw switchyardError('ConfigInvalid', 'The link names no conversion.');
    const { experiment, steps, settings, digest: expected, student } = conversion;
    return this.#begin({ experiment, steps }, settings, { own, expected, student });
  }

  stop(): Promise<void> {
    return this.#turns.stop();
  }

  goOn(id: string): Promise<OpenConversion> {
    return this.#turns.compute(id, async (place) => {
      await this.#convert(place).catch((error: unknown) => {
        if (!place.signal.aborted) throw error;
      });
      return opened(place.work);
    });
  }

  async redo(id: string, layer: number): Promise<OpenConversion> {
    await this.#turns.compute(id, ({ work }) => work.forget(layer));
    return this.goOn(id);
  }

  measure(
    id: string,
    students: readonly StudentChoice[] | null = null,
    probes: ProbeAsk | null = null,
  ): Promise<readonly MeasuredStudent[]> {
    return this.#turns.compute(id, async (place) => {
      const choices = students ?? usualChoices(place.work.converted);
      return this.#measure(place, choices, probes);
    });
  }

  throughput(id: string, shape: Throughput['shape'], rounds: number): Promise<Throughput> {
    return this.#turns.compute(id, (place) => throughputOf(place, shape, rounds));
  }

  domains(id: string, domain: string, steps: number): Promise<DomainResult> {
    return this.#turns.compute(id, (place) => trainDomain(place, domain, steps));
  }

  profile(id: string): Promise<OpenConversion> {
    return this.#turns.compute(id, async ({ work, signal }) => {
      await profileOf(work, await work.converter(signal), signal);
      return opened(work);
    });
  }

  policy(id: string, shares: PolicyShares): Promise<PolicyResult> {
    return this.#turns.compute(id, (place) => measurePolicy(place, shares));
  }

  assemble(id: string, choice: StudentChoice, name: string | null = null): Promise<string> {
    return this.#turns.compute(id, ({ work, signal }) =>
      assembleRun(this.#deps, work, { choice, name, signal }),
    );
  }

  write(
    id: string,
    choice: StudentChoice,
    request: GenerateRequest,
    onTokens: (side: 'teacher' | 'student', tokens: GeneratedToken[]) => void,
  ): Promise<{ teacher: Generation; student: Generation }> {
    return this.#turns.compute(id, async ({ work, signal }) => {
      const converter = await work.converter(signal);
      const student = await studentOf(work, converter, choice, signal);
      const models = { teacher: await work.teacher(), student };
      // The page's listener answers, though its type does not say so.
      const told: unknown[] = [];
      // One that fails stops the other: nothing of it goes on behind this turn.
      const failing = new AbortController();
      const ended = AbortSignal.any([signal, failing.signal]);
      const side = async (name: 'teacher' | 'student') => {
        const session = await openModel(this.#deps, work, models[name]);
        const stop = () => session.stopGenerating();
        ended.addEventListener('abort', stop);
        try {
          return await session.generate(request, (tokens) => {
            told.push(onTokens(name, tokens));
          });
        } finally {
          ended.removeEventListener('abort', stop);
          await session.dispose();
        }
      };
      const writing = (['teacher', 'student'] as const).map((name) =>
        side(name).catch((error: unknown) => {
          failing.abort();
          throw error;
        }),
      );
      await Promise.allSettled(writing);
      const [first, second] = await Promise.all(writing);
      await Promise.allSettled(told);
      return { teacher: first as Generation, student: second as Generation };
    });
  }

  async link(id: string, student: StudentChoice | null = null): Promise<string> {
    const { teacher, settings, digest } = (await this.#turns.open(id)).state;
    if (student?.domain != null)
      throw switchyardError(
        'ConfigInvalid',
        `A link cannot make this student again: its layers were trained on “${student.domain}” afterwards, which no link says.`,
      );
    const { experiment, step: steps, isReplayable } = teacher;
    if (!isReplayable)
      throw switchyardError(
        'ConfigInvalid',
        `A link cannot replay this conversion: its teacher, “${teacher.name}”, was not trained here from its experiment's start.`,
      );
    return encodeConversionLink({ experiment, steps, settings, digest, student });
  }

  async toFile(id: string): Promise<Uint8Array> {
    const { record } = await this.#turns.open(id);
    return writeConversion(await this.#deps.store(), record);
  }

  async fromFile(bytes: Uint8Array): Promise<OpenConversion> {
    const { record, parts, own } = await readConversion(bytes);
    const { id, changedAt, teacher } = record.state;
    const store = await this.#deps.store();
    await this.#turns.aside(id, async () => {
      const known = (await store.all()).find(({ state }) => state.id === id);
      if (known !== undefined && known.state.changedAt >= changedAt) return;
      if (record.own !== null && own !== null)
        await keepOwn(this.#deps, store, { experiment: teacher.experiment, own, key: record.own });
      const gone = known === undefined ? [] : partsOf(known).map((part) => [part, null] as const);
      await store.put(record, [...gone, ...parts]);
    });
    const work = await this.#turns.open(id);
    this.#tell({ type: 'state', state: work.state });
    return opened(work);
  }

  async rename(id: string, name: string): Promise<void> {
    await (await this.#turns.open(id)).keep({ name: name.slice(0, NAME_CHARACTERS) });
  }

  async remove(id: string): Promise<void> {
    const store = await this.#deps.store();
    await this.#turns.aside(id, () => store.remove(id));
    this.#tell({ type: 'removed', id });
  }

  async subscribe(listener: ConversionListener): Promise<void> {
    this.#listeners.add(listener);
  }

  readonly #tell = (event: ConversionEvent): void => {
    for (const listener of this.#listeners) listener(event);
  };

  /** What the adapter achieves, measured once; null as long as a run or a conversion computes. */
  async #adapterSpeed(): Promise<AdapterSpeed | null> {
    const isQuiet = !this.#deps.isTraining() && !this.#turns.isWorking;
    if (this.#speed !== null || !isQuiet) return this.#speed;
    const device = await this.#deps.requestDevice();
    this.#speed = await device.measure(new AbortController().signal);
    return this.#speed;
  }

  async #begin(
    choice: TeacherChoice,
    part: Partial<LadimoSettings>,
    {
      own: given,
      ...linked
    }: { own: OwnText | null } & Pick<ConversionState, 'expected' | 'student'>,
  ): Promise<OpenConversion> {
    const { teacher, bytes, own } = await findTeacher(this.#deps, choice, given);
    const { experiment } = teacher;
    const { L } = experiment.model;
    const settings = settingsFor(experiment.model, part);
    studentExperiment(experiment, settings);
    checkDomain(experiment, settings.domain);
    const store = await this.#deps.store();
    const key = await ownKey(this.#deps, store, experiment, own);
    const now = this.#deps.now();
    const state: ConversionState = {
      id: crypto.randomUUID(),
      name: `${teacher.name} as an MoE`.slice(0, NAME_CHARACTERS),
      ...{ begunAt: now, changedAt: now, teacher, settings },
      ...{ stage: 'idle', progress: null, layers: freshLayers(L, settings) },
      ...{ students: [], throughput: [], domains: [], weights: null, policies: [] },
      ...{ digest: null, ...linked, failure: null },
    };
    const record = { format: CONVERSION_FORMAT, state, own: key, bytes: 0 } as const;
    await store.put(record, bytes === null ? [] : [[TEACHER, bytes]]);
    const work = await this.#turns.open(state.id);
    this.#tell({ type: 'state', state: work.state });
    // What goes wrong is told in the state.
    this.goOn(state.id).catch(() => undefined);
    return opened(work);
  }

  /** Trains what is to be trained, and measures what the board shows. */
  async #convert(place: Place): Promise<void> {
    const { work, signal } = place;
    await work.makeTeacher(signal);
    const known = (choice: StudentChoice) => work.known(choice) !== null;
    await work.train(signal, async (layer) => {
      await measureStudent(place, { layers: [layer] });
    });
    if (signal.aborted || work.pending.length > 0) return;
    // A link may ask for a student that is none of the usual ones.
    const { student } = work.state;
    const linked = student?.layers.every((layer) => work.converted.includes(layer))
      ? [student]
      : [];
    const rest = [...usualChoices(work.converted), ...linked].filter((choice) => !known(choice));
    await this.#measure(place, rest, null);
  }

  async #measure(
    place: Place,
    choices: readonly StudentChoice[],
    probes: ProbeAsk | null,
  ): Promise<MeasuredStudent[]> {
    const progress = place.work.stage(probes === null ? 'measuring' : 'probing');
    const students: MeasuredStudent[] = [];
    for (const [i, choice] of choices.entries()) {
      // All students answer the same items, which are counted one by one.
      const onItems = (done: number, total: number) =>
        progress(i * total + done, choices.length * total);
      students.push(await measureStudent(place, choice, probes && { ask: probes, onItems }));
      if (probes === null) progress(i + 1, choices.length);
    }
    return students;
  }
}
