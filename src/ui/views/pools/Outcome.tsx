import { memo } from 'react';
import {
  type DomainLoss,
  meansOf,
  type PoolsSeed,
  poolsSentence,
  SIDES,
} from '../../../recipes/pools.ts';
import { Bars } from '../../kit/figure/Bars.tsx';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { categoryLook } from '../../kit/figure/scales.ts';
import type { FigureTable } from '../../kit/figure/table.ts';
import { Picker } from '../../kit/Picker.tsx';
import type { PoolsFields } from './fields.ts';
import type { Pair } from './runs.ts';
import { SIDE_NAMES } from './Training.tsx';

interface OutcomeProps {
  seeds: readonly PoolsSeed[];
  domains: readonly string[];
  pairs: readonly Pair[];
  value: PoolsFields;
  set: (part: Partial<PoolsFields>) => void;
}

export function outcomeTable(seeds: readonly PoolsSeed[], domains: readonly string[]): FigureTable {
  const cells = ({ ce, own, others }: DomainLoss) => [ce, own, others];
  return {
    columns: [
      { title: 'seed', format: 'index' },
      { title: 'trained' },
      { title: 'domain' },
      { title: 'loss with all experts, nats', format: 'nats' },
      { title: 'change with its own alone, nats', format: 'nats' },
      { title: 'change with another’s alone, nats', format: 'nats' },
    ],
    rows: seeds.flatMap((of) =>
      SIDES.flatMap((side) => [
        ...domains.map((name, d) => [
          of.seed,
          SIDE_NAMES[side],
          name,
          ...cells(of.losses[side][d] ?? { ce: Number.NaN, own: Number.NaN, others: Number.NaN }),
        ]),
        [of.seed, SIDE_NAMES[side], 'mean', ...cells(meansOf(of).mean[side])],
      ]),
    ),
  };
}

const OF = { own: 'its own experts', others: 'those of another domain' } as const;

function meanOver(seeds: readonly PoolsSeed[], of: (seed: PoolsSeed) => number | undefined) {
  const values = seeds.flatMap((seed) => of(seed) ?? []);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What each domain loses in both models, and what that says. */
export const Outcome = memo(function Outcome({ seeds, domains, pairs, value, set }: OutcomeProps) {
  const sentence = poolsSentence(seeds, value.kept);
  return (
    <>
      <p className="pools-outcome" role="status">
        {sentence}
      </p>
      <FigureFrame
        name="switchyard-pools"
        title={`Change of a domain’s loss with ${OF[value.of]} alone`}
        caption={() => sentence}
        table={() => outcomeTable(seeds, domains)}
        runs={pairs.flatMap(({ runs }) =>
          SIDES.flatMap((side) => {
            const { name, experiment } = runs[side];
            return experiment === null ? [] : [{ name, experiment }];
          }),
        )}
        tools={
          <Picker
            label="Experts that are left"
            value={value.of}
            options={OF}
            choose={(of) => set({ of })}
          />
        }
      >
        <Bars
          categories={domains}
          series={SIDES.map((side, i) => ({
            label: SIDE_NAMES[side],
            values: domains.map((_, d) =>
              meanOver(seeds, ({ losses }) => losses[side][d]?.[value.of]),
            ),
            ...categoryLook(i),
          }))}
          format="nats"
        />
      </FigureFrame>
    </>
  );
});
