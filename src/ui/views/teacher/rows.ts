/** The settings of a conversion as rows of the form. */
import type { JsonValue } from '../../../config/experiment.ts';
import { fittingExperts, LADIMO_ROWS, type LadimoRow } from '../../../config/ladimoSettings.ts';
import { settingAt } from '../../../config/schema.ts';
import type { Control, Setting } from '../../../config/settings.ts';
import type { LadimoSettings } from '../../../worker/api.ts';
import type { SetSettings, SettingValue } from './setSettings.ts';

/** Comfortable ranges of the rows that have a slider. */
const SLIDERS: Readonly<Record<string, readonly [min: number, max: number]>> = {
  alpha: [0.001, 10],
  sample: [256, 131_072],
  batch: [8, 1024],
  steps: [10, 10_000],
  profile: [256, 65_536],
};

function controlOf(path: string): Control {
  const slider = SLIDERS[path];
  if (slider === undefined) return { type: 'number' };
  return { type: 'slider', min: slider[0], max: slider[1], scale: 'log' };
}

const AS_TEACHER = 'as the teacher’s';

/** A row as the form's fields take it; null for the layers, which have an editor of their own. */
export function settingOf(
  row: LadimoRow,
  { domains, hidden }: { domains: readonly string[] | null; hidden: number | null },
): Setting | null {
  if (row.kind === 'layers') return null;
  const { path, label, help } = row;
  const base = {
    key: path,
    path: `ladimo.${path}`,
    label,
    help,
    group: 'optimizer' as const,
    badge: 'newModel' as const,
    control: controlOf(path),
    ...(row.formula === undefined ? {} : { formula: row.formula }),
    ...(row.source === undefined ? {} : { source: row.source }),
    ...(row.unit === undefined ? {} : { unit: row.unit }),
  };
  switch (row.kind) {
    case 'int':
    case 'float': {
      const isFitted = path === 'N' && hidden !== null;
      const initial = isFitted ? fittingExperts(hidden) : row.default;
      return { ...base, kind: row.kind, min: row.min, max: row.max, default: initial };
    }
    case 'asTeacher': {
      const isWhole = settingAt(row.setting)?.kind === 'int';
      const kind = isWhole ? 'nullableInt' : 'nullableFloat';
      return { ...base, kind, min: row.min, max: row.max, default: null, nullLabel: AS_TEACHER };
    }
    case 'enum': {
      const options = row.options.map((one) => ({ ...one, help: '' }));
      return { ...base, kind: 'enum', options, default: row.default };
    }
    case 'domain': {
      const known = row.options.filter((name) => domains === null || domains.includes(name));
      const options = [
        { value: NO_DOMAIN, label: row.nullLabel, help: '' },
        ...known.map((value) => ({ value, label: value, help: '' })),
      ];
      return { ...base, kind: 'enum', options, default: NO_DOMAIN };
    }
  }
}

/** What the list of domains says for none. */
const NO_DOMAIN = 'mix';

/** What a field shows of the settings. */
export function shownValue({ path }: LadimoRow, setting: Setting, set: SetSettings): JsonValue {
  return (set[path] as JsonValue | undefined) ?? setting.default;
}

/** The settings with one of them changed; at its default it is not named. */
export function changed(
  set: SetSettings,
  path: string,
  value: SettingValue,
  initial: JsonValue,
): SetSettings {
  const others = Object.entries(set).filter(([name]) => name !== path);
  return Object.fromEntries(value === initial ? others : [...others, [path, value]]);
}

/** The settings as commands take them. */
export function settingsOf(set: SetSettings, hidden: number | null): Partial<LadimoSettings> {
  const own: SetSettings =
    set.N === undefined && hidden !== null ? { ...set, N: fittingExperts(hidden) } : set;
  const flat = Object.entries(own);
  const inBlock = (name: string) => {
    const parts = flat.filter(([path]) => path.startsWith(`${name}.`));
    const block = parts.map(([path, value]) => [path.slice(name.length + 1), value]);
    return parts.length === 0 ? {} : { [name]: Object.fromEntries(block) };
  };
  const plain = flat.filter(([path]) => !path.includes('.'));
  return { ...Object.fromEntries(plain), ...inBlock('optimizer'), ...inBlock('policy') };
}

/** Refusals of one setting, and those of none. */
export function refusalsAt(path: string, refusals: readonly string[]): string[] {
  return refusals.filter((text) => text.startsWith(`${path}:`));
}

export function otherRefusals(refusals: readonly string[]): string[] {
  return refusals.filter((text) => !LADIMO_ROWS.some(({ path }) => text.startsWith(`${path}:`)));
}
