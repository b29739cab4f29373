import { expect, it } from 'vitest';
import type { Inspection } from '../../src/analysis/inspection.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import type { Change } from '../../src/config/experiment.ts';
import { lookOf, type Side } from '../../src/state/looks/looked.ts';
import { lookNote, lookSentence } from '../../src/ui/kit/lookWords.ts';

it('says of a look that one of its models looks at later tokens', () => {
  const changed = [[6, { 'router.selection': 'expertChoice' }]] as const;
  const sideOf = (events: typeof DEFAULTS_V1.events, step: number) => {
    const source = { head: { experiment: { ...DEFAULTS_V1, events } } };
    return { side: { source }, look: { step } } as unknown as Parameters<
      typeof lookNote
    >[0][number];
  };
  expect(lookNote([sideOf([], 9), sideOf(changed, 4)])).toBe('');
  expect(lookNote([sideOf([], 9), sideOf(changed, 5)])).toBe(', not causal');
  expect(lookNote([])).toBe('');
});

it('says below a figure of a look why it is not causal', () => {
  const sentenceOf = (change: Change, layers = 1) => {
    const experiment = applyChange(DEFAULTS_V1, change);
    const side = { source: { head: { experiment } } } as unknown as Side;
    const layer = { layer: 0, selection: experiment.router.selection };
    const inspection = { tokens: new Int32Array(4096), layers: Array(layers).fill(layer) };
    return lookSentence(lookOf(side, 400, inspection as unknown as Inspection, []));
  };
  const plain = 'After 400 steps, on 4,096 tokens.';
  expect(sentenceOf({})).toBe(plain);
  const choice = { 'router.selection': 'expertChoice' };
  expect(sentenceOf(choice)).toBe(`${plain} Not causal: slots take tokens.`);
  const pools = (evaluation: number | null) => ({ 'router.pool': { size: 4, evaluation } });
  expect(sentenceOf(pools(4))).toBe(`${plain} Not causal: pools see whole sequences.`);
  expect(sentenceOf(pools(null))).toBe(plain);
  expect(sentenceOf(pools(4), 0)).toBe(plain);
});
