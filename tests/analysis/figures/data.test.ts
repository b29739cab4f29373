/** Domains, classes, deciles, vocabulary and bits: figures by what the tokens are. */
import { describe, expect, it } from 'vitest';
import { bits } from '../../../src/analysis/figures/bits.ts';
import { classes } from '../../../src/analysis/figures/classes.ts';
import { deciles, decilesOf } from '../../../src/analysis/figures/deciles.ts';
import { domains } from '../../../src/analysis/figures/domains.ts';
import { classOf, tokenText } from '../../../src/analysis/figures/tokenClass.ts';
import { vocabulary } from '../../../src/analysis/figures/vocabulary.ts';
import { inspectionOf } from './support.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('domains', () => {
  const domainNames = ['prose', 'code', 'none'];
  const kinds = ['ffn', 'zero'] as const;

  it('tells everything where slots are domains, and leaves out a domain without tokens', () => {
    const slots = [[0], [0], [1], [1]];
    const given = { domainNames, domains: [0, 0, 1, 1], ce: [1, 2, 3, 5] };
    const inspection = inspectionOf({ ...given, layers: [{ kinds, slots }] });
    const { values, layers } = domains.compute({ inspection }, {});
    expect([...values.tokens.data]).toEqual([2, 2, 0]);
    expect([...values.ce.data]).toEqual([1.5, 4, Number.NaN]);
    const of = layers[0]!.values;
    expect([...of.counts.data]).toEqual([2, 0, 0, 2, 0, 0]);
    expect(of.mutualInformation).toBeCloseTo(Math.LN2, 14);
    expect(of.normalised).toBeCloseTo(1, 14);
    expect([...of.specialisation.data]).toEqual([1, 0, 0, 1, Number.NaN, Number.NaN]);
    expect([...of.lift.data]).toEqual([2, 0, 0, 2, Number.NaN, Number.NaN]);
    expect([...of.kindRatio.data.subarray(0, 3)]).toEqual([1, 0, 0]);
    expect([...of.kindPerToken.data.subarray(10)]).toEqual(Array(5).fill(Number.NaN));
  });

  it('has no normalised information on one domain, or through one slot', () => {
    const slots = [[0], [1]];
    const one = inspectionOf({ domainNames, domains: [0, 0], layers: [{ kinds, slots }] });
    const ofOne = domains.compute({ inspection: one }, {}).layers[0]!.values;
    expect(ofOne.mutualInformation).toBe(0);
    expect(ofOne.normalised).toBeNaN();
    const layers = [{ kinds, slots: [[1], [1]] }];
    const single = inspectionOf({ domainNames, domains: [0, 1], layers });
    expect(domains.compute({ inspection: single }, {}).layers[0]!.values.normalised).toBeNaN();
  });

  it('stands without MoE layers', () => {
    const inspection = inspectionOf({ domainNames, domains: [1, 1], ce: [1, 2] });
    const { values, layers } = domains.compute({ inspection }, {});
    expect([...values.ce.data]).toEqual([Number.NaN, 1.5, Number.NaN]);
    expect(layers).toEqual([]);
  });
});

describe('classes', () => {
  const classBehind = (text: string | Uint8Array, before: string | Uint8Array | null) => {
    const of = (one: string | Uint8Array) => tokenText(typeof one === 'string' ? bytes(one) : one);
    return classOf(of(text), before === null ? null : of(before));
  };

  it.each([
    [' ', null, 'whitespace'],
    ['\t\u00a0\u3000', 'a', 'whitespace'],
    [' \n', 'a', 'newline'],
    ['\r', 'a', 'newline'],
    ['\u0085', null, 'newline'],
    ['\u2028', null, 'newline'],
    ['\u001f', null, 'other'],
    ['\u200b', 'a', 'other'],
    ['\ufeffa', 'a', 'other'],
    [' 7x', 'a', 'digit'],
    ['Ⅷ', null, 'digit'],
    ['.', 'a', 'punctuation'],
    [' +', 'a', 'punctuation'],
    ['a', null, 'wordStart'],
    [' a', 'b', 'wordStart'],
    ['a', ' ', 'wordStart'],
    ['a', '.', 'wordStart'],
    ['a', '', 'wordStart'],
    ['a', 'b', 'wordInside'],
    ['a', '12', 'wordInside'],
    ['a', '.b', 'wordInside'],
    ['\u0301', 'e', 'wordInside'],
    ['\u0301', null, 'wordStart'],
    ['中', '中', 'wordInside'],
    ['', 'a', 'other'],
  ] as const)('%j behind %j is %s', (text, before, expected) => {
    expect(classBehind(text, before)).toBe(expected);
  });

  it('goes on behind bytes that are no characters, which are other themselves', () => {
    const half = Uint8Array.of(0xc3);
    expect(classBehind(half, 'a')).toBe('other');
    expect(classBehind('a', half)).toBe('wordInside');
    // A surrogate and a character that is longer than it need be.
    expect(classBehind(Uint8Array.of(0xed, 0xa0, 0x80), null)).toBe('other');
    expect(classBehind(Uint8Array.of(0xc0, 0xaf), null)).toBe('other');
  });

  it('begins every sequence anew, and takes the input as what is before the target', () => {
    const texts = [bytes('a'), bytes(' '), bytes('.')];
    const inspection = inspectionOf({
      B: 2,
      S: 2,
      tokens: [0, 0, 0, 1],
      targets: [0, 2, 1, 0],
      ce: [1, 2, 3, 5],
      layers: [{ kinds: ['ffn', 'zero'], slots: [[0], [0, 1], [1], [1]] }],
    });
    const { values, layers } = classes.compute({ inspection, texts }, {});
    expect([...values.class.data]).toEqual([4, 5, 4, 0]);
    expect([...values.tokens.data]).toEqual([1, 0, 0, 0, 2, 1, 0]);
    expect(values.ce.data[4]).toBe(2);
    expect(values.ce.data[1]).toBeNaN();
    // Targets: "a" behind "a", ".", " ", "a" behind " ".
    expect([...values.ceOfTarget.data]).toEqual([3, NaN, NaN, 2, 5, 1, NaN]);
    expect([...values.computing.data]).toEqual([0, NaN, NaN, NaN, 0.5, 1, NaN]);
    expect([...layers[0]!.values.counts.data]).toEqual([0, 1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0]);
  });

  it('has classes, but no computing experts, without MoE layers; and needs texts', () => {
    const inspection = inspectionOf({ tokens: [0], ce: [1] });
    const { values } = classes.compute({ inspection, texts: [bytes('1')] }, {});
    expect(values.ce.data[2]).toBe(1);
    expect([...values.computing.data]).toEqual(Array(7).fill(Number.NaN));
    // A token without a text is empty.
    expect([...classes.compute({ inspection, texts: [] }, {}).values.class.data]).toEqual([6]);
    expect(() => classes.compute({ inspection }, {})).toThrow('texts');
  });
});

describe('deciles', () => {
  it('puts 0 … 10 into ten, the last two together', () => {
    const ce = Float32Array.from({ length: 11 }, (_, u) => 10 - u);
    const { thresholds, decile } = decilesOf({ ce });
    expect([...thresholds]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    // Not above the threshold is below it.
    expect([...decile]).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0]);
  });

  it('leaves deciles empty where losses are equal', () => {
    const layers = [{ kinds: ['ffn', 'zero'] as const, slots: [[0], [0], [1], [1]] }];
    const inspection = inspectionOf({ ce: [2, 2, 2, 2], layers });
    const { values, layers: of } = deciles.compute({ inspection }, {});
    expect([...values.tokens.data]).toEqual([4, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect([...values.ce.data]).toEqual([2, ...Array(9).fill(Number.NaN)]);
    expect([...values.width.data]).toEqual([4, ...Array(9).fill(Number.NaN)]);
    expect(of[0]!.values.computing.data[0]).toBe(0.5);
    expect(of[0]!.values.counts.data.subarray(0, 2)).toEqual(Int32Array.of(2, 2));
  });

  it('sums widths over layers as the workload does', () => {
    const kinds = ['ffn', 'ffn'] as const;
    const inspection = inspectionOf({
      ce: [1, 2],
      layers: [
        { kinds, hidden: [4, 8], slots: [[0], [1]] },
        { kinds, hidden: [4, 8], slots: [[0, 1], [1]], dropped: [[0, 1], [1]] },
      ],
    });
    const { width, computing } = deciles.compute({ inspection }, {}).values;
    expect([width.data[0], width.data[9]]).toEqual([4, 8]);
    expect([computing.data[0], computing.data[9]]).toEqual([1, 0.5]);
  });

  it('is undefined without tokens, and without layers where it asks for them', () => {
    const none = deciles.compute({ inspection: inspectionOf({ S: 0 }) }, {}).values;
    expect([...none.thresholds.data]).toEqual(Array(9).fill(Number.NaN));
    const dense = deciles.compute({ inspection: inspectionOf({ ce: [1, 2] }) }, {}).values;
    expect([...dense.tokens.data]).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    expect([...dense.width.data, ...dense.computing.data]).toEqual(Array(20).fill(Number.NaN));
  });
});

describe('vocabulary', () => {
  const args = { by: 'input', minCount: 1, top: 2 } as const;
  const tokens = [5, 5, 3, 3, 9, 7];
  const layers = [{ kinds: ['ffn', 'ffn', 'ffn'] as const, slots: [[0], [1], [1], [1], [1], [0]] }];

  it('takes the lower slot of equal shares, and lists ids by share, number, then id', () => {
    const inspection = inspectionOf({ tokens, layers });
    const { values, layers: of } = vocabulary.compute({ inspection }, args);
    expect([...values.ids.data]).toEqual([3, 5, 7, 9]);
    const { share, slots, mean, bySlot, lift } = of[0]!.values;
    expect([...share.data]).toEqual([1, 0.5, 1, 1]);
    expect([...slots.data]).toEqual([1, 0, 0, 1]);
    expect(mean).toBe(0.875);
    // Slot 1: ids 3 (2 of 2) and 9 (1 of 1) before 5 (1 of 2); slot 2 has none.
    expect([...bySlot.data]).toEqual([7, 5, 3, 9, -1, -1]);
    expect([...lift.data]).toEqual([3, 1.5, 1.5, 1.5, NaN, NaN]);
  });

  it('has no mean where no id occurs often enough', () => {
    const inspection = inspectionOf({ tokens, layers });
    const { values, layers: of } = vocabulary.compute({ inspection }, { ...args, minCount: 3 });
    expect(values.ids).toEqual({ shape: [0], data: new Int32Array() });
    expect(of[0]!.values.mean).toBeNaN();
    expect([...of[0]!.values.bySlot.data]).toEqual(Array(6).fill(-1));
  });

  it('goes by targets, and refuses what makes no list', () => {
    const inspection = inspectionOf({ tokens, targets: [1, 1, 1, 1, 1, 1], layers });
    const { values } = vocabulary.compute({ inspection }, { ...args, by: 'target' });
    expect([...values.ids.data]).toEqual([1]);
    expect(() => vocabulary.compute({ inspection }, { ...args, minCount: 0 })).toThrow(
      'minCount 0',
    );
    expect(() => vocabulary.compute({ inspection }, { ...args, top: -1 })).toThrow('top -1');
  });
});

describe('bits', () => {
  it('counts the targets’ bytes and characters, none for an id without a text', () => {
    const texts = [bytes('é'), Uint8Array.of(0xa9), bytes('ab')];
    const ln2 = Math.fround(Math.LN2);
    const inspection = inspectionOf({ targets: [0, 1, 2, 8], ce: [ln2, ln2, ln2, ln2] });
    const { values } = bits.compute({ inspection, texts }, {});
    expect(values).toMatchObject({ tokens: 4, bytes: 5, characters: 3 });
    expect(values.bitsPerToken).toBeCloseTo(1, 6);
    expect(values.bitsPerByte).toBeCloseTo(4 / 5, 6);
    expect(values.bitsPerCharacter).toBeCloseTo(4 / 3, 6);
    expect(values.perplexity).toBeCloseTo(2, 6);
  });

  it('is undefined by characters that are not there, and by no tokens', () => {
    const inspection = inspectionOf({ targets: [0], ce: [1] });
    expect(bits.compute({ inspection, texts: [Uint8Array.of(0x80)] }, {}).values).toMatchObject({
      bytes: 1,
      bitsPerByte: 1 / Math.LN2,
      bitsPerCharacter: NaN,
    });
    const none = bits.compute({ inspection: inspectionOf({ S: 0 }), texts: [] }, {}).values;
    expect([none.ce, none.perplexity, none.bitsPerByte]).toEqual([NaN, NaN, NaN]);
  });
});
