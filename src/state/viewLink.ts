/** What is shown, as pairs of a link: `room=routing`, `page.scrub=120`, `placement.devices=8`. */
import { encodeSealed, sealOf, viewPairs } from '../config/permalink.ts';
import { type ConfigValues, experimentToShare } from './configStore.ts';
import { type AnyFields, isInLink } from './fields.ts';
import {
  PAGE_FIELDS,
  type Shown,
  type ShownPart,
  type ViewFields,
  type ViewState,
  valuesOf,
} from './viewStore.ts';

type Pair = readonly [key: string, text: string];

/** Key of a field in links: the room stands by itself. */
function keyOf(id: string, name: string): string {
  return id === 'page' && name === 'room' ? 'room' : `${id}.${name}`;
}

/** Texts of those of some fields that a link holds and that differ from their defaults. */
function pairsOf(id: string, fields: AnyFields, values: object): Pair[] {
  return Object.entries(fields).flatMap(([name, field]) => {
    const value: unknown = Reflect.get(values, name);
    if (!isInLink(field)) return [];
    const text = field.write(value);
    return text === field.write(field.default) ? [] : [[keyOf(id, name), text] as const];
  });
}

/** Pairs of what is shown, as far as it differs from what a first visit shows. */
export function encodeView(shown: Shown, fields: ViewFields): Pair[] {
  const page = pairsOf('page', PAGE_FIELDS, shown);
  const own = Object.entries(fields).map(([id, own]) => pairsOf(id, own, shown.own[id] ?? {}));
  return [...page, ...own.flat()];
}

function readValues(id: string, fields: AnyFields, pairs: ReadonlyMap<string, string>) {
  return valuesOf(fields, (name) => {
    const field = fields[name];
    if (field === undefined || !isInLink(field)) return undefined;
    const text = pairs.get(keyOf(id, name));
    return (text === undefined ? undefined : field.read(text)) ?? field.default;
  });
}

/**
 * What a link says is shown: its default where the link does not name it, or names nonsense. Null
 * where the link names nothing at all, or was cut or changed: then what is shown stays.
 */
export function decodeView(fragment: string, fields: ViewFields): ShownPart | null {
  const pairs = viewPairs(fragment);
  const isNamed = pairs.size > 0 && sealOf(fragment) !== 'broken';
  return isNamed ? shownIn(pairs, fields) : null;
}

/** `decodeView` of an address that the page wrote itself, where no pair means the defaults. */
export function shownIn(pairs: ReadonlyMap<string, string>, fields: ViewFields): ShownPart {
  const own = Object.entries(fields).map(([id, own]) => [id, readValues(id, own, pairs)]);
  return { page: readValues('page', PAGE_FIELDS, pairs), own: Object.fromEntries(own) };
}

/** The link of an experiment and of what is shown of it, with its check sum. */
export function linkToShare(config: ConfigValues, shown: ViewState): string {
  return encodeSealed(experimentToShare(config), encodeView(shown, shown.fields));
}
