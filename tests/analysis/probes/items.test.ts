import { describe, expect, it } from 'vitest';
import { probeItems } from '../../../src/analysis/probes/items.ts';
import type { ProbeDomain, ProbeSettings } from '../../../src/analysis/probes/probe.ts';

/** Golden cases hold most rules of the items; here is what they leave open. */

const settings: ProbeSettings = {
  seed: 1,
  items: {},
  S: 256,
  encode: (text) => new TextEncoder().encode(text),
  ids: [10, 32, 97],
};

const domain = (validation: readonly string[], training: readonly string[] = []): ProbeDomain => ({
  name: 'prose',
  training,
  validation,
});
const itemsOf = (text: string, change: Partial<ProbeSettings> = {}) =>
  probeItems([domain([text])], { ...settings, ...change });

const FILLER = 'one two three four five six seven eight nine ten eleven twelve thirteen ';

describe('lastWord', () => {
  const asked = (text: string) => itemsOf(text).items.lastWord.map(({ answer }) => answer);

  it('asks for a word that ends a sentence and was said before', () => {
    expect(asked(`${FILLER}seven.`)).toEqual([' seven']);
    expect(asked(`${FILLER}seven! `)).toEqual([' seven']);
    // Not said before, too short, not at an end, followed by a letter, two spaces, a number in it.
    for (const end of ['fourteen.', 'an an.', 'seven,', 'seven.x', ' seven.', 'seven7 seven7.'])
      expect(asked(FILLER + end), end).toEqual([]);
  });

  it('wants 64 characters before the word, and the earlier one within 512', () => {
    const said = (n: number) => `seven ${'x'.repeat(n - 7)} seven.`;
    expect(asked(said(63))).toEqual([]);
    expect(asked(said(64))).toEqual([' seven']);
    expect(asked(said(513))).toEqual([' seven']);
    expect(asked(said(514))).toEqual([]);
  });

  it('cuts prompts to what leaves room for the answer, and leaves out what has none', () => {
    const [item] = itemsOf(`${FILLER}seven.`, { S: 30 }).items.lastWord;
    expect(item).toMatchObject({ most: 10, promptTokens: 20 });
    const none = itemsOf(`${FILLER}seven.`, { S: 10 });
    expect(none.items.lastWord).toEqual([]);
    expect(none.leftOut.lastWord).toEqual({ tokens: 1 });
  });
});

describe('arithmetic', () => {
  it('skips what any domain’s training has, and the first line of a document', () => {
    const domains = [
      domain(['1 + 1 = 2\n2 * 2 = 4\n3 - 4 = -1\n1 = 1']),
      { ...domain([], ['2 * 2 = 4']), name: 'other' },
    ];
    const { items, candidates } = probeItems(domains, settings);
    expect(candidates.arithmetic).toEqual({ prose: 2, other: 0 });
    expect(items.arithmetic.map(({ answer, operator }) => [answer, operator])).toEqual([
      [' -1', '-'],
      [' 1', 'other'],
    ]);
    expect(items.arithmetic[1]!.prompt).toBe('1 + 1 = 2\n2 * 2 = 4\n3 - 4 = -1\n1 =');
  });
});

describe('choices', () => {
  it('leaves out what has no other text to choose', () => {
    const block = (word: string) =>
      `${word.repeat(40).slice(0, 100)} ${word.repeat(20).slice(0, 59)}`;
    const one = itemsOf(block('abc'));
    expect(one.candidates.cloze4).toEqual({ prose: 1 });
    expect(one.leftOut).toMatchObject({ cloze4: { options: 1 }, domainChoice: { options: 1 } });
    // The same continuation in another domain is no other text.
    const two = [domain([block('abc')]), { ...domain([block('abc')]), name: 'other' }];
    expect(probeItems(two, settings).leftOut.domainChoice).toEqual({ options: 2, tokens: 0 });
    const three = [...two, { ...domain([block('xyz')]), name: 'third' }];
    const { items } = probeItems(three, settings);
    expect(items.domainChoice.map(({ options }) => options.length)).toEqual([2, 2, 2]);
    for (const { options, true: place, domain: name } of items.domainChoice)
      expect(options[place]!.includes('x')).toBe(name === 'third');
  });
});

describe('induction', () => {
  it('is as long as a pass allows, and has no items below two ids or without any', () => {
    const of = (change: Partial<ProbeSettings>) => itemsOf('', change).items.induction;
    expect(of({ S: 256 })).toMatchObject({ m: 32, ids: 3 });
    expect(of({ S: 256 }).sequences).toHaveLength(16);
    expect(of({ S: 4 }).m).toBe(2);
    expect(of({ S: 2 })).toEqual({ m: 1, ids: 3, sequences: [] });
    expect(of({ ids: [] })).toEqual({ m: 32, ids: 0, sequences: [] });
  });
});

it('makes nothing of no text', () => {
  const { candidates, items } = itemsOf('');
  expect(candidates).toEqual({
    lastWord: { prose: 0 },
    cloze4: { prose: 0 },
    arithmetic: { prose: 0 },
  });
  expect([items.lastWord, items.cloze4, items.arithmetic, items.domainChoice]).toEqual([
    [],
    [],
    [],
    [],
  ]);
});
