import { useMemo } from 'react';
import type { EffectVerdict } from '../../../recipes/judge.ts';
import type { FigureRun } from '../../kit/figure/exportFigure.ts';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { Intervals } from '../../kit/figure/Intervals.tsx';
import { drawnSide, effectsTable, intervalsOf, sideText } from './effects.ts';
import { VerdictWords } from './VerdictWords.tsx';
import { effectText, formatOf, intervalText, valueText } from './words.ts';

/** What a word rests on where it is no mean over seeds, by name. */
function factsOf({ judged, unit }: EffectVerdict): (readonly [string, string])[] {
  switch (judged.test) {
    case 'refused':
      return [['not tested', judged.message]];
    case 'share': {
      const { hits, n, share, d, p, interval95 } = judged;
      return [
        ['hits', `${hits} of ${n} seeds, ${valueText(share, 'share')}`],
        ['95 % interval', intervalText(interval95, 'share')],
        ['by chance', valueText(share - d, 'share')],
        ['p', valueText(p, 'none')],
      ];
    }
    case 'optimum':
      return [
        [
          'means',
          judged.settings
            .map((at, i) => `${at}: ${valueText(judged.means[i] ?? null, unit)}`)
            .join('; '),
        ],
        ['best inside', String(judged.best)],
        ...judged.ends.map(
          ({ setting, d, s, interval95, p }) =>
            [
              `end ${setting} − best`,
              `${effectText(d, unit)} (${intervalText(interval95, unit)}), s ${valueText(s, unit)}, p ${valueText(p, 'none')}`,
            ] as const,
        ),
        ['seeds', judged.seeds.join(', ')],
      ];
    case 'parts':
      return [
        ...judged.parts.map(
          ({ label, d, s, n, interval95, p, adjusted, words, unit }) =>
            [
              label,
              `${effectText(d, unit)} (${intervalText(interval95, unit)}), s ${valueText(s, unit)}, n ${n}, p ${valueText(p, 'none')}${adjusted === null ? '' : `, after Holm ${valueText(adjusted, 'none')}`}: ${words.join(', ')}`,
            ] as const,
        ),
        ...judged.refused.map(({ label, message }) => [label, `not tested: ${message}`] as const),
      ];
    default: {
      const { d, s, n, t, p, tost, interval95, interval90, findable, zeroSpread } = judged;
      return [
        ['mean over seeds d', effectText(d, unit)],
        ['deviation s, seeds n', `${valueText(s, unit)}, ${n}`],
        [
          '95 % interval',
          zeroSpread ? 'the point: all seeds are equal' : intervalText(interval95, unit),
        ],
        ['90 % interval', zeroSpread ? 'the point' : intervalText(interval90, unit)],
        ['t, p', `${t === null ? 'none' : valueText(t, 'none')}, ${valueText(p, 'none')}`],
        ...(tost === null
          ? []
          : [
              [
                'p of equivalence',
                tost.map((one) => valueText(one, 'none')).join(' and '),
              ] as const,
            ]),
        [`smallest difference that ${n} seeds find`, valueText(findable, unit)],
        [
          'values',
          judged.seeds
            .map((seed, i) => `seed ${seed}: ${valueText(judged.values[i] ?? null, unit)}`)
            .join('; '),
        ],
      ];
    }
  }
}

interface EffectProps {
  effect: EffectVerdict;
  /** Name of its files. */
  name: string;
  onPapersSide: boolean;
  runs: readonly FigureRun[];
  /** Whether its numbers stand below the drawing. */
  isPrimary: boolean;
}

/** One effect: where it lies, its word, and every number that the word rests on. */
export function Effect({ effect, name, onPapersSide, runs, isPrimary }: EffectProps) {
  const { label, unit, margin, words, leftOut } = effect;
  const rows = useMemo(() => intervalsOf(effect), [effect]);
  const facts = useMemo(() => factsOf(effect), [effect]);
  const side = drawnSide(effect);
  return (
    <div className="claims-effect-box" data-effect={effect.id}>
      {rows.length > 0 && (
        <FigureFrame
          name={name}
          title={isPrimary ? `Primary effect: ${label}` : label}
          caption={() =>
            `${label}: mean over seeds with its 95 % and 90 % intervals; ${facts.map(([of, says]) => `${of}: ${says}`).join('; ')}.`
          }
          table={() => effectsTable([effect])}
          runs={runs}
        >
          <Intervals
            of={rows}
            format={formatOf(unit)}
            quantity={unit === 'none' ? 'effect' : `effect, ${unit}`}
            names={['95 % interval', '90 % interval']}
            {...(side !== null && {
              sides:
                side === '<'
                  ? (['← the paper’s side', 'against it →'] as const)
                  : (['← against it', 'the paper’s side →'] as const),
            })}
          />
        </FigureFrame>
      )}
      {rows.length === 0 && <h4>{isPrimary ? `Primary effect: ${label}` : label}</h4>}
      <p className="claims-line">
        <VerdictWords words={words} onPapersSide={onPapersSide} />{' '}
        <span className="muted">
          paper’s side: {sideText(effect)}
          {margin === null ? '' : `; margin ±${valueText(margin, unit)}`}
        </span>
      </p>
      <details className="claims-numbers" open={isPrimary}>
        <summary>Numbers it rests on</summary>
        <dl>
          {facts.map(([of, says]) => (
            <div key={of}>
              <dt>{of}</dt>
              <dd className="num">{says}</dd>
            </div>
          ))}
          {leftOut.map(({ seed, why }) => (
            <div key={seed}>
              <dt>seed {seed} left out</dt>
              <dd>{why}</dd>
            </div>
          ))}
        </dl>
      </details>
    </div>
  );
}
