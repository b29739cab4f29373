/** Conversions as the page shows them: the one that is open, its plan before it begins, what computes. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import { counted } from '../../config/plural.ts';
import type {
  ConversionApi,
  ConversionEvent,
  ConversionPlan,
  ConversionRow,
  ConversionState,
  LadimoSettings,
  OpenConversion,
  OwnText,
  PolicyShares,
  ProbeAsk,
  StudentChoice,
  TeacherChoice,
  Throughput,
} from '../../worker/api.ts';
import { type CurvesByLayer, curvesOf, type GrowingCurves, takeSteps } from './curves.ts';

/** What can be expected of the settings, or what is wrong with them. */
export interface Planned {
  /** Teacher and settings that it is the plan of. */
  of: string;
  plan: ConversionPlan | null;
  /** A sentence for each refusal, with number and range. */
  refusals: readonly string[];
}

/** What computes: the command's name, and in words. */
export type Work =
  | 'begin'
  | 'goOn'
  | 'redo'
  | 'measure'
  | 'throughput'
  | 'domains'
  | 'profile'
  | 'policy'
  | 'assemble'
  | 'write';

export interface ConversionsValues {
  isRead: boolean;
  /** All that are stored, latest first. */
  rows: readonly ConversionRow[];
  /** Who is to be converted next; null: nobody was chosen yet. */
  teacher: TeacherChoice | null;
  planned: Planned | null;
  /** The conversion that is shown; null: none. */
  state: ConversionState | null;
  curves: CurvesByLayer;
  /** Rises whenever curves have grown. */
  version: number;
  work: Work | null;
  /** What was not done, and why. */
  failure: string | null;
}

export interface ConversionsState extends ConversionsValues {
  /** Reads the list, and opens the latest. */
  read(): Promise<void>;
  open(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  choose(teacher: TeacherChoice | null): void;
  /** What to expect of the chosen teacher under some settings; the last question wins. */
  plan(settings: Partial<LadimoSettings>): Promise<void>;
  /** Begins; when all layers are converted, all students are measured. */
  begin(settings: Partial<LadimoSettings>): Promise<void>;
  stop(): Promise<void>;
  goOn(): Promise<void>;
  redo(layer: number): Promise<void>;
  measure(students: readonly StudentChoice[] | null, probes?: ProbeAsk | null): Promise<void>;
  throughput(shape: Throughput['shape'], rounds: number): Promise<void>;
  domains(domain: string, steps: number): Promise<void>;
  profile(): Promise<void>;
  policy(shares: PolicyShares): Promise<void>;
  /** Id of the run that a student became; null where it did not. */
  assemble(student: StudentChoice): Promise<string | null>;
  /** Teacher and student write from the same prompts; null where they did not. */
  write(
    student: StudentChoice,
    ...asked: [Parameters<ConversionApi['write']>[2], Parameters<ConversionApi['write']>[3]]
  ): Promise<Awaited<ReturnType<ConversionApi['write']>> | null>;
  /** Link that replays it; null where there is none, which `failure` says. */
  link(): Promise<string | null>;
  file(): Promise<Uint8Array | null>;
  fromFile(bytes: Uint8Array): Promise<void>;
  replay(link: string): Promise<void>;
}

export type ConversionsStore = StoreApi<ConversionsState>;

export interface ConversionsDeps {
  api: ConversionApi;
  /** A person's own text, for teachers from files. */
  own(): OwnText | null;
}

const NOTHING: ConversionsValues = {
  isRead: false,
  rows: [],
  teacher: null,
  planned: null,
  state: null,
  curves: new Map(),
  version: 0,
  work: null,
  failure: null,
};

/** Name of a teacher and settings, to tell questions apart; bytes of a file by their count. */
export function planKey(teacher: TeacherChoice, settings: Partial<LadimoSettings>): string {
  const of =
    typeof teacher === 'object' && 'bytes' in teacher
      ? { file: teacher.file, bytes: teacher.bytes.length }
      : teacher;
  return JSON.stringify([of, settings]);
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Refusals as sentences: the settings' own come joined. */
function refusalsOf(error: unknown): string[] {
  return messageOf(error)
    .replace(/^ladimo: /, '')
    .split('; ');
}

/** Whether all chosen layers are converted. */
export function isWhole({ layers }: Pick<ConversionState, 'layers'>): boolean {
  const chosen = layers.filter(({ isChosen }) => isChosen);
  return chosen.length > 0 && chosen.every(({ status }) => status === 'converted');
}

/** The layers that are converted, rising. */
export function convertedLayers({ layers }: Pick<ConversionState, 'layers'>): number[] {
  return layers.filter(({ status }) => status === 'converted').map(({ layer }) => layer);
}

/** In words how far it is. */
export function progressOf({ layers }: ConversionState): string {
  const chosen = layers.filter(({ isChosen }) => isChosen).length;
  const done = convertedLayers({ layers }).length;
  return `${done} of ${counted(chosen, 'layer')} converted`;
}

type Put = (values: Partial<ConversionsValues>) => void;
type Get = () => ConversionsState;

/** Does what computes, one at a time as the page shows it; null where it failed, which is told. */
function performing(set: Put, get: Get) {
  return async <T>(work: Work, title: string, task: () => Promise<T>): Promise<T | null> => {
    set({ work, failure: null });
    try {
      return await task();
    } catch (error) {
      const isCancelled = error instanceof Error && error.name === 'Cancelled';
      set({ failure: isCancelled ? null : `${title}: ${messageOf(error)}` });
      return null;
    } finally {
      if (get().work === work) set({ work: null });
    }
  };
}

type Perform = ReturnType<typeof performing>;

/** What is stored: listed, opened, given away. */
function keeping(
  { api, own }: ConversionsDeps,
  set: Put,
  get: Get,
  take: (opened: OpenConversion) => void,
): Pick<
  ConversionsState,
  'read' | 'open' | 'remove' | 'link' | 'file' | 'fromFile' | 'replay'
> {
  async function attempt<T>(title: string, task: () => Promise<T>): Promise<T | null> {
    try {
      return await task();
    } catch (error) {
      set({ failure: `${title}: ${messageOf(error)}` });
      return null;
    }
  }
  const list = async () => {
    const rows = await attempt('Conversions were not read', () => api.list());
    set({ isRead: true, rows: rows ?? [] });
  };
  const shown = () => get().state?.id ?? '';
  async function taken(title: string, task: () => Promise<OpenConversion>): Promise<void> {
    set({ failure: null });
    const opened = await attempt(title, task);
    if (opened !== null) take(opened);
    await list();
  }
  return {
    async read() {
      await list();
      const [latest] = get().rows;
      if (get().state === null && latest !== undefined) await get().open(latest.id);
    },
    open: (id) => taken('The conversion was not opened', () => api.open(id)),
    async remove(id) {
      await attempt('The conversion was not deleted', () => api.remove(id));
      if (shown() === id) set({ state: null, curves: new Map() });
      await list();
    },
    link: () => attempt('There is no link', () => api.link(shown())),
    file: () => attempt('No file was made', () => api.toFile(shown())),
    fromFile: (bytes) => taken('The file was not opened', () => api.fromFile(bytes)),
    replay: (link) => taken('The link was not replayed', () => api.replay(link, own())),
  };
}

/** What computes with the conversion that is shown. */
function working(
  { api }: ConversionsDeps,
  get: Get,
  perform: Perform,
  take: (opened: OpenConversion) => void,
): Pick<
  ConversionsState,
  | 'goOn'
  | 'redo'
  | 'measure'
  | 'throughput'
  | 'domains'
  | 'profile'
  | 'policy'
  | 'assemble'
  | 'write'
> {
  const id = () => get().state?.id ?? '';
  /** Trains, then measures what was not measured yet. */
  async function train(work: Work, title: string, task: () => Promise<OpenConversion>) {
    const opened = await perform(work, title, task);
    if (opened === null) return;
    take(opened);
    if (isWhole(opened.state) && opened.state.students.length === 0) await get().measure(null);
  }
  return {
    goOn: () => train('goOn', 'The conversion did not go on', () => api.goOn(id())),
    redo: (layer) =>
      train('redo', `Layer ${layer} was not trained again`, () => api.redo(id(), layer)),
    async measure(students, probes = null) {
      await perform('measure', 'The students were not measured', () =>
        api.measure(id(), students, probes),
      );
    },
    async throughput(shape, rounds) {
      await perform('throughput', 'Throughput was not measured', () =>
        api.throughput(id(), shape, rounds),
      );
    },
    async domains(domain, steps) {
      await perform('domains', `Nothing was trained on ${domain}`, () =>
        api.domains(id(), domain, steps),
      );
    },
    async profile() {
      const opened = await perform('profile', 'No routing weights were recorded', () =>
        api.profile(id()),
      );
      if (opened !== null) take(opened);
    },
    async policy(shares) {
      await perform('policy', 'The policy was not measured', () => api.policy(id(), shares));
    },
    assemble: (student) =>
      perform('assemble', 'No run was made of it', () => api.assemble(id(), student)),
    write: (student, ...asked) =>
      perform('write', 'Nothing was written', () => api.write(id(), student, ...asked)),
  };
}

export function createConversions(deps: ConversionsDeps): ConversionsStore {
  const { api, own } = deps;
  const store = createStore<ConversionsState>()((set, get) => {
    const perform = performing(set, get);
    const take = ({ state, curves }: OpenConversion) =>
      set({ state, curves: curvesOf(curves), version: get().version + 1 });
    return {
      ...NOTHING,
      ...keeping(deps, set, get, take),
      ...working(deps, get, perform, take),
      choose: (teacher) => set({ teacher }),
      async plan(settings) {
        const { teacher } = get();
        if (teacher === null) return set({ planned: null });
        const of = planKey(teacher, settings);
        asked = of;
        let planned: Planned;
        try {
          planned = { of, plan: await api.plan(teacher, settings), refusals: [] };
        } catch (error) {
          planned = { of, plan: null, refusals: refusalsOf(error) };
        }
        if (asked === of) set({ planned });
      },
      async begin(settings) {
        const { teacher } = get();
        if (teacher === null) return;
        const opened = await perform('begin', 'The conversion did not begin', () =>
          api.begin(teacher, settings, own()),
        );
        if (opened === null) return;
        begun = opened.state.id;
        take(opened);
        await get().read();
      },
      async stop() {
        await api.stop().catch((error: unknown) => set({ failure: messageOf(error) }));
      },
    };
  });
  /** The question that was asked last. */
  let asked = '';
  /** The conversion that was begun here, until it is measured. */
  let begun: string | null = null;

  function receive(event: ConversionEvent): void {
    const { state, curves, version } = store.getState();
    if (event.type === 'state') {
      if (state?.id !== event.state.id) return;
      store.setState({ state: event.state });
      if (begun !== state.id || event.state.stage !== 'idle' || !isWhole(event.state)) return;
      begun = null;
      if (event.state.students.length === 0) void store.getState().measure(null);
    } else if (event.type === 'steps') {
      if (state?.id !== event.id) return;
      takeSteps(curves as Map<string, GrowingCurves>, event);
      store.setState({ version: version + 1 });
    } else if (state?.id === event.id) store.setState({ state: null, curves: new Map() });
  }

  void api.subscribe(receive);
  return store;
}
