/** e. Classes of tokens (docs/analysis.md). */
import { computingByToken, countsBy, workOf } from './assignments.ts';
import { figureOf, perInputs, whole } from './figure.ts';
import { meansBy, membersOf } from './numbers.ts';
import { classesOf, TOKEN_CLASSES } from './tokenClass.ts';

const C = TOKEN_CLASSES.length;

/** The classes of an inspection's tokens and targets. @throws Error without texts */
const classesIn = perInputs(({ inspection, texts }) => {
  if (texts === undefined) throw new Error('classes: the texts of the tokens are needed');
  return classesOf(inspection, texts);
});

interface LayerClasses {
  R: number;
  counts: Int32Array;
}

interface Classes {
  inputs: Int32Array;
  targets: Int32Array;
  ce: Float32Array;
  byToken: Float64Array;
}

const layerRows = {
  counts: {
    label: 'Assignments by class',
    formula: 'assignments of tokens of the class to slot i',
    meaning: 'Assignments of the tokens of a class to each slot.',
    source: 'MoE++ Fig. 5, A',
    format: 'count',
    axes: ['C', 'R'],
    compute: ({ R, counts }: LayerClasses) => whole([C, R], counts),
  },
} as const;

const rows = {
  class: {
    label: 'Class',
    formula: 'by the bytes of the token and of the one before',
    meaning: 'White space, newline, digit, punctuation, start or inside of a word, or other.',
    source: 'MoE++ Fig. 5, A',
    format: 'index',
    axes: ['U'],
    compute: ({ inputs }: Classes) => whole([inputs.length], inputs),
  },
  tokens: {
    label: 'Tokens',
    formula: '#{u of the class}',
    meaning: 'Tokens of the class.',
    source: 'own',
    format: 'count',
    axes: ['C'],
    compute: ({ inputs }: Classes) => whole([C], membersOf(inputs, C)),
  },
  ce: {
    label: 'Loss by class',
    formula: 'mean of ce_u over the tokens of the class',
    meaning: 'Mean next-token loss behind tokens of the class.',
    source: 'own',
    format: 'nats',
    axes: ['C'],
    compute: ({ ce, inputs }: Classes) => ({ shape: [C], data: meansBy(ce, inputs, C) }),
  },
  ceOfTarget: {
    label: 'Loss by class of the target',
    formula: 'mean of ce_u over the targets of the class',
    meaning: 'Mean loss where a token of the class was to be predicted.',
    source: 'own',
    format: 'nats',
    axes: ['C'],
    compute: ({ ce, targets }: Classes) => ({ shape: [C], data: meansBy(ce, targets, C) }),
  },
  computing: {
    label: 'Computing experts by class',
    formula: 'mean over the tokens of the class of the mean over layers of κ_u',
    meaning: 'Slots that compute for a token of the class, on average.',
    source: 'MoE++ Fig. 5, A',
    format: 'decimal',
    axes: ['C'],
    compute: ({ byToken, inputs }: Classes) => ({ shape: [C], data: meansBy(byToken, inputs, C) }),
  },
} as const;

export const classes = figureOf<object, LayerClasses, Classes>()({
  id: 'classes',
  title: 'Classes of tokens',
  dense: true,
  ofLayer: (inputs, _, place) => {
    const layer = inputs.inspection.layers[place]!;
    const counts = countsBy(layer, classesIn(inputs).inputs, C);
    return { R: layer.kinds.length, counts };
  },
  layerRows,
  over: (inputs) => {
    const { inspection } = inputs;
    const works = inspection.layers.map((layer) => workOf(layer, inspection));
    const byToken = computingByToken(inspection, works);
    return { ...classesIn(inputs), ce: inspection.ce, byToken };
  },
  rows,
});
