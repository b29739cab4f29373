import type { Field, Fields } from '../../../state/fields.ts';

export type SettingValue = number | string | null | readonly number[];

/** Settings of the next conversion that a person set, by their paths. */
export type SetSettings = Readonly<Record<string, SettingValue>>;

export interface TeacherFields {
  settings: SetSettings;
}

const PATH = /^[a-zA-Z]+(\.[a-zA-Z]+)?$/;
const NUMBER = /^-?\d+(\.\d+)?(e-?\d+)?$/;

const isNumber = (value: unknown) => typeof value === 'number' && Number.isFinite(value);

function isValue(value: unknown): value is SettingValue {
  if (Array.isArray(value)) return value.every(isNumber);
  return value === null || isNumber(value) || (typeof value === 'string' && /^\w+$/.test(value));
}

function check(value: unknown): SetSettings | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const entries: [string, unknown][] = Object.entries(value);
  const good = entries.filter((entry): entry is [string, SettingValue] => {
    return PATH.test(entry[0]) && isValue(entry[1]);
  });
  return Object.fromEntries(good);
}

function writeValue(value: SettingValue): string {
  if (value === null) return '-';
  if (typeof value === 'object') return `~${value.join('~')}`;
  return String(value).replace('+', '');
}

function readValue(text: string): SettingValue {
  if (text === '-') return null;
  if (text.startsWith('~')) return text.slice(1).split('~').map(Number);
  return NUMBER.test(text) ? Number(text) : text;
}

/** In a link "N:4,K:2,layers:~2~3": whether a value may be used, the plan says. */
const settings: Field<SetSettings> = {
  default: {},
  home: 'both',
  check,
  write: (value) =>
    Object.entries(value)
      .map(([path, one]) => `${path}:${writeValue(one)}`)
      .join(','),
  read: (text) =>
    check(
      Object.fromEntries(
        text.split(',').flatMap((part) => {
          const [, path, value] = /^([^:]+):(.+)$/.exec(part) ?? [];
          return path === undefined || value === undefined ? [] : [[path, readValue(value)]];
        }),
      ),
    ),
};

export const TEACHER_FIELDS: Fields<TeacherFields> = { settings };
