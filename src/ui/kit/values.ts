import type { Experiment, JsonValue, Slot } from '../../config/experiment.ts';
import { isRecord } from '../../config/paths.ts';
import { settingAt } from '../../config/schema.ts';
import type { Setting } from '../../config/settings.ts';
import { formatNumber } from './format.ts';

/** "8 slots: 256 ×8" */
export function describeSlots(slots: readonly Slot[]): string {
  const groups: { name: string; count: number }[] = [];
  for (const slot of slots) {
    const name = slot.kind === 'ffn' ? String(slot.hidden) : slot.kind;
    const last = groups.at(-1);
    if (last?.name === name) last.count += 1;
    else groups.push({ name, count: 1 });
  }
  return groups.map(({ name, count }) => (count > 1 ? `${count}×${name}` : name)).join(' ');
}

function isSlots(value: JsonValue): value is JsonValue & readonly Slot[] {
  return Array.isArray(value);
}

/** "sign, rate 0.001, centre true": the parts of an object that are not null, its kind without a name. */
function describeParts(value: JsonValue): string {
  if (typeof value === 'number') return formatNumber(value);
  if (!isRecord(value)) return JSON.stringify(value);
  return Object.entries(value)
    .filter(([, part]) => part !== null)
    .map(([name, part]) => {
      const text = typeof part === 'string' ? part : JSON.stringify(part);
      return name === 'kind' ? text : `${name} ${text}`;
    })
    .join(', ');
}

/** A setting's value in a few characters, for chips and messages. */
export function describeValue(setting: Setting, value: JsonValue): string {
  if (value === null)
    return 'nullLabel' in setting && setting.nullLabel ? setting.nullLabel : 'none';
  switch (setting.kind) {
    case 'bool':
      return value === true ? 'on' : 'off';
    case 'enum':
    case 'arrangement':
      return (
        setting.options?.find((option) => option.value === value)?.label ?? JSON.stringify(value)
      );
    case 'slots':
      return isSlots(value) ? describeSlots(value) : JSON.stringify(value);
    default:
      return describeParts(value);
  }
}

/** Label of a path, with its symbol. */
export function labelOf(path: string): string {
  const setting = settingAt(path);
  if (setting === undefined) return path;
  return setting.symbol === undefined ? setting.label : `${setting.label} ${setting.symbol}`;
}

/** Tokens of one batch. */
export function batchTokens({ batch }: Experiment): number {
  return batch.B * batch.S;
}
