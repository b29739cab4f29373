import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Experiment } from '../config/experiment.ts';
import {
  type AnyFields,
  choice,
  type Fields,
  flag,
  isLocal,
  names,
  numberIn,
  orNull,
  passing,
  span,
} from './fields.ts';

export type Theme = 'system' | 'light' | 'dark';
export type Sheet =
  | 'help'
  | 'about'
  | 'replace'
  | 'problems'
  | 'settings'
  | 'palette'
  | 'share'
  | 'foreign'
  | 'handover'
  | null;

/** What is asked before the open run is given up. */
export interface Question {
  /** What would take its place. */
  name: string;
  /** What the button of the person's consent says. */
  action: string;
  /** What is lost, and what stays. */
  reason: string;
  /** What could not be taken as written. */
  problems: readonly string[];
  answer(isYes: boolean): void;
}

/** What is asked of a checkpoint whose tensors do not tell all of its experiment. */
export interface ForeignQuestion {
  name: string;
  /** What its shapes told, in one line. */
  told: string;
  /** Settings that are asked, by their paths. */
  asked: readonly string[];
  /** Values that its shapes leave to some of them. */
  allowed: Readonly<Record<string, readonly (string | number)[]>>;
  /** The answers to begin with, and every other setting. */
  start: Experiment;
  /** Why answers cannot be used, null where they can. */
  check(answers: Experiment): string | null;
  /** Null: not to be opened. */
  answer(answers: Experiment | null): void;
}

/** A short message that goes by itself. */
export interface Toast {
  id: number;
  text: string;
}
/** What the horizontal axis of charts counts. */
export type XUnit = 'steps' | 'tokens';

/** What a person asked to be led to: a view by its id, a setting by its path. */
export type Sought = { view: string } | { setting: string } | null;

/** How the page looks. Nothing in here changes what is trained. */
export interface ViewValues {
  /** Id of the room that is shown; '' and ids of no room: the first. */
  room: string;
  theme: Theme;
  /** Weight of the past in the smoothed lines, 0 … 0.99. */
  smoothing: number;
  logX: boolean;
  xUnit: XUnit;
  /** Whether the run before this one stands behind the loss curve. */
  showPrevious: boolean;
  logY: boolean;
  /** Names of collapsed groups of the form. */
  collapsed: readonly string[];
  /** MoE layer whose details are shown; null: the first. */
  layer: number | null;
  /** Step that heat map, table and domains show; null: the latest. */
  scrub: number | null;
  /** Step under the crosshair of all charts. */
  hover: number | null;
  /** Steps that all charts show; null: the planned run. */
  zoom: readonly [from: number, to: number] | null;
  sheet: Sheet;
  sought: Sought;
  question: Question | null;
  foreign: ForeignQuestion | null;
  /** Run of the library that is handed over; null: the open one. */
  handed: { id: string; name: string } | null;
  /** Oldest first. */
  toasts: readonly Toast[];
}

const MAX_STEP = Number.MAX_SAFE_INTEGER;

/** The page's own pieces of view state. What is trained is in the experiment, none of it in here. */
export const PAGE_FIELDS: Fields<ViewValues> = {
  room: {
    default: '',
    home: 'link',
    check: (value) => (typeof value === 'string' && /^[a-z]*$/.test(value) ? value : undefined),
    write: (value) => value,
    read: (text) => (/^[a-z]+$/.test(text) ? text : undefined),
  },
  theme: choice(['system', 'light', 'dark'], 'system', 'local'),
  smoothing: numberIn({ min: 0, max: 0.99 }, 0.6, 'both'),
  logX: flag(false, 'both'),
  xUnit: choice(['steps', 'tokens'], 'steps', 'both'),
  showPrevious: flag(true, 'local'),
  logY: flag(false, 'both'),
  collapsed: names(['seeds', 'evaluation']),
  layer: orNull(numberIn({ min: 0, max: MAX_STEP, isWhole: true }, 0, 'link')),
  scrub: orNull(numberIn({ min: 1, max: MAX_STEP, isWhole: true }, 1, 'link')),
  hover: passing<number | null>(null),
  zoom: orNull(span('link')),
  sheet: passing<Sheet>(null),
  sought: passing<Sought>(null),
  question: passing<Question | null>(null),
  foreign: passing<ForeignQuestion | null>(null),
  handed: passing<ViewValues['handed']>(null),
  toasts: passing<readonly Toast[]>([]),
};

/** The fields of views, by the view's id. */
export type ViewFields = Readonly<Record<string, AnyFields>>;

/** Values of one view's fields. */
export type OwnValues = Readonly<Record<string, unknown>>;

/** Everything that is shown: the page's values, and those of each view by its id. */
export interface Shown extends ViewValues {
  own: Readonly<Record<string, OwnValues>>;
}

/** Parts of what is shown, as storage and links hold them. */
export interface ShownPart {
  page: Partial<ViewValues>;
  own: Readonly<Record<string, OwnValues>>;
}

/** Messages that stand together at most; older ones go. */
export const MAX_TOASTS = 50;

const STORAGE_KEY = 'switchyard.view';

export type ViewStorage = Pick<Storage, 'getItem' | 'setItem'>;

export interface ViewState extends Shown {
  /** The fields of the views. */
  readonly fields: ViewFields;
  set(values: Partial<ViewValues>): void;
  /** Changes values of a view's own. */
  setOwn(id: string, values: OwnValues): void;
  /** Takes what a link holds. */
  take(part: ShownPart): void;
  say(text: string): void;
  /** Takes a message away. */
  dismiss(id: number): void;
}

/** Values of some fields, as far as `find` has them. */
export function valuesOf(
  fields: AnyFields,
  find: (name: string) => unknown,
): Record<string, unknown> {
  const found = Object.keys(fields).map((name) => [name, find(name)] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== undefined));
}

function defaultsOf(fields: AnyFields): Record<string, unknown> {
  return valuesOf(fields, (name) => fields[name]?.default);
}

export const VIEW_DEFAULTS = defaultsOf(PAGE_FIELDS) as unknown as ViewValues;

function entryOf(value: unknown, name: string): unknown {
  const isObject = typeof value === 'object' && value !== null;
  return isObject && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
}

/** What was stored of some fields; anything of another shape is ignored. */
function storedValues(fields: AnyFields, stored: unknown): Record<string, unknown> {
  return valuesOf(fields, (name) => {
    const field = fields[name];
    return field !== undefined && isLocal(field) ? field.check(entryOf(stored, name)) : undefined;
  });
}

function restored(storage: ViewStorage | null): unknown {
  try {
    return JSON.parse(storage?.getItem(STORAGE_KEY) ?? '{}');
  } catch {
    return {};
  }
}

function localValues(fields: AnyFields, values: object): Record<string, unknown> {
  return valuesOf(fields, (name) =>
    fields[name] !== undefined && isLocal(fields[name]) ? entryOf(values, name) : undefined,
  );
}

function persist(state: Shown, fields: ViewFields, storage: ViewStorage): void {
  const own = Object.entries(fields)
    .map(([id, own]) => [id, localValues(own, state.own[id] ?? {})] as const)
    .filter(([, values]) => Object.keys(values).length > 0);
  const text = JSON.stringify({
    ...localValues(PAGE_FIELDS, state),
    views: Object.fromEntries(own),
  });
  try {
    storage.setItem(STORAGE_KEY, text);
  } catch {
    // A full or forbidden storage costs only the memory of the look.
  }
}

export type ViewStore = StoreApi<ViewState>;

/** @param fields the fields of the views that the page has */
export function createViewStore(storage: ViewStorage | null, fields: ViewFields = {}): ViewStore {
  let said = 0;
  const stored = restored(storage);
  const views = entryOf(stored, 'views');
  const own = Object.fromEntries(
    Object.entries(fields).map(([id, own]) => [
      id,
      { ...defaultsOf(own), ...storedValues(own, entryOf(views, id)) },
    ]),
  );
  return createStore<ViewState>()((set, get) => {
    const keep = (of: AnyFields, values: object) => {
      const isKept = Object.keys(values).some((name) => of[name] && isLocal(of[name]));
      if (storage !== null && isKept) persist(get(), fields, storage);
    };
    return {
      ...VIEW_DEFAULTS,
      ...storedValues(PAGE_FIELDS, stored),
      own,
      fields,
      set(values) {
        set(values);
        keep(PAGE_FIELDS, values);
      },
      setOwn(id, values) {
        set({ own: { ...get().own, [id]: { ...get().own[id], ...values } } });
        keep(fields[id] ?? {}, values);
      },
      take({ page, own }) {
        const merged = Object.entries(own).map(([id, values]) => [
          id,
          { ...get().own[id], ...values },
        ]);
        set({ ...page, own: { ...get().own, ...Object.fromEntries(merged) } });
      },
      say(text) {
        said += 1;
        set({ toasts: [...get().toasts, { text, id: said }].slice(-MAX_TOASTS) });
      },
      dismiss(id) {
        set({ toasts: get().toasts.filter((toast) => toast.id !== id) });
      },
    };
  });
}

/** Local storage, or null where the browser forbids it. */
export function storageOf(page: Window): ViewStorage | null {
  try {
    return page.localStorage;
  } catch {
    return null;
  }
}
