import type { Effect, Recipe, Variant } from '../../recipe.ts';
import type { Term } from '../../term.ts';
import { budgets, held, LOSS, lossEffect, lossesOf, lossOf, numbers, read } from '../common.ts';
import { common, denseModel, RATES, rateId, rateModels, remark, sparse } from './setting.ts';

const rates = RATES.map(([, ra]) => ra);
const rateIds = rates.map(rateId);
const WITHIN = rates.filter((ra) => ra >= 0.15 && ra <= 0.48);

const inBits = (of: readonly string[]): Term => ({
  list: of.map((id) => read('loss', 'bitsPerCharacter', id)),
});

export const region: Recipe = {
  ...common,
  name: 'equalres-1',
  number: '1',
  title: 'A region where MoE beats dense',
  claim:
    'At fixed N and C there is a region of activation rates, about 15 % to 48 %, in which MoE beats dense, best near 20 %: 0.4857 BPC against 0.4921, and 0.4808 of a dense model with twice the compute.',
  budgets: budgets(72),
  variants: [
    denseModel,
    {
      ...denseModel,
      id: 'dense-2',
      label: 'dense, twice the compute',
      steps: { compute: { to: 'dense', times: 2 } },
    },
    ...rateModels,
  ],
  held: [...held(['N']), ...held(['C'], ['dense', ...rateIds])],
  measurements: [LOSS],
  primary: lossEffect('loss', 'L(ra 20 %) − L(dense)', [rateId(0.2), 'dense'], '<'),
  shown: [
    {
      id: 'rates',
      label: 'L(ra) − L(dense) within 15 % to 48 %',
      side: '<',
      unit: 'nats',
      margin: null,
      test: 'parts',
      all: false,
      parts: WITHIN.map(
        (ra): Effect => lossEffect(rateId(ra), `ra ${ra}`, [rateId(ra), 'dense'], '<'),
      ),
    },
    lossEffect('twice', 'L(ra 20 %) − L(dense, twice the compute)', [rateId(0.2), 'dense-2'], '<'),
    {
      id: 'optimum',
      label: 'a best activation rate inside of the range',
      side: '<',
      unit: 'nats',
      margin: null,
      test: 'optimum',
      settings: numbers([...rates, 1]),
      values: lossesOf([...rateIds, 'dense']),
      better: 'lower',
    },
  ],
  figures: [
    {
      id: 'rates',
      title: 'Validation loss over the activation rate at fixed N and C',
      kind: 'lines',
      x: { label: 'ra = Na/N', unit: 'share' },
      y: { label: 'validation loss', unit: 'nats' },
      series: [
        { label: 'MoE', x: numbers(rates), y: lossesOf(rateIds) },
        { label: 'dense', level: true, x: 0, y: lossOf('dense') },
        { label: 'dense, twice the compute', level: true, x: 0, y: lossOf('dense-2') },
      ],
      printed: [{ where: 'Table 10', x: 'ra_percent', y: 'bpc' }],
    },
    {
      id: 'bits',
      title: 'Bits per character over the activation rate',
      kind: 'lines',
      x: { label: 'ra = Na/N', unit: 'share' },
      y: { label: 'bits per character', unit: 'bits' },
      series: [
        { label: 'MoE', x: numbers(rates), y: inBits(rateIds) },
        { label: 'dense', level: true, x: 0, y: read('loss', 'bitsPerCharacter', 'dense') },
      ],
      printed: [{ where: 'Table 10', x: 'ra_percent', y: 'bpc' }],
    },
  ],
  printed: [
    {
      where: 'Table 10',
      inTable: true,
      says: 'BPC from 0.5048 at 8.74 % over 0.4857 at 19.94 % to 0.4934 at 57.73 %.',
    },
    { where: 'Table 14', inTable: true, says: 'Dense 0.4921, with twice the compute 0.4808.' },
  ],
};

/** Rates and lengths of Figure 1a. */
const GRID_RATES = RATES.filter(([, ra]) => [0.11, 0.2, 0.35].includes(ra));
const LENGTHS = [0.25, 0.5, 1];
const gridId = (ra: number, length: number) => `${rateId(ra)}-${length}`;
const computeOf = (ra: number, length: number) => read('loss', 'compute', gridId(ra, length));

/** Table 9's rates in %, and the tokens that all of them have. */
const PRINTED_RATES = ['8.74', '10.81', '19.11', '34.95', '50.79'];
const PRINTED_TOKENS = '1.14e11';

export const compute: Recipe = {
  ...common,
  name: 'equalres-1a',
  number: '1a',
  title: 'Loss over compute',
  claim:
    'Figure 1a, drawn without a claim: at fixed D the gain over C is not linear, at fixed ra more data gives a linear gain.',
  variants: GRID_RATES.flatMap(([K, ra]) =>
    LENGTHS.map(
      (share): Variant => ({
        id: gridId(ra, share),
        label: `ra ${Math.round(100 * ra)} %, ${share} of the tokens`,
        edits: sparse(K),
        steps: { share },
      }),
    ),
  ),
  held: [
    ...held(['N']),
    ...LENGTHS.flatMap((length) =>
      held(
        ['D'],
        GRID_RATES.map(([, ra]) => gridId(ra, length)),
      ),
    ),
  ],
  measurements: [LOSS],
  primary: null,
  shown: [],
  figures: [
    {
      id: 'rates',
      title: 'Validation loss over compute at fixed ra',
      kind: 'lines',
      x: { label: 'training compute C', unit: 'count', scale: 'log' },
      y: { label: 'validation loss', unit: 'nats' },
      series: GRID_RATES.map(([, ra]) => ({
        label: `ra ${Math.round(100 * ra)} %`,
        x: { list: LENGTHS.map((length) => computeOf(ra, length)) },
        y: lossesOf(LENGTHS.map((length) => gridId(ra, length))),
      })),
      printed: PRINTED_RATES.map((rate) => ({
        ...{ where: 'Table 9', x: 'C', y: 'bpc' },
        ...{ only: { ra_percent: rate }, label: `ra ${rate} %` },
      })),
    },
    {
      id: 'data',
      title: 'Validation loss over compute at fixed D',
      kind: 'lines',
      x: { label: 'training compute C', unit: 'count', scale: 'log' },
      y: { label: 'validation loss', unit: 'nats' },
      series: LENGTHS.map((length) => ({
        label: `${length} of the tokens`,
        x: { list: GRID_RATES.map(([, ra]) => computeOf(ra, length)) },
        y: lossesOf(GRID_RATES.map(([, ra]) => gridId(ra, length))),
      })),
      printed: [
        {
          ...{ where: 'Table 9', x: 'C', y: 'bpc' },
          ...{ only: { D: PRINTED_TOKENS }, label: `D ${PRINTED_TOKENS}` },
        },
      ],
    },
  ],
  printed: [
    { where: 'Table 9', inTable: true, says: 'BPC at fixed ra with more and more data, 2B.' },
  ],
};

/** Widths of the three sizes: N grows by 1.4 and 2. */
const WIDTHS = [40, 48, 56];
const SIZE_RATES = [1, 4, 11];
const sizeId = (width: number, K: number) => `D${width}-K${K}`;
const bestOf = (width: number): Term => ({
  argmin: lossesOf(SIZE_RATES.map((K) => sizeId(width, K))),
});

export const sizes: Recipe = {
  ...common,
  name: 'equalres-2',
  number: '2',
  title: 'The best rate stays across sizes',
  claim: 'The best activation rate stays where it is across N (2B, 3B, 7B).',
  remark: `${remark} Three sizes with N in the ratio 1 : 1.4 : 2 by their widths, three activation rates (about 12, 20, 40 %); by chance one seed in nine has the same best rate three times.`,
  variants: WIDTHS.flatMap((width) =>
    SIZE_RATES.map(
      (K): Variant => ({
        id: sizeId(width, K),
        label: `D ${width}, K ${K}`,
        edits: sparse(K, width),
        ...(K !== 4 && { steps: { compute: { to: sizeId(width, 4) } } }),
      }),
    ),
  ),
  budgets: budgets(160),
  held: WIDTHS.flatMap((width) =>
    held(
      ['N', 'C'],
      SIZE_RATES.map((K) => sizeId(width, K)),
    ),
  ),
  measurements: [LOSS],
  primary: {
    id: 'same',
    label: 'share of seeds in which the best rate is the same at three sizes, against 1/9',
    side: '>',
    unit: 'share',
    margin: null,
    test: 'share',
    hit: { same: { list: WIDTHS.map(bestOf) } },
    chance: 1 / 9,
  },
  shown: [],
  figures: [
    {
      id: 'sizes',
      title: 'Validation loss over the activation rate by size',
      kind: 'lines',
      x: { label: 'ra = Na/N', unit: 'share' },
      y: { label: 'validation loss', unit: 'nats' },
      series: WIDTHS.map((width) => ({
        label: `D ${width}`,
        x: { list: SIZE_RATES.map((K) => read('loss', 'activationRate', sizeId(width, K))) },
        y: lossesOf(SIZE_RATES.map((K) => sizeId(width, K))),
      })),
      printed: [
        { where: 'Table 10', x: 'ra_percent', y: 'bpc' },
        { where: 'Table 15', x: 'ra_percent', y: 'bpc' },
        { where: 'Table 12', x: 'ra_percent', y: 'bpc' },
      ],
    },
  ],
  printed: [
    { where: 'Table 10', inTable: true, says: 'Best at 19.94 % (2B).' },
    { where: 'Table 15', inTable: true, says: 'Best at 18.83 % (3B).' },
    { where: 'Table 12', inTable: true, says: 'Best at 20.07 % (7B).' },
  ],
};
