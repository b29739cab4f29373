/** Verdicts and effects in words, with their numbers. */
import type { FigureFormat } from '../../../analysis/figures/figure.ts';
import type { Axis, Side, Unit } from '../../../recipes/recipe.ts';
import type { Headline, Summary } from '../../../recipes/recordedIndex.ts';
import type { Word } from '../../../recipes/statistics/effect.ts';
import { minus } from '../../kit/figure/formats.ts';
import { formatShort } from '../../kit/format.ts';

export const WORD_LOOKS: Readonly<Record<Word, { glyph: string; className: string }>> = {
  agrees: { glyph: '✓', className: 'tag good' },
  equivalent: { glyph: '≈', className: 'tag accent' },
  disagrees: { glyph: '✗', className: 'tag bad' },
  undecided: { glyph: '?', className: 'tag warn' },
};

export { claimName, sayPartWords, saySeeds } from '../../../recipes/claimsText.ts';

/** How numbers of a unit are drawn. */
export function formatOf(unit: Unit): FigureFormat {
  return unit === 'share' || unit === 'ratio' ? 'percent' : 'units';
}

const UNIT_WORDS: Partial<Record<Unit, string>> = { nats: ' nats', bits: ' bits', ms: ' ms' };

/** What an axis holds, with its unit where numbers alone do not tell: "time, ms". */
export function axisLabel({ label, unit }: Axis): string {
  const word = UNIT_WORDS[unit];
  return word === undefined || label.includes(word) || label.startsWith(word.trim())
    ? label
    : `${label},${word}`;
}

/** A value of an effect in three digits: "0.0312", "3.1 %". */
export function valueText(value: number | null, unit: Unit): string {
  if (value === null || !Number.isFinite(value)) return '–';
  if (formatOf(unit) === 'percent') return `${minus(formatShort(100 * value))} %`;
  return minus(formatShort(value));
}

/** The same with its sign and its unit. */
export function effectText(value: number, unit: Unit): string {
  const sign = value > 0 ? '+' : '';
  return `${sign}${valueText(value, unit)}${UNIT_WORDS[unit] ?? ''}`;
}

export function intervalText([low, high]: readonly [number, number], unit: Unit): string {
  return `${valueText(low, unit)} to ${valueText(high, unit)}`;
}

/** The primary effect in a line. */
export function headlineText(headline: Headline): string {
  switch (headline.kind) {
    case 'mean': {
      const { d, interval, unit } = headline;
      return `${effectText(d, unit)} (${intervalText(interval, unit)})`;
    }
    case 'best':
      return `best inside at ${formatShort(headline.at)}`;
    case 'share':
      return `${headline.hits} of ${headline.n} seeds; by chance ${valueText(headline.chance, 'share')}`;
    case 'parts':
      return `${headline.agreeing} of ${headline.of} parts agree`;
    case 'refused':
      return headline.message;
  }
}

/** "3 seeds, quick". */
export function seedsText({ seeds, budget }: Pick<Summary, 'seeds' | 'budget'>): string {
  return `${seeds.length} ${seeds.length === 1 ? 'seed' : 'seeds'}, ${budget}`;
}

/** What the paper's side of an effect is. */
export const SIDE_WORDS: Readonly<Record<Side, string>> = {
  '<': 'below 0',
  '>': 'above 0',
  none: 'no difference',
};
