import { expect, test } from 'vitest';
import {
  expertChoicePlaces,
  hashTable,
  hasSelectionBias,
  layerSelection,
  mostAssignments,
  poolSize,
} from '../../src/config/balancing.ts';
import { checkConstraints } from '../../src/config/constraints.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import type { Change, JsonValue } from '../../src/config/experiment.ts';
import { causalNote, causalNoteAt } from '../../src/config/generation.ts';
import { parseExperiment } from '../../src/config/parse.ts';
import { decodeLink, encodeLink } from '../../src/config/permalink.ts';
import { plainRouter } from '../../src/config/plainRouter.ts';
import { settingAt } from '../../src/config/schema.ts';
import { checkValue } from '../../src/config/values.ts';

const sign = { kind: 'sign', rate: 0.001, centre: false };
const budget = { kind: 'budget', rate: 0.01, computing: 1.5 };
const quantile = { kind: 'quantile', smoothing: 0 };
const pool = { min: 2, max: 4, evaluation: null };
const copies = [
  { kind: 'ffn', hidden: 4 },
  { kind: 'ffn', hidden: 4 },
  { kind: 'copy' },
] satisfies JsonValue;
const noSwitch = { 'losses.switch.alpha': null };

const errors = (change: Change) =>
  checkConstraints(applyChange(DEFAULTS_V1, change)).filter(({ severity }) => severity === 'error');

test.each<[rule: string, change: Change, says: string]>([
  [
    'biasRuleSelection',
    { 'router.biasRule': sign, 'router.selection': 'expertChoice' },
    'expertChoice takes no selection bias',
  ],
  [
    'biasRuleSelection',
    { 'router.biasRule': sign, 'router.selection': 'hash', 'router.hashLayers': 3 },
    'every MoE layer is a hash layer',
  ],
  [
    'biasRuleSelection',
    { 'router.biasRule': quantile, 'router.selection': 'topp', 'router.P': 0.5 },
    'quantile rule needs K ranks',
  ],
  ['biasRuleSelection', { 'router.biasRule': quantile, 'router.pool': pool }, 'no pool'],
  ['budgetComputing', { 'router.biasRule': budget }, '8 that compute of 8'],
  [
    'budgetComputing',
    { 'router.biasRule': { ...budget, computing: 3 }, 'experts.slots': copies },
    'more than the 2',
  ],
  [
    'hashSelection',
    { ...noSwitch, 'router.selection': 'hash', 'router.gate': 'renormalizedWithNull' },
    'not renormalizedWithNull',
  ],
  ['hashSelection', { 'router.selection': 'hash' }, 'not with switch'],
  ['hashSelection', { ...noSwitch, 'router.selection': 'hash', 'router.pool': pool }, 'no pool'],
  ['uniformGate', { 'router.gate': 'uniform' }, 'the selection is topk'],
  [
    'uniformGate',
    { 'router.gate': 'uniform', 'router.selection': 'hash', 'router.hashLayers': 2 },
    '2 of 3',
  ],
  ['expertChoice', { 'router.selection': 'expertChoice' }, 'not with switch'],
  [
    'expertChoice',
    { ...noSwitch, 'router.selection': 'expertChoice', 'router.gate': 'renormalizedWithoutZero' },
    'softmax or renormalized',
  ],
  ['pools', { 'router.pool': pool, 'router.selection': 'topp', 'router.P': 0.5 }, 'not topp'],
  ['pools', { 'router.pool': pool, 'losses.dynamic.w': 0.1 }, 'not with dynamic'],
  ['pools', { 'router.pool': pool, 'router.K': 3 }, 'the smallest pool'],
  ['pools', { 'router.pool': { size: 4, evaluation: 1 } }, 'the 1 slots of evaluation'],
  [
    'balanceCounts',
    {
      'losses.balance': { coefficient: 0.1, scope: 'batch', counts: 'unbiased' },
      'router.selection': 'randomDrop',
      'router.q': 0.2,
    },
    'not with randomDrop',
  ],
])('%s refuses %j', (rule, change, says) => {
  const found = errors(change).filter((problem) => problem.rule === rule);
  expect(found.map(({ message }) => message).join('\n')).toContain(says);
  const [fixed] = found.flatMap(({ fix }) => (fix ? [fix.change] : []));
  if (fixed === undefined) return;
  const after = errors({ ...change, ...fixed }).map(({ message }) => message);
  expect(after).not.toContain(found[0]!.message);
});

test.each<Change>([
  { 'router.biasRule': sign, 'router.selection': 'topp', 'router.P': 0.5 },
  { 'router.biasRule': sign, 'router.pool': pool },
  { 'router.biasRule': quantile, 'router.selection': 'hash', 'router.hashLayers': 2 },
  { 'router.biasRule': budget, 'experts.slots': copies },
  { ...noSwitch, 'router.selection': 'hash', 'router.gate': 'uniform' },
  { ...noSwitch, 'router.selection': 'expertChoice', 'losses.zloss.coefficient': 0.001 },
  {
    'router.pool': { size: 2, evaluation: 4 },
    'losses.balance': { coefficient: 0.1, scope: 'global', window: 4, counts: 'unbiased' },
  },
  { 'router.frozen': true, 'router.biasRule': { kind: 'none' } },
  { 'model.arrangement': 'dense', 'router.gate': 'uniform' },
])('%j is legal', (change) => {
  expect(errors(change)).toEqual([]);
});

test.each<[path: string, value: JsonValue, text: string]>([
  ['router.biasRule', { kind: 'none' }, 'br=hold'],
  ['router.biasRule', sign, 'br=sign_0.001'],
  ['router.biasRule', { ...sign, centre: true, rate: 1e-5 }, 'br=centred_1e-5'],
  ['router.biasRule', { kind: 'quantile', smoothing: 0.9 }, 'br=quantile_0.9'],
  ['router.biasRule', budget, 'br=budget_0.01_1.5'],
  ['router.pool', { size: 4, evaluation: null }, 'pool=4'],
  ['router.pool', { min: 2, max: 5, evaluation: 6 }, 'pool=2-5_6'],
  ['losses.balance', { coefficient: 1e-4, scope: 'sequence', counts: 'unbiased' }, 'bal=1e-4_seq'],
  ['losses.balance', { coefficient: 0, scope: 'global', window: 8 }, 'bal=0_global_8'],
])('%s %j in a link', (path, value, text) => {
  const experiment = applyChange(DEFAULTS_V1, { [path]: value });
  const link = encodeLink({ ...experiment, events: [[3, { [path]: value }]] });
  expect(link).toContain(text);
  expect(decodeLink(link)).toEqual({
    experiment: { ...experiment, events: [[3, { [path]: value }]] },
    problems: [],
  });
});

test.each<[path: string, value: unknown, says: string]>([
  ['router.biasRule', { kind: 'sign', rate: 0.1 }, 'centre'],
  ['router.biasRule', { kind: 'sign', rate: 0, centre: true }, 'above 0'],
  ['router.biasRule', { kind: 'quantile', smoothing: 1 }, 'below 1'],
  ['router.biasRule', { kind: 'other' }, 'quantile_0.9'],
  ['router.pool', { min: 3, max: 2, evaluation: null }, 'min is at most its max'],
  ['router.pool', { size: 3 }, 'evaluation'],
  ['losses.balance', { coefficient: 0.1, scope: 'global' }, 'window'],
  ['losses.balance', { coefficient: 0.1, scope: 'batch', window: 3 }, 'window'],
  ['losses.balance', { coefficient: 0.1, scope: 'batch', counts: 'all' }, 'selected or unbiased'],
  ['router.hashSeed', 2 ** 32, '4294967295'],
])('%s refuses %j', (path, value, says) => {
  const checked = checkValue(settingAt(path)!, value);
  expect(checked.ok).toBe(false);
  if (!checked.ok) expect(checked.message).toContain(says);
});

test('counts that are as selected are not written', () => {
  const balance = { coefficient: 0.1, scope: 'batch', counts: 'selected' };
  const { experiment, problems } = parseExperiment({ version: 1, losses: { balance } });
  expect(problems).toEqual([]);
  expect(experiment.losses).toEqual({ balance: { coefficient: 0.1, scope: 'batch' } });
});

test('layers behind the hash layers select by K and may have a bias', () => {
  const router = { selection: 'hash', hashLayers: 2, biasRule: { kind: 'none' } } as const;
  const settings = { router, model: { arrangement: [1, 2, 4] } };
  expect([1, 2, 4].map((l) => layerSelection(settings, l))).toEqual(['hash', 'hash', 'topk']);
  expect([1, 2, 4].map((l) => hasSelectionBias(settings, l))).toEqual([false, false, true]);
});

test('hash tables and pools are those of the specification', () => {
  const table = hashTable(1, { l: 0, R: 8, K: 2, V: 6 });
  expect([...table]).toEqual([7, 1, 5, 4, 0, 5, 1, 5, 5, 7, 2, 5]);
  const drawn = { min: 2, max: 5, evaluation: null };
  const sizes = [0, 1, 2, 3, 4, 5].map((j) => poolSize(drawn, { seed: 1, step: 1, l: 0, j, R: 8 }));
  expect(sizes).toEqual([5, 3, 4, 3, 5, 3]);
  expect(poolSize(drawn, { seed: 1, step: 1, l: 0, j: 0, R: 4 })).toBe(4);
});

test('expert choice takes γ·T·K/R tokens, rounded up, at most all', () => {
  expect(expertChoicePlaces({ K: 2, capacity: null }, 20, 4)).toBe(10);
  expect(expertChoicePlaces({ K: 2, capacity: 1.01 }, 20, 4)).toBe(11);
  expect(expertChoicePlaces({ K: 9, capacity: null }, 20, 4)).toBe(20);
});

test('a run is not causal at the steps at which its evaluation looks at later tokens', () => {
  const choice = applyChange(DEFAULTS_V1, { 'router.selection': 'expertChoice' });
  const later = { ...DEFAULTS_V1, events: [[5, { 'router.selection': 'expertChoice' }]] as const };
  const pools = applyChange(DEFAULTS_V1, { 'router.pool': { ...pool, evaluation: 4 } });
  expect([null, DEFAULTS_V1, choice, pools, later].map(causalNote)).toEqual([
    ...['', '', ', not causal', ', not causal', ', in part not causal'],
  ]);
  expect(causalNoteAt(later, 4)).toBe('');
  expect(causalNoteAt(later, 5)).toBe(', not causal');
});

test.each([
  ['topk', 2, null, 2 * 100],
  ['topp', 2, null, 8 * 100],
  ['expertChoice', 2, null, 8 * 25],
  ['expertChoice', 2, 1.3, 8 * 33],
  ['expertChoice', 2, 9, 8 * 100],
] as const)('has at most so many assignments: %s, K %i, γ %s', (selection, K, capacity, most) => {
  expect(mostAssignments(plainRouter({ selection, K, capacity }), 100, 8)).toBe(most);
});
