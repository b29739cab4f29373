import { expect, test } from 'vitest';
import { checkChange, checkConstraints } from '../../src/config/constraints.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import type { Change } from '../../src/config/experiment.ts';
import { PRESETS } from '../../src/config/presets.ts';
import {
  addToPlan,
  emptyPlan,
  planChange,
  removeSlot,
  reorder,
  type SpaceEdit,
  setWidth,
} from '../../src/config/surgeryPlan.ts';

const check = (change: Change) => checkConstraints(applyChange(DEFAULTS_V1, change));

test('the defaults break no rule', () => {
  expect(checkConstraints(DEFAULTS_V1)).toEqual([]);
});

const zero = { kind: 'zero' };
const cases: [rule: string, severity: 'error' | 'warning', change: Change, says: string][] = [
  ['headWidth', 'error', { 'model.D': 130 }, '130'],
  ['headWidth', 'error', { 'model.D': 12 }, 'Dh = D/H = 3'],
  ['keyValueHeads', 'error', { 'model.Hkv': 3 }, 'Hkv = 3'],
  ['keyValueHeads', 'error', { 'model.Hkv': 8 }, 'Hkv = 8'],
  ['arrangementLayers', 'error', { 'model.arrangement': [1, 4, 9] }, '4, 9'],
  ['vocabulary', 'error', { 'model.V': 255 }, '256'],
  ['vocabulary', 'error', { 'model.V': 300, 'tokenizer.kind': 'bpe' }, '512'],
  ['batchTokens', 'error', { 'batch.B': 1024 }, '65536'],
  ['sharedExpert', 'warning', { 'experts.sharedHidden': 64, 'model.arrangement': 'dense' }, '64'],
  ['mixHasText', 'error', { 'data.mix': { prose: 0 } }, 'no corpus'],
  ['uniqueTokens', 'error', { 'data.uniqueTokens': 32 }, '64'],
  ['slotsPerToken', 'warning', { 'router.K': 9 }, 'R = 8'],
  ['routerGradient', 'warning', { 'router.K': 1 }, 'K = 1'],
  ['routerGradient', 'warning', { 'router.K': 1 }, 'no gradient'],
  ['routerGradient', 'warning', { 'router.selection': 'topp', 'router.P': 0 }, 'P = 0'],
  ['routerGradient', 'warning', { 'router.selection': 'randomDrop', 'router.q': 1 }, 'q = 1'],
  [
    'routerGradient',
    'warning',
    { 'router.selection': 'adaptive', 'router.policy': Array(4).fill({ kind: 'top-1' }) },
    'top-1',
  ],
  ['routerGradient', 'warning', { 'experts.slots': [{ kind: 'ffn', hidden: 64 }] }, 'one slot'],
  [
    'routerGradient',
    'warning',
    {
      'experts.slots': [{ kind: 'ffn', hidden: 64 }, zero],
      'router.gate': 'renormalizedWithoutZero',
    },
    'not a zero expert',
  ],
  [
    'routerGradient',
    'warning',
    { 'router.K': 1, 'router.gate': 'renormalizedWithNull' },
    'no gradient',
  ],
  ['routerGradient', 'warning', { 'experts.perLayer': { 2: [zero, zero] } }, 'in layer 2: '],
  [
    'routerGradient',
    'warning',
    { 'router.K': 1, 'losses.switch.alpha': 0.01 },
    'only from the auxiliary losses',
  ],
  ['nullSlotsForGate', 'warning', { 'router.gate': 'renormalizedWithNull' }, 'null slot'],
  ['selectionParameters', 'error', { 'router.selection': 'topp' }, 'needs P'],
  ['selectionParameters', 'error', { 'router.selection': 'randomDrop' }, 'q'],
  ['selectionParameters', 'error', { 'router.selection': 'adaptive' }, 'policy'],
  [
    'selectionParameters',
    'error',
    { 'router.selection': 'adaptive', 'router.policy': [{ kind: 'top-1' }, null] },
    'layers 1, 2',
  ],
  [
    'negatedTwins',
    'error',
    { 'experts.slots': [zero, { kind: 'negated', of: 0 }] },
    'there are none',
  ],
  [
    'negatedTwins',
    'error',
    {
      'experts.perLayer': {
        2: [
          { kind: 'ffn', hidden: 4 },
          { kind: 'negated', of: 1 },
        ],
      },
    },
    'of layer 2',
  ],
  ['ownSpaces', 'error', { 'experts.perLayer': { 4: [zero] }, 'router.K': 1 }, 'layer 4'],
  [
    'ownSpaces',
    'warning',
    { 'experts.perLayer': { 0: [zero] }, 'model.arrangement': '1dense' },
    'is dense',
  ],
  ['lossesWithEffect', 'warning', { 'losses.ternary.alpha1': 0.01 }, 'negated'],
  ['lossesWithEffect', 'warning', { 'losses.reward.alpha2': 0.01 }, 'reward'],
  ['warmup', 'error', { 'optimizer.warmup': 2001 }, '2001'],
  ['learningRates', 'warning', { 'optimizer.minLr': 0.01 }, '0.01'],
  [
    'eventOrder',
    'error',
    {
      events: [
        [9, {}],
        [3, {}],
      ],
    },
    'step 3',
  ],
  ['eventPaths', 'error', { events: [[3, { 'model.D': 64 }]] }, 'model.D'],
  ['eventsInRun', 'warning', { events: [[2001, { 'router.tau': 1 }]] }, '2001'],
  [
    'eventHashTables',
    'warning',
    {
      'router.selection': 'hash',
      'losses.switch.alpha': null,
      events: [[7, { 'router.K': 3 }]],
    },
    'at step 7: with K changed, hash layers send tokens by new tables',
  ],
  ['warmup', 'error', { events: [[3, { 'optimizer.warmup': 3000 }]] }, 'from step 3 on'],
];

test.each(cases)('%s (%s) %j', (rule, severity, change, says) => {
  const found = check(change).filter((problem) => problem.rule === rule);
  expect(found.map((problem) => problem.severity)).toContain(severity);
  expect(found.map(({ message }) => message).join('\n')).toContain(says);
});

test('every suggested fix removes what it is suggested for', () => {
  for (const [rule, , change] of cases) {
    const experiment = applyChange(DEFAULTS_V1, change);
    for (const problem of checkConstraints(experiment)) {
      if (problem.rule !== rule || problem.fix === undefined) continue;
      const after = checkConstraints(applyChange(experiment, problem.fix.change));
      expect(after.map(({ message }) => message)).not.toContain(problem.message);
    }
  }
});

test('a long event list is walked once, each broken rule told once', () => {
  const events = Array.from({ length: 3000 }, (_, i) => [(i >> 1) + 1, { 'router.K': 1 }]);
  const started = performance.now();
  expect(check({ events })).toHaveLength(1);
  expect(performance.now() - started).toBeLessThan(3000);
});

test('a live change that breaks a rule is told before it is recorded', () => {
  expect(checkChange(DEFAULTS_V1, { 'optimizer.warmup': 3000 }).map(({ rule }) => rule)).toEqual([
    'warmup',
  ]);
  expect(checkChange(DEFAULTS_V1, { 'router.K': 1 })).toEqual([]);
});

test('no preset breaks a rule', () => {
  for (const { id, experiment } of PRESETS)
    expect([id, checkConstraints(experiment)]).toEqual([id, []]);
});

const hashed = (change: Change, more: Change = {}) =>
  check({
    'router.selection': 'hash',
    'losses.switch.alpha': null,
    events: [[7, change]],
    ...more,
  }).filter(({ rule }) => rule === 'eventHashTables');

test('new hash tables are told where slots come, go or change places, not where they stay', () => {
  const { experts } = DEFAULTS_V1;
  const change = (edit: SpaceEdit) => {
    const planned = planChange(experts, addToPlan(emptyPlan(experts), 'all', edit));
    if (planned === null) throw new Error('nothing planned');
    return planned;
  };
  expect(hashed(change(setWidth(0, 64)))).toEqual([]);
  expect(hashed(change(removeSlot(0)))).toHaveLength(1);
  expect(hashed(change(reorder([1, 0, 2, 3, 4, 5, 6, 7])))).toHaveLength(1);
  const isAll = { 'router.hashLayers': 1 };
  expect(hashed({ 'router.K': 3 }, isAll)).toHaveLength(1);
});
