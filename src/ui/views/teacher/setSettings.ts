/** Settings that a person set, as text for links and storage: "N:4,K:2,layers:~2~3". */

export type SettingValue = number | string | null | readonly number[];

/** By their paths; whether a value may be used, the plan says. */
export type SetSettings = Readonly<Record<string, SettingValue>>;

const PART = /^([a-zA-Z]+(?:\.[a-zA-Z]+)?):([\w.~-]+)$/;
const NUMBER = /^-?\d+(\.\d+)?(e-?\d+)?$/;

function writeValue(value: SettingValue): string {
  if (value === null) return '-';
  if (typeof value === 'object') return `~${value.join('~')}`;
  return String(value).replace('+', '');
}

function readValue(text: string): SettingValue {
  if (text === '-') return null;
  if (text.startsWith('~')) return text.length > 1 ? text.slice(1).split('~').map(Number) : [];
  return NUMBER.test(text) ? Number(text) : text;
}

export function writeSettings(set: SetSettings): string {
  return Object.entries(set)
    .map(([path, value]) => `${path}:${writeValue(value)}`)
    .join(',');
}

/** What `writeSettings` wrote; parts that are none are left out. */
export function readSettings(text: string): SetSettings {
  return Object.fromEntries(
    text.split(',').flatMap((part) => {
      const [, path, value] = PART.exec(part) ?? [];
      return path === undefined || value === undefined ? [] : [[path, readValue(value)]];
    }),
  );
}
