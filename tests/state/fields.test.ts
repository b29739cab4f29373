import { expect, it } from 'vitest';
import { idOrNone, ids } from '../../src/state/fields.ts';

it('ids keep what is one, in order and once, and are read as they are written', () => {
  const field = ids(['ce'], 3, 'both');
  expect(field.check(['a.b', 'a.b', 'c', '<b>', 7, '__proto__', 'd', 'e'])).toEqual([
    'a.b',
    'c',
    'd',
  ]);
  expect(field.check('a')).toBeUndefined();
  expect(field.read(field.write(['setting.router.K', 'last.ce']))).toEqual([
    'setting.router.K',
    'last.ce',
  ]);
  expect(field.read('')).toEqual([]);
  expect(field.write(['a', 'b'])).toMatch(/^[\w.,:~-]*$/);
});

it('an id may be none, and no other text', () => {
  const field = idOrNone('both');
  expect(field.read('router.K')).toBe('router.K');
  expect(field.read('')).toBe('');
  expect(field.read('a b')).toBeUndefined();
  expect(field.check(3)).toBeUndefined();
});
