/** Findings in words, and where they are seen. */
import type { CheckId, Finding } from '../../../analysis/health.ts';
import { formatCount, formatNumber, formatPercent } from '../../kit/format.ts';

interface CheckWords {
  title: string;
  /** What is off, for a title of the finding. */
  says: (finding: Finding) => string;
  format: (value: number) => string;
  /** A view by its id, or a setting by its path. */
  shownBy: { view: string } | { setting: string };
}

const layerAnd = ({ layer, slot }: Finding) =>
  [layer === null ? '' : `layer ${layer}`, slot === null ? '' : `slot ${slot}`]
    .filter((part) => part !== '')
    .join(', ');

const LOAD = { view: 'load' } as const;

export const CHECKS: Readonly<Record<CheckId, CheckWords>> = {
  nonFinite: {
    title: 'Finite numbers',
    says: ({ of }) => `${of} is not a finite number`,
    format: (value) => (Number.isNaN(value) ? 'NaN' : String(value)),
    shownBy: { view: 'loss' },
  },
  assignments: {
    title: 'Sum of assignments',
    says: (finding) => `${layerAnd(finding)}: the loads of a step do not sum to Σ k`,
    format: formatCount,
    shownBy: LOAD,
  },
  domains: {
    title: 'Sum over domains',
    says: (finding) => `${layerAnd(finding)}: the loads by domain do not sum to a slot’s load`,
    format: formatCount,
    shownBy: LOAD,
  },
  places: {
    title: 'Kept within places',
    says: (finding) => `${layerAnd(finding)}: more assignments are kept than there are places`,
    format: formatCount,
    shownBy: LOAD,
  },
  dead: {
    title: 'Dead slots',
    says: (finding) => `${layerAnd(finding)}: dead, no token chooses it`,
    format: formatCount,
    shownBy: { view: 'history' },
  },
  dominant: {
    title: 'One slot for all',
    says: (finding) => `${layerAnd(finding)}: nearly every token chooses it`,
    format: formatPercent,
    shownBy: { view: 'history' },
  },
  collapse: {
    title: 'Collapse',
    says: (finding) =>
      `${layerAnd(finding)}: few slots take all tokens, spread (exp H − k)/(R − k)`,
    format: formatPercent,
    shownBy: { view: 'history' },
  },
  drops: {
    title: 'Drops',
    says: (finding) => `${layerAnd(finding)}: many assignments find no place`,
    format: formatPercent,
    shownBy: LOAD,
  },
  aux: {
    title: 'Range of auxiliary losses',
    says: ({ of, value, allowed: [least] }) =>
      of === 'switch' && value < least
        ? 'the switch loss is below a balanced router’s: it no longer balances'
        : `the ${of} loss is out of its range`,
    format: formatNumber,
    shownBy: { view: 'loss' },
  },
  gradient: {
    title: 'Gradient of routers',
    says: (finding) => `${layerAnd(finding)}: no gradient of the task: ${finding.of}`,
    format: formatNumber,
    shownBy: { setting: 'router.gate' },
  },
};

/** "0, allowed at least 1"; "95.0% at worst, allowed at most 90.0%". */
export function numbersOf({ check, value, allowed: [least, most] }: Finding): string {
  const { format } = CHECKS[check];
  if (check === 'gradient') return 'gradient 0 by rule, allowed other than 0';
  if (least === Number.NEGATIVE_INFINITY)
    return `${format(value)}, allowed ${most === Number.POSITIVE_INFINITY ? 'finite' : `at most ${format(most)}`}`;
  if (most === Number.POSITIVE_INFINITY)
    return `${format(value)}, allowed at least ${format(least)}`;
  const range =
    least === most
      ? `exactly ${format(least)}`
      : least === 0
        ? `at most ${format(most)}`
        : `${format(least)} to ${format(most)}`;
  return `${format(value)} at worst, allowed ${range}`;
}

export function stepsOf({ first, last }: Finding): string {
  if (last === null) return `since step ${formatCount(first)}`;
  return first === last
    ? `step ${formatCount(first)}`
    : `steps ${formatCount(first)} to ${formatCount(last)}`;
}
