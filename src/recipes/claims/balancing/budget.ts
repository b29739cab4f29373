import type { Slot } from '../../../config/experiment.ts';
import { uniform } from '../../../config/presets/build.ts';
import type { Recipe } from '../../recipe.ts';
import {
  computingOf,
  D,
  extra,
  held,
  K_MARGIN,
  lossEffect,
  lossOf,
  minus,
  workload,
} from '../common.ts';
import {
  common,
  curves,
  globalVio,
  lastChurn,
  measurements,
  overview,
  remark,
  shockEffect,
  specialisation,
  vioEffect,
} from './setting.ts';

/** Computing experts per token that the rule aims at, of K = 2; an even load has 4/3. */
const TARGET = 1;

const slots: readonly Slot[] = [...uniform(8, 2 * D), ...extra({ copy: 4 })];

const IDS = ['free', 'budget'];

export const budget: Recipe = {
  ...common,
  name: 'balancing-2',
  number: '2',
  title: 'A budget of computing experts',
  claim:
    'With zero-computation experts a bias holds the number of computing experts per token at its target, whatever the router learns.',
  remark: `${remark} Beside the 8 FFN experts 4 copy their input; the target is ${TARGET} of 2 slots, the baseline the same space without a rule.`,
  base: { ...common.base, 'experts.slots': slots, 'router.gate': 'softmax' },
  variants: [
    { id: 'free', label: 'without a rule', edits: {} },
    {
      id: 'budget',
      label: `a budget of ${TARGET}`,
      edits: { 'router.biasRule': { kind: 'budget', rate: 0.05, computing: TARGET } },
    },
  ],
  held: held(['N', 'Na', 'C', 'D', 'flops']),
  measurements: [...measurements, workload()],
  primary: {
    ...{ id: 'computing', label: `computing experts per token − ${TARGET}, with the budget` },
    ...{ side: 'none', unit: 'count', margin: K_MARGIN, test: 'value' },
    value: minus(computingOf('budget'), TARGET),
  },
  shown: [
    {
      ...{ id: 'free', label: `computing experts per token − ${TARGET}, without a rule` },
      ...{ side: 'none', unit: 'count', margin: K_MARGIN, test: 'value' },
      value: minus(computingOf('free'), TARGET),
    },
    lossEffect('loss', 'L(budget) − L(free)', ['budget', 'free'], '<'),
    vioEffect(
      'vio',
      'MaxVio of all batches, budget − free',
      [globalVio('budget'), globalVio('free')],
      '<',
    ),
    {
      ...{ id: 'churn', label: 'churn at the end, budget − free', side: '>', unit: 'share' },
      ...{ margin: 0.02, marginReason: 'As for other shares between 0 and 1.' },
      ...{ test: 'difference', variant: lastChurn('budget'), reference: lastChurn('free') },
    },
    shockEffect('steps after the shock, budget − free', ['budget', 'free']),
  ],
  figures: [
    {
      id: 'computing',
      title: 'Loss and computing experts per token',
      kind: 'table',
      columns: [
        { label: 'validation loss', unit: 'nats' },
        { label: 'computing experts per token', unit: 'count' },
      ],
      rows: IDS.map((id) => ({ label: id, cells: [lossOf(id), computingOf(id)] })),
    },
    overview(IDS, lossOf),
    specialisation(IDS),
    ...curves(IDS),
  ],
  printed: [
    {
      where: 'LongCat-Flash (2509.01322)',
      inTable: false,
      says: 'Of 560B parameters 18.6B to 31.3B are active for a token, 27B on average: the bias holds the number of computing experts.',
    },
  ],
};
