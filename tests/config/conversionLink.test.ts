import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { main } from '../../src/cli/link.ts';
import {
  decodeConversionLink,
  encodeConversionLink,
  type LinkedConversion,
} from '../../src/config/conversionLink.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import { parseLadimoSettings } from '../../src/config/ladimoSettings.ts';
import { decodeLink, hasRuns } from '../../src/config/permalink.ts';

const experiment = applyChange(DEFAULTS_V1, { 'model.arrangement': 'dense', 'model.D': 32 });
const settings = parseLadimoSettings({ layers: [2, 3], N: 4, seeds: 3, optimizer: { lr: 0.001 } });
const CONVERSION: LinkedConversion = {
  ...{ experiment, steps: 200, settings, digest: '0123456789abcdef', student: null },
};
const LINK = encodeConversionLink(CONVERSION, [['room', 'convert']]);

/** Published; it keeps its meaning for good. */
const PUBLISHED = readFileSync('tests/fixtures/conversions/published.txt', 'utf8').trim();

it('holds teacher, steps, settings and digest, and opens as the teacher elsewhere', () => {
  expect(decodeConversionLink(`https://host/lab/#${LINK}`)).toEqual({
    conversion: CONVERSION,
    problems: [],
  });
  expect(decodeLink(LINK)).toEqual({ experiment, problems: [] });
  expect(hasRuns(LINK)).toBe(false);
  expect(decodeConversionLink('v=1&D=32').conversion).toBeNull();
});

it('keeps its meaning', () => {
  expect(decodeConversionLink(PUBLISHED)).toEqual({ conversion: CONVERSION, problems: [] });
});

it('gives nothing of a conversion that no check sum vouches for, or that is refused', () => {
  const bare = LINK.slice(LINK.indexOf('&') + 1);
  const { conversion, problems } = decodeConversionLink(bare);
  expect(conversion).toBeNull();
  expect(problems[0]?.message).toContain('without a check sum');
  const cut = decodeConversionLink(LINK.slice(0, -3));
  expect(cut.conversion).toBeNull();
  expect(cut.problems[0]?.message).toContain('cut or changed');
  const wrong = { ...CONVERSION, steps: 1.5 };
  expect(decodeConversionLink(encodeConversionLink(wrong)).problems[0]?.message).toContain(
    'steps: 1.5; it must be a whole number from 0 to 10000000',
  );
});

it('names a student, and refuses one that none can be', () => {
  const student = { layers: [3], domain: 'code', policy: { pu: 0.5, pe: 0.1 } } as const;
  const linkOf = (of: LinkedConversion['student']) =>
    decodeConversionLink(encodeConversionLink({ ...CONVERSION, student: of }));
  expect(linkOf(student).conversion?.student).toEqual(student);
  expect(linkOf({ layers: [3], K: 0 }).problems[0]?.message).toContain('student.K: 0');
});

it('goes through the command and back', async () => {
  let out = '';
  const io = (files: Record<string, string>) => ({
    stdout: (text: string) => {
      out += text;
    },
    stderr: () => {},
    readFile: async (name: string) => files[name] ?? '',
  });
  expect(await main(['decode', LINK], io({}))).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ steps: 200, settings: { layers: [2, 3], seeds: 3 } });
  const file = out;
  out = '';
  expect(await main(['encode', 'c.json'], io({ 'c.json': file }))).toBe(0);
  expect(out.trim()).toBe(LINK);
});
