import { expect, it } from 'vitest';
import { counted } from '../../src/config/plural.ts';

it('lets the noun follow its number', () => {
  expect(counted(1, 'token')).toBe('1 token');
  expect(counted(0, 'token')).toBe('0 tokens');
  expect(counted(1024, 'token')).toBe('1,024 tokens');
  expect(counted(1, 'policy', 'policies')).toBe('1 policy');
  expect(counted(2, 'policy', 'policies')).toBe('2 policies');
});
