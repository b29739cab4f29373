import { expect, it } from 'vitest';
import { fittingExperts } from '../../src/config/ladimoSettings.ts';

it('splits an FFN into as many experts as divide its width, eight at most', () => {
  expect([256, 12, 10, 7, 11, 1].map(fittingExperts)).toEqual([8, 6, 5, 7, 1, 1]);
});
