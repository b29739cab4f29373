import { expect, it } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { lookNote } from '../../src/ui/kit/lookWords.ts';

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
