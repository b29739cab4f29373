import type { BiasRule, Change } from '../../../config/experiment.ts';
import type { Effect, Recipe, Variant } from '../../recipe.ts';
import type { Term } from '../../term.ts';
import { held, LOSS_MARGIN, lossEffect, lossOf, minus, read } from '../common.ts';
import {
  batchVio,
  common,
  curves,
  globalVio,
  information,
  lastChurn,
  measurements,
  overview,
  remark,
  shockEffect,
  shortName,
  specialisation,
  vioEffect,
} from './setting.ts';

/** Weight of every loss. */
const coefficient = 0.01;
const balance = (scope: string, rest: Change = {}): Change => ({
  'losses.balance': { coefficient, scope, ...rest },
});
const bias = (rule: BiasRule): Change => ({ 'router.biasRule': rule });

const VARIANTS: readonly Variant[] = [
  { id: 'none', label: 'nothing', edits: {} },
  { id: 'switch', label: 'Switch loss', edits: { 'losses.switch.alpha': coefficient } },
  { id: 'batch', label: 'balance loss of a batch', edits: balance('batch') },
  { id: 'sequence', label: 'balance loss of a sequence', edits: balance('sequence') },
  { id: 'global', label: 'balance loss of 16 steps', edits: balance('global', { window: 16 }) },
  {
    id: 'sign',
    label: 'bias by signs',
    edits: bias({ kind: 'sign', rate: 0.002, centre: false }),
  },
  { id: 'quantile', label: 'bias by quantiles', edits: bias({ kind: 'quantile', smoothing: 0.9 }) },
  {
    id: 'expertChoice',
    label: 'expert choice (not causal)',
    edits: { 'router.selection': 'expertChoice' },
  },
  { id: 'hash', label: 'hash, a control', edits: { 'router.selection': 'hash' } },
  { id: 'frozen', label: 'frozen router, a control', edits: { 'router.frozen': true } },
];

const IDS = VARIANTS.map(({ id }) => id);
const OTHERS = IDS.filter((id) => id !== 'none');

/** Loss by the rule that texts are gone on with: another than validation's where that is not causal. */
const causalLoss = (of: string): Term =>
  of === 'expertChoice' ? read('loss', 'generated', of) : lossOf(of);

/** What each mechanism changes against none. */
function against(
  id: string,
  label: string,
  part: (variant: string) => Effect,
  head: Pick<Effect, 'side' | 'unit' | 'margin'>,
): Effect {
  return { id, label, ...head, test: 'parts', all: false, parts: OTHERS.map(part) };
}

const lossAgainst = against(
  'losses',
  'L(each, by generation’s rule) − L(none)',
  (variant) => ({
    ...{ id: variant, label: shortName(variant), side: '<', unit: 'nats', margin: LOSS_MARGIN },
    ...{ test: 'difference', variant: causalLoss(variant), reference: lossOf('none') },
  }),
  { side: '<', unit: 'nats', margin: LOSS_MARGIN },
);

const vioAgainst = (id: string, label: string, of: (variant: string) => Term) =>
  against(
    id,
    label,
    (variant) => vioEffect(variant, shortName(variant), [of(variant), of('none')], '<'),
    {
      side: '<',
      unit: 'share',
      margin: null,
    },
  );

const informationAgainst = against(
  'informations',
  'specialisation, each − none',
  (variant) => ({
    ...{ id: variant, label: shortName(variant), side: '<', unit: 'nats', margin: null },
    ...{ test: 'difference', variant: information(variant), reference: information('none') },
  }),
  { side: '<', unit: 'nats', margin: null },
);

const churnAgainst = against(
  'churns',
  'churn at the end, each − none',
  (variant) => ({
    ...{ id: variant, label: shortName(variant), side: '>', unit: 'share', margin: 0.02 },
    marginReason: 'As for other shares between 0 and 1.',
    ...{ test: 'difference', variant: lastChurn(variant), reference: lastChurn('none') },
  }),
  { side: '>', unit: 'share', margin: null },
);

export const mechanisms: Recipe = {
  ...common,
  name: 'balancing-1',
  number: '1',
  title: 'A bias against a loss, and what else balances',
  claim:
    'A selection bias moved by signs balances experts without the gradients of a loss: the loss on text is lower than with an auxiliary loss, or no worse, and the load is more even.',
  remark,
  variants: VARIANTS,
  held: held(['N', 'Na', 'C', 'D', 'flops']),
  measurements,
  primary: {
    ...lossEffect('loss', 'L(sign) − L(switch)', ['sign', 'switch'], '<'),
    noWorse: true,
  },
  shown: [
    vioEffect(
      'vio',
      'MaxVio of all batches, sign − switch',
      [globalVio('sign'), globalVio('switch')],
      '<',
    ),
    lossAgainst,
    vioAgainst('vios', 'MaxVio of all batches, each − none', globalVio),
    vioAgainst('batchVios', 'MaxVio of a batch, each − none', batchVio),
    informationAgainst,
    churnAgainst,
    lossEffect('quantile', 'L(quantile) − L(sign)', ['quantile', 'sign'], 'none'),
    lossEffect('sequence', 'L(sequence) − L(batch)', ['sequence', 'batch'], 'none'),
    lossEffect('global', 'L(global) − L(batch)', ['global', 'batch'], '<'),
    {
      ...{ id: 'globalInformation', label: 'specialisation, global − batch' },
      ...{ side: '>', unit: 'nats', margin: null, test: 'difference' },
      ...{ variant: information('global'), reference: information('batch') },
    },
    lossEffect('hash', 'L(hash) − L(switch)', ['hash', 'switch'], '>'),
    lossEffect('frozen', 'L(frozen) − L(none)', ['frozen', 'none'], '>'),
    {
      ...{ id: 'causal', label: 'L(expert choice, by generation’s rule) − L(not causal)' },
      ...{ side: '>', unit: 'nats', margin: LOSS_MARGIN, test: 'value' },
      value: minus(causalLoss('expertChoice'), lossOf('expertChoice')),
    },
    shockEffect('steps after the shock, sign − switch', ['sign', 'switch']),
    shockEffect('steps after the shock, quantile − sign', ['quantile', 'sign']),
  ],
  figures: [
    overview(IDS, causalLoss),
    {
      id: 'curves',
      title: 'Validation loss over steps',
      kind: 'lines',
      x: { label: 'step', unit: 'count' },
      y: { label: 'validation loss', unit: 'nats' },
      series: IDS.map((id) => ({
        label: shortName(id),
        x: read('loss', 'steps', id),
        y: read('loss', 'curve', id),
      })),
    },
    specialisation(IDS),
    ...curves(IDS),
  ],
  printed: [
    {
      where: 'Wang 2024 (2408.15664), abstract',
      inTable: false,
      says: 'Loss-free balancing reaches a better quality and a better balance than an auxiliary loss, at up to 3B parameters.',
    },
    {
      where: 'Qwen (2501.11873), abstract',
      inTable: false,
      says: 'Balance over the global batch lowers the loss and lets experts specialise by domain, against balance within small batches.',
    },
  ],
};
