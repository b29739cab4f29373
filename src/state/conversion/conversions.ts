/** Conversions as the page shows them: the one that is open, its plan before it begins, what computes. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type {
  ConversionApi,
  ConversionEvent,
  ConversionRow,
  ConversionState,
  GenerateRequest,
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
import { messageOf, type Planned, planKey, planOf } from './plan.ts';
import { isWhole } from './students.ts';
import { type BothTexts, begunTexts, withTokens } from './texts.ts';

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
  /** The student that a person chose; null: of all converted layers. */
  student: StudentChoice | null;
  /** What both wrote last, or write now. */
  texts: BothTexts | null;
  /** What was not done, and why. */
  failure: string | null;
}

export interface ConversionsState extends ConversionsValues {
  /** Reads the list, and opens the latest where none is shown. */
  read(): Promise<void>;
  open(id: string): Promise<void>;
  /** Deletes one for good. */
  remove(id: string): Promise<void>;
  choose(teacher: TeacherChoice | null): void;
  chooseStudent(student: StudentChoice | null): void;
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
  /** Teacher and student write from one prompt; `texts` grows with them. */
  write(student: StudentChoice, request: GenerateRequest): Promise<void>;
  /**
   * Link that replays it, or another one, and asks for a student of it; null where there is none,
   * which `failure` says.
   */
  link(id?: string, student?: StudentChoice | null): Promise<string | null>;
  file(): Promise<Uint8Array | null>;
  fromFile(bytes: Uint8Array): Promise<void>;
  replay(link: string): Promise<void>;
}

export type ConversionsStore = StoreApi<ConversionsState>;

export interface ConversionsDeps {
  /** The worker's commands, loaded with the first. */
  conversion(): Promise<ConversionApi>;
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
  student: null,
  texts: null,
  failure: null,
};

type Put = (values: Partial<ConversionsValues>) => void;
type Get = () => ConversionsState;

type Api = () => Promise<ConversionApi>;

/** Does what computes, one at a time as the page shows it; null where it failed, which is told. */
function performing(api: Api, set: Put, get: Get) {
  return async <T>(
    work: Work,
    title: string,
    task: (api: ConversionApi) => Promise<T>,
  ): Promise<T | null> => {
    set({ work, failure: null });
    try {
      return await task(await api());
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
  api: Api,
  own: ConversionsDeps['own'],
  set: Put,
  get: Get,
  take: (opened: OpenConversion) => void,
): Pick<ConversionsState, 'read' | 'open' | 'remove' | 'link' | 'file' | 'fromFile' | 'replay'> {
  async function attempt<T>(
    title: string,
    task: (api: ConversionApi) => Promise<T>,
  ): Promise<T | null> {
    try {
      return await task(await api());
    } catch (error) {
      set({ failure: `${title}: ${messageOf(error)}` });
      return null;
    }
  }
  const list = async () => {
    const rows = await attempt('Conversions were not read', (api) => api.list());
    set({ isRead: true, rows: rows ?? [] });
  };
  const read = async () => {
    await list();
    const [latest] = get().rows;
    if (get().state === null && latest !== undefined) await get().open(latest.id);
  };
  const shown = () => get().state?.id ?? '';
  async function taken(
    title: string,
    task: (api: ConversionApi) => Promise<OpenConversion>,
  ): Promise<void> {
    set({ failure: null });
    const opened = await attempt(title, task);
    if (opened !== null) take(opened);
    await list();
  }
  return {
    read,
    open: (id) => taken('The conversion was not opened', (api) => api.open(id)),
    async remove(id) {
      set({ failure: null });
      const isGone = await attempt('The conversion was not deleted', async (api) => {
        await api.remove(id);
        return true;
      });
      if (isGone !== null && shown() === id) set({ state: null, curves: new Map() });
      await read();
    },
    link: (id = shown(), student = null) =>
      attempt('There is no link', (api) => api.link(id, student)),
    file: () => attempt('No file was made', (api) => api.toFile(shown())),
    fromFile: (bytes) => taken('The file was not opened', (api) => api.fromFile(bytes)),
    replay: (link) => taken('The link was not replayed', (api) => api.replay(link, own())),
  };
}

/** What computes with the conversion that is shown. */
function working(
  set: Put,
  get: Get,
  perform: Perform,
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
  async function train(
    work: Work,
    title: string,
    task: (api: ConversionApi) => Promise<OpenConversion>,
  ) {
    // What it says of the state may be old: events told what came after.
    const opened = await perform(work, title, task);
    if (opened === null) return;
    if (isWhole(opened.state) && opened.state.students.length === 0) await get().measure(null);
  }
  return {
    goOn: () => train('goOn', 'The conversion did not go on', (api) => api.goOn(id())),
    redo(layer) {
      const { curves, version } = get();
      const others = [...curves].filter(([, one]) => one.layer !== layer);
      set({ curves: new Map(others), version: version + 1 });
      return train('redo', `Layer ${layer} was not trained again`, (api) => api.redo(id(), layer));
    },
    async measure(students, probes = null) {
      await perform('measure', 'The students were not measured', (api) =>
        api.measure(id(), students, probes),
      );
    },
    async throughput(shape, rounds) {
      await perform('throughput', 'Throughput was not measured', (api) =>
        api.throughput(id(), shape, rounds),
      );
    },
    async domains(domain, steps) {
      await perform('domains', `Nothing was trained on ${domain}`, (api) =>
        api.domains(id(), domain, steps),
      );
    },
    async profile() {
      await perform('profile', 'No routing weights were recorded', (api) => api.profile(id()));
    },
    async policy(shares) {
      await perform('policy', 'The policy was not measured', (api) => api.policy(id(), shares));
    },
    assemble: (student) =>
      perform('assemble', 'No run was made of it', (api) => api.assemble(id(), student)),
    async write(student, request) {
      const [prompt = ''] = request.prompts;
      set({ texts: begunTexts(prompt, student.layers) });
      const put = (next: (now: BothTexts) => BothTexts) => {
        const { texts } = get();
        if (texts !== null) set({ texts: next(texts) });
      };
      const generations = await perform('write', 'Nothing was written', (api) =>
        api.write(id(), student, request, (side, some) =>
          put((now) => withTokens(now, side, some)),
        ),
      );
      put((now) => ({ ...now, isOn: false, generations }));
    },
  };
}

export function createConversions(deps: ConversionsDeps): ConversionsStore {
  let opened: Promise<ConversionApi> | null = null;
  /** The commands; who asks first has the store hear of what they do. */
  const api: Api = () => {
    opened ??= deps.conversion().then(
      async (commands) => {
        await commands.subscribe(receive);
        return commands;
      },
      (error) => {
        opened = null;
        throw error;
      },
    );
    return opened;
  };
  const store = createStore<ConversionsState>()((set, get) => {
    const perform = performing(api, set, get);
    const take = ({ state, curves }: OpenConversion) => {
      const isOther = get().state?.id !== state.id;
      const version = get().version + 1;
      set({
        state,
        curves: curvesOf(curves),
        version,
        ...(isOther ? { student: null, texts: null } : {}),
      });
    };
    return {
      ...NOTHING,
      ...keeping(api, deps.own, set, get, take),
      ...working(set, get, perform),
      choose: (teacher) => set({ teacher }),
      chooseStudent: (student) => set({ student }),
      async plan(settings) {
        const { teacher } = get();
        if (teacher === null) return set({ planned: null });
        const of = planKey(teacher, settings);
        asked = of;
        const planned = await planOf(api, teacher, settings);
        if (asked === of) set({ planned: { of, ...planned } });
      },
      async begin(settings) {
        const { teacher } = get();
        if (teacher === null) return;
        const opened = await perform('begin', 'The conversion did not begin', (api) =>
          api.begin(teacher, settings, deps.own()),
        );
        if (opened === null) return;
        begun = opened.state.id;
        take(opened);
        await get().read();
      },
      async stop() {
        try {
          await (await api()).stop();
        } catch (error) {
          set({ failure: messageOf(error) });
        }
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

  return store;
}
