/**
 * An experiment as a URL fragment: `v=1&D=64&x=4x128.z&e=20:lr=0.001`. Holds what differs from the
 * frozen defaults of its version, in the order of the settings table.
 */
import { deflateSync, inflateSync, strFromU8, strToU8 } from 'fflate';
import { decodeValue, encodeValue } from './codec.ts';
import { CURRENT_VERSION, DEFAULTS, DEFAULTS_V1 } from './defaults.ts';
import { changedPaths } from './edit.ts';
import type { Experiment, Problem } from './experiment.ts';
import { type Parsed, parseExperiment } from './parse.ts';
import { getPath, setAt } from './paths.ts';
import { SETTINGS, settingAt, settingOfKey } from './schema.ts';
import { show } from './values.ts';

/** Longest readable form that a packed link may hold, in bytes. */
const MAX_BYTES = 1 << 22;
/** A packed link must be this much shorter than the readable one to be worth it. */
const PACKED_SHARE = 0.8;

function readable(experiment: Experiment): string {
  const changed = new Set(changedPaths(DEFAULTS_V1, experiment));
  const pairs = SETTINGS.filter(({ path }) => changed.has(path)).map(
    (setting) =>
      `${setting.key}=${encodeValue(setting, getPath(experiment, setting.path) ?? null)}`,
  );
  return [`v=${CURRENT_VERSION}`, ...pairs].join('&');
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(strFromU8(bytes, true)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64Url(text: string): Uint8Array {
  const strange = /[^A-Za-z0-9_-]/.exec(text)?.[0];
  if (strange !== undefined) throw new RangeError(`${show(strange)} is no sign of a packed link`);
  if (text.length % 4 === 1) throw new RangeError('a sign is missing or too many');
  return strToU8(atob(text.replaceAll('-', '+').replaceAll('_', '/')), true);
}

function pack(text: string): string {
  return toBase64Url(deflateSync(strToU8(text), { level: 9 }));
}

/**
 * Link of an experiment: a URL fragment without its '#'. `key=value` pairs that a person can read;
 * where deflate makes it at least 20 % shorter, `v=1&z=` and the pairs packed.
 */
export function encodeLink(experiment: Experiment): string {
  const text = readable(experiment);
  const packed = `v=${CURRENT_VERSION}&z=${pack(text)}`;
  return packed.length <= text.length * PACKED_SHARE ? packed : text;
}

/**
 * Whether a pair of a link says what is shown rather than what is trained: `room`, and keys with a
 * dot, as in `page.scrub`. No setting has such a key; one named by its path is a mistake to be told.
 */
export function isViewKey(key: string): boolean {
  return key === 'room' || (key.includes('.') && settingAt(key) === undefined);
}

function partsOf(fragment: string): string[] {
  const text = unescaped(fragment.slice(fragment.indexOf('#') + 1).trim());
  return text === '' ? [] : text.split('&');
}

const isViewPart = (part: string) =>
  part.includes('=') && isViewKey(part.slice(0, part.indexOf('=')));

/** The pairs of a link that say what is shown, by key; the first of a key wins. */
export function viewPairs(fragment: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const part of partsOf(fragment).filter(isViewPart)) {
    const equals = part.indexOf('=');
    const key = part.slice(0, equals);
    if (!pairs.has(key)) pairs.set(key, part.slice(equals + 1));
  }
  return pairs;
}

/** A link without what it says is shown. */
export function withoutView(fragment: string): string {
  return partsOf(fragment)
    .filter((part) => !isViewPart(part))
    .join('&');
}

/** A link with what is shown. */
export function withView(
  link: string,
  pairs: readonly (readonly [key: string, text: string])[],
): string {
  return [...(link === '' ? [] : [link]), ...pairs.map((pair) => pair.join('='))].join('&');
}

const CHANGED =
  'the packed link was changed on its way, or packed by another program: what it holds is packed in other letters';

function error(path: string, message: string): Problem {
  return { path, message, severity: 'error' };
}

/** Pairs of a fragment by key; the first wins, and every other is listed. */
function pairsOf(text: string, problems: Problem[]): Map<string, string> {
  const pairs = new Map<string, string>();
  const parts = text.split('&');
  for (const [i, part] of parts.entries()) {
    if (part === '') {
      const where = i === parts.length - 1 ? 'at its end: it may be cut short' : 'before an "&"';
      problems.push(error('link', `a setting is missing in the link ${where}`));
      continue;
    }
    const equals = part.indexOf('=');
    const key = equals < 0 ? part : part.slice(0, equals);
    if (equals < 0) problems.push(error(key, `${show(part)} in the link has no value`));
    else if (pairs.has(key)) problems.push(error(key, `${show(key)} stands twice in the link`));
    else pairs.set(key, part.slice(equals + 1));
  }
  return pairs;
}

function inflated(packed: string): Uint8Array {
  const bytes = fromBase64Url(packed);
  try {
    return inflateSync(bytes, { out: new Uint8Array(MAX_BYTES + 1) });
  } catch {
    throw new RangeError('it is cut short, or its letters were changed');
  }
}

/**
 * The readable form of a packed one.
 * @throws RangeError, as the end of a sentence, for anything that was not packed by `encodeLink`
 */
function unpack(packed: string): string {
  const bytes = inflated(packed);
  if (bytes.length > MAX_BYTES) throw new RangeError(`it holds more than ${MAX_BYTES} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new RangeError('what it holds is no text');
  }
}

/** Fragment as it was encoded: some programs escape characters of links. */
function unescaped(fragment: string): string {
  if (!fragment.includes('%')) return fragment;
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}

/** The settings of a link over the defaults of its version, unchecked. */
function rawExperiment(
  pairs: ReadonlyMap<string, string>,
  version: number,
  problems: Problem[],
): unknown {
  const defaults = Object.hasOwn(DEFAULTS, version) ? DEFAULTS[version] : {};
  let raw: unknown = { ...defaults, version };
  for (const [key, text] of pairs) {
    if (key === 'v') continue;
    const setting = settingOfKey(key);
    if (setting === undefined)
      problems.push(error(key, `the link has an unknown setting ${show(`${key}=${text}`)}`));
    else raw = setAt(raw, setting.path, decodeValue(setting, text));
  }
  return raw;
}

/**
 * Reads the experiment of a link. Never throws; a setting that cannot be read has its default and is listed, with
 * the text that was found and what is allowed. The empty fragment is the default experiment.
 * @param fragment a URL's fragment, with or without '#', or a whole URL
 */
export function decodeLink(fragment: string): Parsed {
  const text = withoutView(fragment);
  if (text === '') return { experiment: DEFAULTS_V1, problems: [] };
  const problems: Problem[] = [];
  let pairs = pairsOf(text, problems);
  const packed = pairs.get('z');
  if (packed !== undefined) {
    try {
      const readable = unpack(packed);
      pairs = pairsOf(readable, problems);
      // A changed letter may unpack to another experiment, but that one is packed in other letters.
      if (pack(readable) !== packed) problems.push(error('link', CHANGED));
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      problems.push(error('', `the packed link is damaged (${reason}); the defaults are used`));
      return { experiment: DEFAULTS_V1, problems };
    }
  }
  const written = pairs.get('v');
  if (written === undefined)
    problems.push(error('version', `the link names no version; read as ${CURRENT_VERSION}`));
  const version = written === undefined ? CURRENT_VERSION : Number(written);
  const parsed = parseExperiment(rawExperiment(pairs, version, problems));
  return { experiment: parsed.experiment, problems: [...problems, ...parsed.problems] };
}
