/** What a person types to find runs: words, and conditions on what runs have. */
import { encodeValue } from '../../config/codec.ts';
import { getPath } from '../../config/paths.ts';
import { settingAt, settingOfKey } from '../../config/schema.ts';
import type { Setting } from '../../config/settings.ts';
import type { RunRow } from '../../runs/record.ts';
import { changedFromDefaults } from './settings.ts';

const OPERATORS = ['>=', '<=', '!=', '=', '>', '<', ':'] as const;
type Operator = (typeof OPERATORS)[number];

/** What is told apart by `name:` or compared by `name<`, beside the settings. */
const FIELDS: Readonly<
  Record<string, (row: RunRow) => string | number | readonly string[] | null>
> = {
  name: ({ name }) => name,
  note: ({ note }) => note,
  tag: ({ tags }) => tags,
  status: ({ status }) => status,
  origin: ({ origin }) => origin,
  steps: ({ steps }) => steps,
  seconds: ({ seconds }) => seconds,
  bytes: ({ bytes }) => bytes,
  loss: ({ last }) => last.ce?.value ?? null,
  best: ({ best }) => best.ce?.value ?? null,
  validation: ({ best }) => best.validation?.value ?? null,
};

/** Names that conditions know, for the help. */
export const FILTER_NAMES: readonly string[] = Object.keys(FIELDS);

type Condition = (row: RunRow) => boolean;

export interface Filter {
  matches: Condition;
  /** Parts that could not be understood, each with its reason. */
  problems: readonly string[];
}

function settingNamed(name: string): Setting | undefined {
  return settingAt(name) ?? settingOfKey(name);
}

function compared(found: number, operator: Operator, wanted: number): boolean {
  switch (operator) {
    case '>':
      return found > wanted;
    case '<':
      return found < wanted;
    case '>=':
      return found >= wanted;
    case '<=':
      return found <= wanted;
    case '!=':
      return found !== wanted;
    default:
      return found === wanted;
  }
}

function textMatches(found: string, operator: Operator, wanted: string): boolean {
  const [a, b] = [found.toLowerCase(), wanted.toLowerCase()];
  if (operator === ':') return a.includes(b);
  return operator === '!=' ? a !== b : a === b;
}

/** Whether a value of a run fulfils a condition; one that is missing fulfils `!=` alone. */
function fulfils(
  found: string | number | readonly string[] | null,
  operator: Operator,
  text: string,
): boolean {
  if (found === null) return operator === '!=';
  if (typeof found === 'number') return compared(found, operator, Number(text));
  if (typeof found === 'string') return textMatches(found, operator, text);
  const isAny = found.some((one) => textMatches(one, operator === '!=' ? '=' : operator, text));
  return operator === '!=' ? !isAny : isAny;
}

const SWITCH: Readonly<Record<string, string>> = { on: '1', off: '0', true: '1', false: '0' };

function valueOfSetting({ experiment }: RunRow, setting: Setting): string | number | null {
  if (experiment === null) return null;
  const value = getPath(experiment, setting.path) ?? null;
  if (value === null) return 'none';
  return typeof value === 'number' ? value : encodeValue(setting, value);
}

function isOrder(operator: Operator): boolean {
  return operator !== '=' && operator !== '!=' && operator !== ':';
}

/** A condition, or why it is none. */
function conditionOf(name: string, operator: Operator, text: string): Condition | string {
  if (text === '') return `${name}${operator} has no value behind it`;
  if (isOrder(operator) && Number.isNaN(Number(text)))
    return `${name}${operator}${text}: ${text} is no number`;
  const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
  if (field !== undefined) return (row) => fulfils(field(row), operator, text);
  const setting = settingNamed(name);
  if (setting === undefined) return `${name} is no setting`;
  const wanted = setting.kind === 'bool' ? (SWITCH[text.toLowerCase()] ?? text) : text;
  return (row) => {
    const found = valueOfSetting(row, setting);
    if (found === 'none' && isOrder(operator)) return false;
    return fulfils(found, operator, wanted);
  };
}

const wordsOfRow = new WeakMap<RunRow, string>();

/** All of a run that words are looked for in. */
function wordsOf(row: RunRow): string {
  const known = wordsOfRow.get(row);
  if (known !== undefined) return known;
  const { experiment } = row;
  const settings = changedFromDefaults(row).flatMap((path) => {
    const setting = settingAt(path);
    if (setting === undefined || experiment === null) return [];
    return `${setting.label} ${setting.key}=${encodeValue(setting, getPath(experiment, path) ?? null)}`;
  });
  const words = [row.name, row.note, ...row.tags, ...settings].join('\n').toLowerCase();
  wordsOfRow.set(row, words);
  return words;
}

/** Parts between spaces; what stands in quotes is one. */
function partsOf(text: string): string[] {
  return [...text.matchAll(/(?:[^\s"]+|"[^"]*"?)+/g)].map(([part]) => part.replaceAll('"', ''));
}

function operatorIn(part: string): { name: string; operator: Operator; text: string } | null {
  const [, name, operator, text] = /^([A-Za-z][\w.]*)(>=|<=|!=|=|>|<|:)(.*)$/.exec(part) ?? [];
  const known = OPERATORS.find((one) => one === operator);
  if (name === undefined || text === undefined || known === undefined) return null;
  return { name, operator: known, text };
}

/** `drop K=2 lr<0.002 tag:baseline`: all parts have to hold. */
export function filterOf(text: string): Filter {
  const problems: string[] = [];
  const conditions: Condition[] = [];
  for (const part of partsOf(text)) {
    const written = operatorIn(part);
    const condition =
      written === null
        ? (row: RunRow) => wordsOf(row).includes(part.toLowerCase())
        : conditionOf(written.name, written.operator, written.text);
    if (typeof condition === 'string') problems.push(condition);
    else conditions.push(condition);
  }
  return { matches: (row) => conditions.every((condition) => condition(row)), problems };
}

/** The part of a filter that asks for a setting's value of a run. */
export function filterPart({ key, path }: Setting, text: string): string {
  const name = FIELDS[key] === undefined ? key : path;
  return /\s/.test(text) ? `"${name}=${text}"` : `${name}=${text}`;
}
