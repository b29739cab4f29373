/**
 * Values as text in links: readable, compact, exact. Decoding only reads the syntax; text that it
 * cannot read is handed on as it is, for `checkValue` to refuse.
 */
import type { BalanceConfig } from './auxTerms.ts';
import {
  decodeBalance,
  decodeBiasRule,
  decodePool,
  encodeBalance,
  encodeBiasRule,
  encodePool,
} from './balancingCodec.ts';
import type {
  BiasRule,
  Change,
  ExperimentEvent,
  JsonValue,
  LayerPolicy,
  Pool,
  Slot,
} from './experiment.ts';
import { decodeNumber, encodeNumber } from './numberCodec.ts';
import { isRecord } from './paths.ts';
import { SETTINGS, settingOfKey } from './schema.ts';
import type { Setting } from './settings.ts';
import { surgeryOf } from './surgery.ts';
import { decodeSurgery, encodeSurgery, MAX_LISTED, SURGERY_KEY } from './surgeryCodec.ts';

const NONE = 'none';
/** What one link may spell out in all: 65,536 changes of events, or half as many slots in them. */
const MAX_LISTED_IN_LINK = 1 << 16;
/** More entries than any list between commas, and any change, may have. */
const MAX_ENTRIES = 200;
/** Events that are read: one more than are allowed, so that a longer list is noticed. */
const MAX_EVENTS = 10_001;

/** What a link may still spell out: short texts must not become endless lists. */
export interface Listing {
  left: number;
}

export function newListing(): Listing {
  return { left: MAX_LISTED_IN_LINK };
}

/** Consecutive items that belong together, as [first, count]. */
function runs<T>(items: readonly T[], joins: (a: T, b: T) => boolean): [first: T, count: number][] {
  const found: { first: T; last: T; count: number }[] = [];
  for (const item of items) {
    const run = found.at(-1);
    if (run && joins(run.last, item)) {
      run.last = item;
      run.count++;
    } else found.push({ first: item, last: item, count: 1 });
  }
  return found.map(({ first, count }) => [first, count]);
}

function slotsJoin(a: Slot, b: Slot): boolean {
  if (a.kind === 'ffn') return b.kind === 'ffn' && a.hidden === b.hidden;
  if (a.kind === 'negated') return b.kind === 'negated' && b.of === a.of + 1;
  return a.kind === b.kind;
}

function encodeSlotRun(first: Slot, count: number): string {
  const times = count > 1 ? String(count) : '';
  switch (first.kind) {
    case 'ffn':
      return `${times && `${times}x`}${first.hidden}`;
    case 'negated':
      return `n${first.of}${times && `-${first.of + count - 1}`}`;
    case 'zero':
      return `z${times}`;
    case 'constant':
      return `c${times}`;
    case 'copy':
      return `k${times}`;
  }
}

/** `4x256.n0-3.z2.c.k`: FFN experts by count and width, negated of, zero, constant, copy. */
function encodeSlots(slots: readonly Slot[]): string {
  return runs(slots, slotsJoin)
    .map(([first, count]) => encodeSlotRun(first, count))
    .join('.');
}

const KIND_OF_LETTER = { z: 'zero', c: 'constant', k: 'copy' } as const;

/** One item of `encodeSlots` spelled out; null where it cannot be read, or is too long. */
function decodeSlotRun(text: string, listing: Listing): Slot[] | null {
  const repeat = (count: number, slot: (i: number) => Slot): Slot[] | null => {
    if (!(count >= 1 && count <= MAX_LISTED && 2 * count <= listing.left)) return null;
    listing.left -= 2 * count;
    return Array.from({ length: count }, (_, i) => slot(i));
  };

  const ffn = /^(?:(\d+)x)?(\d+)$/.exec(text);
  if (ffn) return repeat(Number(ffn[1] ?? 1), () => ({ kind: 'ffn', hidden: Number(ffn[2]) }));
  const negated = /^n(\d+)(?:-(\d+))?$/.exec(text);
  if (negated) {
    const first = Number(negated[1]);
    const last = Number(negated[2] ?? first);
    return repeat(last - first + 1, (i) => ({ kind: 'negated', of: first + i }));
  }
  const special = /^([zck])(\d*)$/.exec(text);
  const letter = special?.[1];
  if (letter !== 'z' && letter !== 'c' && letter !== 'k') return null;
  return repeat(Number(special?.[2] || 1), () => ({ kind: KIND_OF_LETTER[letter] }));
}

function decodeSlots(text: string, listing: Listing): Slot[] | string {
  const slots: Slot[] = [];
  for (const part of text === '' ? [] : text.split('.', MAX_LISTED)) {
    const run = decodeSlotRun(part, listing);
    if (run === null || slots.length + run.length > MAX_LISTED) return text;
    slots.push(...run);
  }
  return slots;
}

/** `0:8x256,3:4x128.z` and the like: entries `name:value`; the text itself where one has no name. */
function decodeEntries(text: string, decode: (value: string) => unknown): unknown {
  if (text === '') return {};
  const entries = text.split(',', MAX_ENTRIES).map((entry) => {
    const colon = entry.indexOf(':');
    return colon < 1 ? null : ([entry.slice(0, colon), decode(entry.slice(colon + 1))] as const);
  });
  const named = entries.filter((entry) => entry !== null);
  const isUnique = new Set(named.map(([name]) => name)).size === entries.length;
  return isUnique ? Object.fromEntries(named) : text;
}

function encodeEntries(value: JsonValue, encode: (value: JsonValue) => string): string {
  if (!isRecord(value)) return NONE;
  return Object.entries(value as Readonly<Record<string, JsonValue>>)
    .map(([name, item]) => `${name}:${encode(item)}`)
    .join(',');
}

/** `1,3,d0.55_0.4,-`: top-1, top-3, dynamic with α and β, none (dense layer). */
function encodePolicy(policy: readonly (LayerPolicy | null)[]): string {
  return policy
    .map((layer) => {
      if (layer === null) return '-';
      if (layer.kind !== 'dynamic') return layer.kind.slice('top-'.length);
      return `d${encodeNumber(layer.alpha)}_${encodeNumber(layer.beta)}`;
    })
    .join(',');
}

function decodePolicy(text: string): unknown {
  if (text === '') return [];
  return text.split(',', MAX_ENTRIES).map((layer) => {
    if (layer === '-') return null;
    if (/^[123]$/.test(layer)) return { kind: `top-${layer}` };
    const [alpha, beta, ...rest] = layer.startsWith('d') ? layer.slice(1).split('_') : [];
    if (alpha === undefined || beta === undefined || rest.length > 0) return layer;
    return { kind: 'dynamic', alpha: decodeNumber(alpha), beta: decodeNumber(beta) };
  });
}

function encodeChange(change: Change): string {
  const values = SETTINGS.flatMap((setting) => {
    const value = change[setting.path];
    return value === undefined ? [] : [`${setting.key}=${encodeValue(setting, value)}`];
  });
  const surgery = surgeryOf(change);
  if (surgery !== null) values.push(`${SURGERY_KEY}=${encodeSurgery(surgery)}`);
  return values.join('~');
}

/** `20:lr=0.001~K=1;40:gate=softmax`: step, then changed values by their link keys. */
function encodeEvents(events: readonly ExperimentEvent[]): string {
  return events.map(([step, change]) => `${step}:${encodeChange(change)}`).join(';');
}

function decodeEvent(text: string, listing: Listing): unknown {
  const colon = text.indexOf(':');
  if (colon < 1 || listing.left <= 0) return text;
  const changes = text.slice(colon + 1);
  const parts = changes === '' ? [] : changes.split('~', MAX_ENTRIES);
  listing.left -= parts.length;
  const entries = parts.map((change) => {
    const equals = change.indexOf('=');
    const key = equals < 0 ? change : change.slice(0, equals);
    const value = change.slice(equals + 1);
    if (key === SURGERY_KEY) return ['surgery', decodeSurgery(value, listing)] as const;
    const setting = settingOfKey(key);
    if (equals < 0 || setting === undefined) return [key, change] as const;
    return [setting.path, decodeValue(setting, value, listing)] as const;
  });
  return [decodeNumber(text.slice(0, colon)), Object.fromEntries(entries)];
}

/** Text of a value that the setting takes (`checkValue`). */
export function encodeValue(setting: Setting, value: JsonValue): string {
  if (value === null) return NONE;
  if (typeof value === 'number') return encodeNumber(value);
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'string') return value;
  // The kind of the row says what the checked value is.
  switch (setting.kind) {
    case 'slots':
      return encodeSlots(value as unknown as readonly Slot[]);
    case 'perLayer':
      return encodeEntries(value, (slots) => encodeSlots(slots as unknown as readonly Slot[]));
    case 'policy':
      return encodePolicy(value as unknown as readonly (LayerPolicy | null)[]);
    case 'mix':
      return encodeEntries(value, (weight) => encodeNumber(Number(weight)));
    case 'biasRule':
      return encodeBiasRule(value as unknown as BiasRule);
    case 'pool':
      return encodePool(value as unknown as Pool);
    case 'balance':
      return encodeBalance(value as unknown as BalanceConfig);
    case 'events':
      return encodeEvents(value as unknown as readonly ExperimentEvent[]);
    default:
      return Array.isArray(value) ? value.join(',') : JSON.stringify(value);
  }
}

/** Indices of layers; the text itself where one is no number. */
function decodeIndices(text: string): (number | string)[] | string {
  const indices = text === '' ? [] : text.split(',', MAX_ENTRIES).map(decodeNumber);
  return indices.every((index) => typeof index === 'number') ? indices : text;
}

/** Value of a text; where the syntax is wrong, something that `checkValue` refuses. */
export function decodeValue(
  setting: Setting,
  text: string,
  listing: Listing = newListing(),
): unknown {
  const isNullable = setting.kind.startsWith('nullable') || setting.default === null;
  if (text === NONE && isNullable) return null;
  switch (setting.kind) {
    case 'int':
    case 'seed':
    case 'float':
    case 'nullableInt':
    case 'nullableFloat':
      return decodeNumber(text);
    case 'bool':
      return text === '1' ? true : text === '0' ? false : text;
    case 'arrangement':
      if (setting.options?.some(({ value }) => value === text)) return text;
      return decodeIndices(text);
    case 'slots':
      return decodeSlots(text, listing);
    case 'perLayer':
      return decodeEntries(text, (slots) => decodeSlots(slots, listing));
    case 'policy':
      return decodePolicy(text);
    case 'mix':
      return decodeEntries(text, decodeNumber);
    case 'biasRule':
      return decodeBiasRule(text);
    case 'pool':
      return decodePool(text);
    case 'balance':
      return decodeBalance(text);
    case 'events':
      return text === ''
        ? []
        : text.split(';', MAX_EVENTS).map((event) => decodeEvent(event, listing));
    case 'enum':
    case 'hash':
      return text;
  }
}
