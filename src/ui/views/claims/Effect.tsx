import { useMemo } from 'react';
import { counted } from '../../../config/plural.ts';
import type { EffectVerdict, JudgedPart } from '../../../recipes/judge.ts';
import type { FigureRun } from '../../kit/figure/exportFigure.ts';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { Intervals } from '../../kit/figure/Intervals.tsx';
import { drawnSide, effectsTable, intervalsOf, sideText } from './effects.ts';
import { VerdictWords } from './VerdictWords.tsx';
import { effectText, formatOf, intervalText, sayPartWords, saySeeds, valueText } from './words.ts';

/** A part with all that its own words rest on; a check has no test. */
function partText(part: JudgedPart): string {
  const { d, s, n, interval95, interval90, p, adjusted, unit, inside, margin, deciding } = part;
  const mean = `${effectText(d, unit)} (${intervalText(interval95, unit)}), s ${valueText(s, unit)}, n ${n}`;
  const holm = adjusted === null ? '' : `, after Holm ${valueText(adjusted, 'none')}`;
  const test = inside === null ? `, p ${valueText(p, 'none')}${holm}` : '';
  const beside =
    inside === null && margin !== null
      ? `, 90 % ${intervalText(interval90, unit)} against ±${valueText(margin, unit)}`
      : '';
  const more = deciding === null ? '' : ` (${counted(deciding - n, 'more seed')} would decide)`;
  return `${mean}${beside}${test}: ${sayPartWords(part)}${more}`;
}

/** What a word rests on where it is no mean over seeds, by name. */
function numbersOf({ judged, unit }: EffectVerdict): (readonly [string, string])[] {
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
        ...judged.parts.map((part) => [part.label, partText(part)] as const),
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

/** The numbers, and the seeds that would decide. */
function factsOf(effect: EffectVerdict): (readonly [string, string])[] {
  const { judged } = effect;
  const isOpen = judged.test !== 'refused' && judged.test !== 'parts' && judged.deciding !== null;
  const more = isOpen ? (judged.deciding ?? 0) - judged.n : 0;
  return [
    ...numbersOf(effect),
    ...(isOpen ? [['would decide', counted(more, 'more seed')] as const] : []),
  ];
}

/** The words of an effect; parts that are only listed have their own, and a check none. */
function EffectWords({ effect, onPapersSide }: Pick<EffectProps, 'effect' | 'onPapersSide'>) {
  const { words, judged } = effect;
  if (words.length > 0) return <VerdictWords words={words} onPapersSide={onPapersSide} />;
  if (judged.test !== 'parts') return <span className="tag warn">not tested</span>;
  return (
    <ul className="claims-parts">
      {judged.parts.map((part) => (
        <li key={part.id}>
          {part.label}{' '}
          {part.inside === null ? (
            <VerdictWords words={part.words} onPapersSide={false} />
          ) : (
            <span className={part.inside ? 'tag' : 'tag warn'}>{sayPartWords(part)}</span>
          )}
          {part.adjusted !== null && (
            <span className="muted num"> p after Holm {valueText(part.adjusted, 'none')}</span>
          )}
        </li>
      ))}
      {judged.refused.map(({ id, label }) => (
        <li key={id}>
          {label} <span className="muted">not tested</span>
        </li>
      ))}
    </ul>
  );
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
  const { label, unit, margin, leftOut, placesLeftOut } = effect;
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
      <div className="claims-line">
        <EffectWords effect={effect} onPapersSide={onPapersSide} />
        <span className="muted">
          paper’s side: {sideText(effect)}
          {margin === null ? '' : `; margin ±${valueText(margin, unit)}`}
        </span>
      </div>
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
          {placesLeftOut.map(({ label, seeds }) => (
            <div key={label}>
              <dt>{label} left out</dt>
              <dd>undefined in {saySeeds(seeds)}</dd>
            </div>
          ))}
        </dl>
      </details>
    </div>
  );
}
