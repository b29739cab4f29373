/**
 * An experiment as a URL fragment: `c=…&v=1&D=64&x=4x128.z&e=20:lr=0.001`. Holds what differs from the
 * frozen defaults of its version, in the order of the settings table. What it may hold besides are the
 * check sum in front (`checkSum.ts`), what `src/links` packs of runs (`m`, `r`) and what is shown.
 */
import { type Seal, sealed, unsealed, withSum } from './checkSum.ts';
import { decodeValue, encodeValue, type Listing, newListing } from './codec.ts';
import { CURRENT_VERSION, DEFAULTS, DEFAULTS_V1 } from './defaults.ts';
import { changedPaths } from './edit.ts';
import type { Experiment, Problem } from './experiment.ts';
import { packText, unpackText } from './packing.ts';
import { type Parsed, parseExperiment } from './parse.ts';
import { getPath, setAt } from './paths.ts';
import { SETTINGS, settingAt, settingOfKey } from './schema.ts';
import { show } from './values.ts';

/** A packed link must be this much shorter than the readable one to be worth it. */
const PACKED_SHARE = 0.8;
/** More pairs than all settings and views have. */
const MAX_PAIRS = 1000;
/**
 * Packed pairs: further experiments and results (`src/links`), a conversion (`conversionLink.ts`). Only
 * links with a check sum have them.
 */
export const RUN_KEYS = ['m', 'r', 'cv'] as const;
type RunKey = (typeof RUN_KEYS)[number];

/** `key=value` pairs that a person can read. */
export function readableLink(experiment: Experiment): string {
  const changed = new Set(changedPaths(DEFAULTS_V1, experiment));
  const pairs = SETTINGS.filter(({ path }) => changed.has(path)).map(
    (setting) =>
      `${setting.key}=${encodeValue(setting, getPath(experiment, setting.path) ?? null)}`,
  );
  return [`v=${CURRENT_VERSION}`, ...pairs].join('&');
}

/**
 * Link of an experiment: a URL fragment without its '#'. `key=value` pairs that a person can read;
 * where deflate makes it at least 20 % shorter, `v=1&z=` and the pairs packed.
 */
export function encodeLink(experiment: Experiment): string {
  const text = readableLink(experiment);
  const packed = `v=${CURRENT_VERSION}&z=${packText(text)}`;
  return packed.length <= text.length * PACKED_SHARE ? packed : text;
}

/**
 * Whether a pair of a link says what is shown rather than what is trained: `room`, and keys with a
 * dot, as in `page.scrub`. No setting has such a key; one named by its path is a mistake to be told.
 */
export function isViewKey(key: string): boolean {
  return key === 'room' || (/[^.]\../.test(key) && settingAt(key) === undefined);
}

/** What stands before the "#" of a whole address; a link that was changed has one elsewhere. */
const ADDRESS = /^(?:[^=]*(?:\?.*)?|[a-z][a-z0-9+.-]*:\/\/.*)$/i;

/** The fragment of a link or of a whole address, as it was encoded. */
function textOf(fragment: string): string {
  const hash = fragment.indexOf('#');
  const isAddress = hash >= 0 && ADDRESS.test(fragment.slice(0, hash));
  return unescaped(fragment.slice(isAddress ? hash + 1 : 0).trim());
}

interface Parts {
  isBroken: boolean;
  /** Whether there is a check sum, and it is right. */
  isWhole: boolean;
  /** Pairs of the experiment and its runs. */
  own: string[];
  /** Pairs of what is shown. */
  view: string[];
}

const keyOf = (part: string) => part.slice(0, Math.max(0, part.indexOf('=')));

function partsOf(fragment: string): Parts {
  const { seal, text } = unsealed(textOf(fragment));
  const parts = text === '' ? [] : text.split('&', MAX_PAIRS + 1);
  return {
    isBroken: seal === 'broken',
    isWhole: seal === 'whole',
    own: parts.filter((part) => !isViewKey(keyOf(part))),
    view: parts.filter((part) => isViewKey(keyOf(part))),
  };
}

/** Whether a link has a check sum: `broken` where it was cut or changed since. */
export function sealOf(fragment: string): Seal {
  return unsealed(textOf(fragment)).seal;
}

/**
 * A link whose experiment or view was written anew, under the check sum that it had: a whole one is
 * made anew, a broken one stays, so that no damage is ever vouched for.
 */
export function resealed(fragment: string, text: string): string {
  const { seal, sum } = unsealed(textOf(fragment));
  if (seal === 'none') return text;
  return seal === 'whole' ? sealed(text) : withSum(sum, text);
}

/** The pairs of a link that say what is shown, by key; the first of a key wins. */
export function viewPairs(fragment: string): Map<string, string> {
  const pairs = new Map<string, string>();
  for (const part of partsOf(fragment).view) {
    const key = keyOf(part);
    if (!pairs.has(key)) pairs.set(key, part.slice(key.length + 1));
  }
  return pairs;
}

/** A link without what it says is shown, and without its check sum. */
export function withoutView(fragment: string): string {
  return partsOf(fragment).own.join('&');
}

/** What a link packs of runs; nothing of one whose check sum does not vouch for it. */
export function runPairs(fragment: string): Partial<Record<RunKey, string>> {
  const { own, isWhole } = partsOf(fragment);
  const find = (key: RunKey) => own.find((part) => keyOf(part) === key)?.slice(key.length + 1);
  const found = RUN_KEYS.map((key) => [key, find(key)] as const);
  return Object.fromEntries(isWhole ? found.filter(([, text]) => text !== undefined) : []);
}

/** Whether a link tells of runs: of several, or with results. */
export function hasRuns(fragment: string): boolean {
  const { m, r } = runPairs(fragment);
  return m !== undefined || r !== undefined;
}

/** Whether a link tells of more than an experiment: of runs or of a conversion. */
export function bringsMore(fragment: string): boolean {
  return Object.keys(runPairs(fragment)).length > 0;
}

/** A link with what is shown. */
export function withView(
  link: string,
  pairs: readonly (readonly [key: string, text: string])[],
): string {
  return [...(link === '' ? [] : [link]), ...pairs.map((pair) => pair.join('='))].join('&');
}

/** The link of an experiment as it is given away: with its check sum. */
export function encodeSealed(
  experiment: Experiment,
  pairs: readonly (readonly [key: string, text: string])[] = [],
): string {
  return sealed(withView(encodeLink(experiment), pairs));
}

/** What is told of a link whose check sum is of another text. */
const BROKEN =
  'the link was cut or changed on its way: its check sum is that of another text. Nothing of it was opened; ask for it again';
/** Whether what is told is that a link was cut or changed. */
export function tellsOfBreak(problems: readonly Problem[]): boolean {
  return problems.some(({ message }) => message === BROKEN);
}

const UNVOUCHED =
  'the link carries results without a check sum in front that vouches for them; they are left out';
const PACKED = 'a packed link, in which everything has its place; it is left out';
const CHANGED =
  'the packed link was changed on its way, or packed by another program: what it holds is packed in other letters';

function error(path: string, message: string): Problem {
  return { path, message, severity: 'error' };
}

/** Pairs of a link by key; the first wins, and every other is listed. */
function pairsOf(parts: readonly string[], problems: Problem[]): Map<string, string> {
  const pairs = new Map<string, string>();
  if (parts.length > MAX_PAIRS) {
    problems.push(error('link', `the link has more than ${MAX_PAIRS} settings`));
    return pairs;
  }
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
  listing: Listing,
): unknown {
  const defaults = Object.hasOwn(DEFAULTS, version) ? DEFAULTS[version] : {};
  let raw: unknown = { ...defaults, version };
  for (const [key, text] of pairs) {
    if (key === 'v') continue;
    const setting = settingOfKey(key);
    if (setting === undefined)
      problems.push(error(key, `the link has an unknown setting ${show(`${key}=${text}`)}`));
    else raw = setAt(raw, setting.path, decodeValue(setting, text, listing));
  }
  return raw;
}

/** Takes what is packed of runs out of the pairs, and lists it where nothing vouches for it. */
function takeRuns(pairs: Map<string, string>, isWhole: boolean, problems: Problem[]): void {
  for (const key of RUN_KEYS)
    if (pairs.delete(key) && !isWhole) problems.push(error('link', UNVOUCHED));
}

/**
 * Reads the experiment of a link, the first of several. Never throws; a setting that cannot be read has
 * its default and is listed, with the text that was found and what is allowed. The empty fragment is the
 * default experiment. Of a link that its check sum says was cut or changed nothing is taken.
 * @param fragment a URL's fragment, with or without '#', or a whole URL
 */
export function decodeLink(fragment: string): Parsed {
  const { own, isBroken, isWhole } = partsOf(fragment);
  if (isBroken) return { experiment: DEFAULTS_V1, problems: [error('', BROKEN)] };
  if (own.length === 0) return { experiment: DEFAULTS_V1, problems: [] };
  const problems: Problem[] = [];
  let pairs = pairsOf(own, problems);
  takeRuns(pairs, isWhole, problems);
  const packed = pairs.get('z');
  if (packed === undefined) return parsedPairs(pairs, problems);
  try {
    const beside = [...pairs.keys()].filter((key) => key !== 'v' && key !== 'z');
    for (const key of beside) problems.push(error(key, `${show(key)} stands beside ${PACKED}`));
    const readable = unpackText(packed);
    pairs = pairsOf(readable.split('&', MAX_PAIRS + 1), problems);
    const parsed = parsedPairs(pairs, problems);
    // A changed letter may unpack to another experiment, but that one is packed in other letters.
    if (!isWhole && parsed.problems.length === 0 && packText(readable) !== packed)
      parsed.problems.push(error('link', CHANGED));
    return parsed;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    problems.push(error('', `the packed link is damaged (${reason}); the defaults are used`));
    return { experiment: DEFAULTS_V1, problems };
  }
}

/**
 * Reads what `readableLink` wrote, and no other form of a link.
 * @param listing what may still be spelled out, by several links together
 */
export function decodeReadable(text: string, listing: Listing): Parsed {
  const problems: Problem[] = [];
  return parsedPairs(pairsOf(text.split('&', MAX_PAIRS + 1), problems), problems, listing);
}

function parsedPairs(
  pairs: ReadonlyMap<string, string>,
  problems: readonly Problem[],
  listing: Listing = newListing(),
): Parsed {
  const found = [...problems];
  const written = pairs.get('v');
  if (written === undefined)
    found.push(error('version', `the link names no version; read as ${CURRENT_VERSION}`));
  const version = written === undefined ? CURRENT_VERSION : Number(written);
  const parsed = parseExperiment(rawExperiment(pairs, version, found, listing));
  return { experiment: parsed.experiment, problems: [...found, ...parsed.problems] };
}
