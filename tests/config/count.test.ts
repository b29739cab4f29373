import { expect, it } from 'vitest';
import { count } from '../../src/config/count.ts';

it('lets the noun follow its number', () => {
  expect(count(1, 'token')).toBe('1 token');
  expect(count(0, 'token')).toBe('0 tokens');
  expect(count(1024, 'token')).toBe('1,024 tokens');
  expect(count(1, 'policy', 'policies')).toBe('1 policy');
  expect(count(2, 'policy', 'policies')).toBe('2 policies');
});
