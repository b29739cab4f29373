import { createStore, type StoreApi } from 'zustand/vanilla';

export type Theme = 'system' | 'light' | 'dark';
export type Sheet = 'help' | 'about' | 'replace' | 'problems' | 'settings' | null;

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

/** A short message that goes by itself. */
export interface Toast {
  id: number;
  text: string;
}
/** What the horizontal axis of charts counts. */
export type XUnit = 'steps' | 'tokens';

/** How the page looks. Nothing in here changes what is trained. */
export interface ViewValues {
  theme: Theme;
  /** Weight of the past in the smoothed lines, 0 … 0.99. */
  smoothing: number;
  logX: boolean;
  xUnit: XUnit;
  /** Whether the run before this one stands behind the loss curve. */
  showPrevious: boolean;
  /** Whether the accounting panel shows all of its figures. */
  showAccounting: boolean;
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
  question: Question | null;
  /** Oldest first. */
  toasts: readonly Toast[];
}

/**
 * Where each piece of view state lives: `local` survives a reload, `nowhere` does not. What a link
 * must hold is in the experiment (linkSync.ts), so nothing here is in it.
 */
export const VIEW_HOME: Readonly<Record<keyof ViewValues, 'local' | 'nowhere'>> = {
  theme: 'local',
  smoothing: 'local',
  logX: 'local',
  xUnit: 'local',
  showPrevious: 'local',
  showAccounting: 'local',
  logY: 'local',
  collapsed: 'local',
  layer: 'nowhere',
  scrub: 'nowhere',
  hover: 'nowhere',
  zoom: 'nowhere',
  sheet: 'nowhere',
  question: 'nowhere',
  toasts: 'nowhere',
};

export const VIEW_DEFAULTS: ViewValues = {
  theme: 'system',
  smoothing: 0.6,
  logX: false,
  xUnit: 'steps',
  showPrevious: true,
  showAccounting: false,
  logY: false,
  collapsed: ['seeds', 'evaluation'],
  layer: null,
  scrub: null,
  hover: null,
  zoom: null,
  sheet: null,
  question: null,
  toasts: [],
};

/** Messages that stand together at most; older ones go. */
export const MAX_TOASTS = 50;

const STORAGE_KEY = 'switchyard.view';

export type ViewStorage = Pick<Storage, 'getItem' | 'setItem'>;

export interface ViewState extends ViewValues {
  set(values: Partial<ViewValues>): void;
  say(text: string): void;
  /** Takes a message away. */
  dismiss(id: number): void;
}

function isTheme(value: unknown): value is Theme {
  return value === 'system' || value === 'light' || value === 'dark';
}

/** Reads what was stored; anything of another shape is ignored. */
function restored(storage: ViewStorage | null): Partial<ViewValues> {
  let stored: unknown;
  try {
    stored = JSON.parse(storage?.getItem(STORAGE_KEY) ?? '{}');
  } catch {
    return {};
  }
  if (typeof stored !== 'object' || stored === null) return {};
  const found = new Map<string, unknown>(Object.entries(stored));
  const values: Partial<ViewValues> = {};
  const theme = found.get('theme');
  if (isTheme(theme)) values.theme = theme;
  const smoothing = found.get('smoothing');
  if (typeof smoothing === 'number' && smoothing >= 0 && smoothing <= 0.99)
    values.smoothing = smoothing;
  const xUnit = found.get('xUnit');
  if (xUnit === 'steps' || xUnit === 'tokens') values.xUnit = xUnit;
  for (const key of ['logX', 'logY', 'showPrevious', 'showAccounting'] as const) {
    const flag = found.get(key);
    if (typeof flag === 'boolean') values[key] = flag;
  }
  const collapsed = found.get('collapsed');
  if (Array.isArray(collapsed))
    values.collapsed = collapsed.filter((name) => typeof name === 'string');
  return values;
}

function persist(state: ViewValues, storage: ViewStorage): void {
  const local = Object.entries(VIEW_HOME)
    .filter(([, home]) => home === 'local')
    .map(([key]) => [key, state[key as keyof ViewValues]]);
  try {
    storage.setItem(STORAGE_KEY, JSON.stringify(Object.fromEntries(local)));
  } catch {
    // A full or forbidden storage costs only the memory of the look.
  }
}

export type ViewStore = StoreApi<ViewState>;

export function createViewStore(storage: ViewStorage | null): ViewStore {
  let said = 0;
  return createStore<ViewState>()((set, get) => ({
    ...VIEW_DEFAULTS,
    ...restored(storage),
    set(values) {
      set(values);
      const persistent = Object.keys(values).some(
        (key) => VIEW_HOME[key as keyof ViewValues] === 'local',
      );
      if (storage !== null && persistent) persist(get(), storage);
    },
    say(text) {
      said += 1;
      set({ toasts: [...get().toasts, { text, id: said }].slice(-MAX_TOASTS) });
    },
    dismiss(id) {
      set({ toasts: get().toasts.filter((toast) => toast.id !== id) });
    },
  }));
}

/** Local storage, or null where the browser forbids it. */
export function storageOf(page: Window): ViewStorage | null {
  try {
    return page.localStorage;
  } catch {
    return null;
  }
}
