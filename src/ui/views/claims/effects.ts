/** Effects as a figure draws them, and as tables: every number that a word rests on. */
import type { EffectVerdict } from '../../../recipes/judge.ts';
import type { Unit } from '../../../recipes/recipe.ts';
import type { EffectTest } from '../../../recipes/statistics/effect.ts';
import type { Interval, Span } from '../../kit/figure/Intervals.tsx';
import type { Label } from '../../kit/figure/label.ts';
import type { FigureCell, FigureTable } from '../../kit/figure/table.ts';
import { SIDE_WORDS, sayPartWords } from './words.ts';

function marginSpan(margin: number | null): Span | null {
  return margin === null ? null : [-margin, margin];
}

function rowOf(label: Label, test: EffectTest, margin: number | null): Interval {
  return {
    ...{ category: label, mean: test.d, wide: test.interval95, narrow: test.interval90 },
    ...{ values: test.values, margin: marginSpan(margin) },
  };
}

/** What one effect draws; none where it is no mean over seeds. */
export function intervalsOf({ label, margin, judged }: EffectVerdict): Interval[] {
  switch (judged.test) {
    case 'difference':
    case 'value':
    case 'trend':
      // The figure's title says what a single row is.
      return [rowOf({ label: '', title: label }, judged, margin)];
    case 'parts':
      return judged.parts.map((part) => rowOf(part.label, part, part.margin));
    case 'optimum':
      return judged.ends.map(({ setting, d, interval95 }) => ({
        category: `at ${setting} − at ${judged.best}`,
        ...{ mean: d, wide: interval95, values: [] },
      }));
    default:
      return [];
  }
}

/** Where the paper's side is along what an effect draws; null where it is nowhere, or not the same in all rows. */
export function drawnSide({ side, judged }: EffectVerdict): '<' | '>' | null {
  if (judged.test === 'optimum') return null;
  const sides = judged.test === 'parts' ? judged.parts.map((part) => part.side) : [side];
  const [first] = sides;
  return first === undefined || first === 'none' || sides.some((one) => one !== first)
    ? null
    : first;
}

/** What the paper's side is, as a sentence has it. */
export function sideText({ side, judged }: EffectVerdict): string {
  switch (judged.test) {
    case 'optimum':
      return 'best inside, both ends worse';
    case 'share':
      return side === '<' ? 'below chance' : 'above chance';
    case 'parts': {
      const said = judged.parts.map((part) => SIDE_WORDS[part.side]);
      const isSame = said.every((one) => one === said[0]);
      return isSame
        ? (said[0] ?? '')
        : said.map((one, i) => `${judged.parts[i]?.label} ${one}`).join('; ');
    }
    default:
      return SIDE_WORDS[side];
  }
}

interface Line {
  label: string;
  unit: Unit;
  side: string;
  margin: number | null;
  test: EffectTest;
  adjusted: number | null;
  words: string;
}

function linesOf({ label, unit, side, margin, judged, words }: EffectVerdict): Line[] {
  switch (judged.test) {
    case 'difference':
    case 'value':
    case 'trend':
      return [
        {
          ...{ unit, side: SIDE_WORDS[side], margin, label, test: judged, adjusted: null },
          words: words.join(', '),
        },
      ];
    case 'parts':
      return judged.parts.map((part) => ({
        ...{ unit: part.unit, side: SIDE_WORDS[part.side], margin: part.margin },
        ...{ label: `${label}: ${part.label}`, test: part },
        ...{ adjusted: part.adjusted, words: sayPartWords(part) },
      }));
    default:
      return [];
  }
}

/** Means over seeds with all that their words rest on, and the value of every seed. */
export function effectsTable(effects: readonly EffectVerdict[]): FigureTable {
  const lines = effects.flatMap(linesOf);
  const seeds = [...new Set(lines.flatMap(({ test }) => test.seeds))].sort((a, b) => a - b);
  return {
    columns: [
      { title: 'effect' },
      { title: 'unit' },
      { title: 'paper’s side' },
      { title: 'n', format: 'count' },
      { title: 'd', format: 'units' },
      { title: 's', format: 'units' },
      { title: '95 % from', format: 'units' },
      { title: '95 % to', format: 'units' },
      { title: '90 % from', format: 'units' },
      { title: '90 % to', format: 'units' },
      { title: 't', format: 'units' },
      { title: 'p', format: 'units' },
      { title: 'p after Holm', format: 'units' },
      { title: 'margin', format: 'units' },
      { title: 'p above −margin', format: 'units' },
      { title: 'p below margin', format: 'units' },
      { title: 'words' },
      { title: 'seeds that would decide', format: 'count' },
      { title: 'smallest difference found', format: 'units' },
      ...seeds.map((seed) => ({ title: `seed ${seed}`, format: 'units' as const })),
    ],
    rows: lines.map(({ label, unit, side, margin, test, adjusted, words }): FigureCell[] => [
      ...[label, unit, side, test.n, test.d, test.s],
      ...[...test.interval95, ...test.interval90],
      ...[test.t, test.p, adjusted, margin, ...(test.tost ?? [null, null])],
      ...[words, test.deciding, test.findable],
      ...seeds.map((seed) => test.values[test.seeds.indexOf(seed)] ?? null),
    ]),
  };
}
