/** What a row of the settings table is (`schema.ts`). */
import type { Experiment, JsonValue } from './experiment.ts';

export const GROUPS = [
  'network',
  'router',
  'experts',
  'losses',
  'optimizer',
  'batch',
  'data',
  'seeds',
  'evaluation',
  'events',
] as const;
export type Group = (typeof GROUPS)[number];

/**
 * When a change takes effect. `live`: at the next step, recorded as an event; `newModel`: needs a
 * model started anew; `view`: only how things are shown.
 */
export type Badge = 'live' | 'newModel' | 'view';

/** How the form shows a row. Slider bounds are a comfortable range inside the legal one. */
export type Control =
  | { type: 'slider'; min: number; max: number; scale: 'linear' | 'log' }
  | { type: 'number' }
  | { type: 'select' }
  | { type: 'switch' }
  | { type: 'seed' }
  /** A component of its own, chosen by the row's kind. */
  | { type: 'editor' }
  /** Not in the form: kept by the program (text hash, events). */
  | { type: 'none' };

interface SettingBase {
  /** Key in links: short, stable, never used for anything else. */
  key: string;
  /** Dotted path in the experiment. */
  path: string;
  /** Frozen default of the current version. */
  default: JsonValue;
  /** Plain name. */
  label: string;
  /** Symbol in docs/model.md. */
  symbol?: string;
  /** One sentence. */
  help: string;
  formula?: string;
  /** Paper and equation. */
  source?: string;
  unit?: string;
  group: Group;
  badge: Badge;
  control: Control;
  /** Whether the row has an effect in this experiment; always when absent. */
  visibleWhen?: (experiment: Experiment) => boolean;
}

export interface NumberSetting extends SettingBase {
  kind: 'int' | 'float' | 'nullableInt' | 'nullableFloat' | 'seed';
  min: number;
  max: number;
  step?: number;
  /** What null means, for the nullable kinds, e.g. "off". */
  nullLabel?: string;
}

export interface EnumOption {
  value: string;
  label: string;
  help: string;
}

export interface EnumSetting extends SettingBase {
  kind: 'enum';
  options: readonly EnumOption[];
}

export interface BoolSetting extends SettingBase {
  kind: 'bool';
}

export const STRUCTURED_KINDS = [
  'arrangement',
  'slots',
  'perLayer',
  'policy',
  'mix',
  'biasRule',
  'pool',
  'balance',
  'hash',
  'events',
] as const;

/** Values with a shape of their own: validators in `values.ts`, link text in `codec.ts`. */
export interface StructuredSetting extends SettingBase {
  kind: (typeof STRUCTURED_KINDS)[number];
  /** Named values of `arrangement`. */
  options?: readonly EnumOption[];
}

export type Setting = NumberSetting | EnumSetting | BoolSetting | StructuredSetting;
export type SettingKind = Setting['kind'];

type WithoutDefault<S> = S extends Setting ? Omit<S, 'default'> : never;
/** A row as written in `rows/`; `schema.ts` adds the frozen default. */
export type Row = WithoutDefault<Setting>;

/** Most slots of one layer: what the router kernels take. */
export const MAX_SLOTS = 64;
/** Most layers, and so the largest layer index plus one. */
export const MAX_LAYERS = 128;
/** Hidden width of an expert or of a dense layer. */
export const MAX_HIDDEN = 65536;
/** Most tokens per batch: one workgroup per token in one dispatch dimension of WebGPU. */
export const MAX_TOKENS = 65535;
/** Most steps that the balance loss counts over. */
export const MAX_WINDOW = 4096;
/** Seeds are unsigned 32-bit numbers. */
export const MAX_SEED = 4294967295;
/** Most steps of a run. */
export const MAX_STEPS = 10_000_000;
/** Most characters of a run's name. */
export const MAX_RUN_NAME = 500;
