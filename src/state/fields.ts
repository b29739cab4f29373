/** Pieces of view state as data: what each may be, where it lives, and how a link writes it. */

/**
 * `link`: in the address; `local`: survives a reload in this browser; `both`; `nowhere`: neither.
 * What lives in both stands in a link where it differs from its default, and where a link does not
 * name it the person's own choice stays.
 */
export type Home = 'link' | 'local' | 'both' | 'nowhere';

/** One piece of view state. */
export interface Field<T> {
  readonly default: T;
  readonly home: Home;
  /** The value, or what can be taken of it; undefined where it is not one of the field's. */
  check(value: unknown): T | undefined;
  /** Text in a link: letters, digits and `_ . , : ~ -` only. */
  write(value: T): string;
  /** What `write` wrote; undefined for any other text. */
  read(text: string): T | undefined;
}

/** The fields of some state, one for each of its names. */
export type Fields<S extends object> = { readonly [K in keyof S]: Field<S[K]> };

export type AnyFields = Readonly<Record<string, Field<unknown>>>;

export function isInLink({ home }: Field<unknown>): boolean {
  return home === 'link' || home === 'both';
}

export function isLocal({ home }: Field<unknown>): boolean {
  return home === 'local' || home === 'both';
}

/** Yes or no. */
export function flag(initial: boolean, home: Home): Field<boolean> {
  return {
    default: initial,
    home,
    check: (value) => (typeof value === 'boolean' ? value : undefined),
    write: (value) => (value ? '1' : '0'),
    read: (text) => (text === '1' ? true : text === '0' ? false : undefined),
  };
}

/** One of some names. */
export function choice<const T extends string>(
  names: readonly T[],
  initial: NoInfer<T>,
  home: Home,
): Field<T> {
  const check = (value: unknown) => names.find((name) => name === value);
  return { default: initial, home, check, write: (value) => value, read: check };
}

interface Range {
  min: number;
  max: number;
  isWhole?: boolean;
}

/** A number within a range, its ends included. */
export function numberIn(range: Range, initial: number, home: Home): Field<number> {
  const { min, max, isWhole = false } = range;
  const check = (value: unknown) => {
    if (typeof value !== 'number' || !(value >= min && value <= max)) return undefined;
    return isWhole && !Number.isInteger(value) ? undefined : value;
  };
  return {
    default: initial,
    home,
    check,
    write: (value) => String(value).replace('+', ''),
    read: (text) => (/^-?\d+(\.\d+)?(e-?\d+)?$/.test(text) ? check(Number(text)) : undefined),
  };
}

/** Numbers within a range, at least one and at most `most`, rising and each once. */
export function numbersIn(
  range: Pick<Range, 'min' | 'max'>,
  most: number,
  initial: readonly number[],
  home: Home,
): Field<readonly number[]> {
  const one = numberIn(range, range.min, home);
  const check = (value: unknown) => {
    if (!Array.isArray(value) || value.some((number) => one.check(number) === undefined))
      return undefined;
    const rising = [...new Set<number>(value)].sort((a, b) => a - b);
    return rising.length >= 1 && rising.length <= most ? rising : undefined;
  };
  return {
    default: initial,
    home,
    check,
    write: (value) => value.map(one.write).join(','),
    read: (text) => check(text.split(',').map(one.read)),
  };
}

const NOTHING = '-';

/** The field, or null, which is its default. */
export function orNull<T>(field: Field<T>): Field<T | null> {
  return {
    default: null,
    home: field.home,
    check: (value) => (value === null ? null : field.check(value)),
    write: (value) => (value === null ? NOTHING : field.write(value)),
    read: (text) => (text === NOTHING ? null : field.read(text)),
  };
}

/** Two whole numbers that rise; what a link writes as "100..250". */
export function span(home: Home): Field<readonly [from: number, to: number]> {
  const check = (value: unknown): readonly [number, number] | undefined => {
    if (!Array.isArray(value) || value.length !== 2) return undefined;
    const [from, to]: unknown[] = value;
    if (!isStep(from) || !isStep(to) || from >= to) return undefined;
    return [from, to];
  };
  return {
    default: [0, 1],
    home,
    check,
    write: ([from, to]) => `${from}..${to}`,
    read: (text) => {
      const [, from, to] = /^(\d+)\.\.(\d+)$/.exec(text) ?? [];
      return check([Number(from), Number(to)]);
    },
  };
}

function isStep(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** Names in any number; no link holds them. */
export function names(initial: readonly string[]): Field<readonly string[]> {
  return {
    default: initial,
    home: 'local',
    check: (value) =>
      Array.isArray(value) ? value.filter((name) => typeof name === 'string') : undefined,
    write: (value) => value.join(','),
    read: (text) => text.split(','),
  };
}

const ID = /^[A-Za-z][\w.-]*$/;

/** Ids with dots or hyphens in them, at most `most`; what is no id is left out. */
export function ids(
  initial: readonly string[],
  most: number,
  home: Home,
): Field<readonly string[]> {
  const check = (value: unknown) => {
    if (!Array.isArray(value)) return undefined;
    const good = value.filter((id): id is string => typeof id === 'string' && ID.test(id));
    return [...new Set(good)].slice(0, most);
  };
  return {
    default: initial,
    home,
    check,
    write: (value) => value.join(','),
    read: (text) => check(text === '' ? [] : text.split(',')),
  };
}

/** One id with dots or hyphens in it, or none. */
export function idOrNone(home: Home): Field<string> {
  const check = (value: unknown) =>
    typeof value === 'string' && (value === '' || ID.test(value)) ? value : undefined;
  return { default: '', home, check, write: (value) => value, read: check };
}

/** What passes: it outlasts nothing, so it is never read. */
export function passing<T>(initial: T): Field<T> {
  return {
    default: initial,
    home: 'nowhere',
    check: () => undefined,
    write: () => '',
    read: () => undefined,
  };
}
