/**
 * How a dense model is converted (docs/model.md, "Dense → MoE conversion"): one table of settings, as
 * `schema.ts` has it of experiments. Schema, command and form derive from its rows.
 */
import * as v from 'valibot';
import { CORPORA } from './experiment.ts';
import { MAX_SEEDS } from './ladimo.ts';
import { settingAt } from './schema.ts';
import { MAX_LAYERS, MAX_SLOTS } from './settings.ts';
import { show } from './values.ts';

/** Experts from the dense FFN, or the control: from a random draw. */
export const LAYER_STARTS = ['split', 'random'] as const;
export type LayerStart = (typeof LAYER_STARTS)[number];
const GATES = ['softmax', 'renormalized'] as const;
const MAX_COUNT = 2 ** 31 - 1;

interface LadimoRowBase {
  /** Dotted path in the settings. */
  path: string;
  label: string;
  /** One sentence. */
  help: string;
  formula?: string;
  source?: string;
  unit?: string;
}

export type LadimoRow = LadimoRowBase &
  (
    | { kind: 'int' | 'float'; min: number; max: number; default: number }
    /** As the teacher's where it is absent; `setting` has its range. */
    | { kind: 'asTeacher'; setting: string; min: number; max: number; nullLabel?: string }
    | { kind: 'enum'; options: readonly { value: string; label: string }[]; default: string }
    | { kind: 'domain'; options: readonly string[]; default: null; nullLabel: string }
    | { kind: 'layers' }
  );

/** Range of a setting of an experiment. */
function rangeOf(path: string) {
  const setting = settingAt(path);
  if (setting === undefined || !('min' in setting)) throw new Error(`"${path}" is no number`);
  return { min: setting.min, max: setting.max };
}

const asTeacher = (name: string, label: string, help: string): LadimoRow => ({
  path: `optimizer.${name}`,
  kind: 'asTeacher',
  setting: `optimizer.${name}`,
  ...rangeOf(`optimizer.${name}`),
  label,
  help,
});

/** All settings of a conversion, in the order of the form. */
export const LADIMO_ROWS: readonly LadimoRow[] = [
  {
    path: 'layers',
    kind: 'layers',
    label: 'Layers',
    help: 'Layers whose FFN becomes an MoE layer.',
    source: 'LaDiMo, section 4.1',
  },
  {
    path: 'N',
    kind: 'int',
    min: 1,
    max: MAX_SLOTS,
    default: 8,
    label: 'Experts',
    help: 'Parts that each FFN is split into; a divisor of its hidden width.',
    source: 'LaDiMo, section 4.2',
  },
  {
    path: 'K',
    kind: 'int',
    min: 1,
    max: MAX_SLOTS,
    default: 2,
    label: 'Experts per token',
    help: 'How many of them compute for a token; at most all.',
  },
  {
    path: 'gate',
    kind: 'enum',
    options: [
      { value: 'softmax', label: 'softmax' },
      { value: 'renormalized', label: 'renormalised' },
    ],
    default: 'softmax',
    label: 'Routing weights',
    help: 'Scores over all experts as they are, or divided by the sum of the chosen ones.',
  },
  {
    path: 'alpha',
    kind: 'float',
    ...rangeOf('losses.switch.alpha'),
    default: 0.1,
    label: 'Balance',
    help: 'Factor of the balance term, which is scaled by the mse’s own value.',
    formula: 'mse + α·|mse|·Σ f·P',
    source: 'LaDiMo, section 4.3',
  },
  {
    path: 'start',
    kind: 'enum',
    options: [
      { value: 'split', label: 'split weights' },
      { value: 'random', label: 'random weights' },
    ],
    default: 'split',
    label: 'Start',
    help: 'Whether experts begin as parts of the FFN, or from a random draw.',
    source: 'LaDiMo, Figure 2',
  },
  {
    path: 'sample',
    kind: 'int',
    min: 1,
    max: MAX_COUNT,
    default: 32_768,
    unit: 'vectors',
    label: 'Sample',
    help: 'Vectors that are recorded of every layer.',
  },
  {
    path: 'batch',
    kind: 'int',
    min: 1,
    max: MAX_COUNT,
    default: 32,
    unit: 'vectors',
    label: 'Batch',
    help: 'Vectors of a step; at most the sample.',
  },
  {
    path: 'steps',
    kind: 'int',
    ...rangeOf('optimizer.totalSteps'),
    default: 1000,
    unit: 'steps',
    label: 'Steps',
    help: 'Steps that every layer is trained.',
  },
  asTeacher('lr', 'Learning rate', 'Peak learning rate of the distillation.'),
  asTeacher(
    'minLr',
    'Last learning rate',
    'Learning rate at the end of its cosine; unless set, at most the peak.',
  ),
  asTeacher('warmup', 'Warm-up', 'Steps until the peak; at most all steps.'),
  asTeacher('weightDecay', 'Weight decay', 'Share of matrices that decays at every step.'),
  { ...asTeacher('clip', 'Clipping', 'Largest gradient norm.'), nullLabel: 'off' } as LadimoRow,
  {
    path: 'seeds',
    kind: 'int',
    min: 1,
    max: MAX_SEEDS,
    default: 1,
    label: 'Seeds',
    help: 'How many times every layer is trained, each time from other draws.',
  },
  {
    path: 'domain',
    kind: 'domain',
    options: CORPORA,
    default: null,
    nullLabel: 'the teacher’s mix',
    label: 'Text',
    help: 'Domain of the teacher’s text on which vectors are recorded.',
  },
  {
    path: 'profile',
    kind: 'int',
    min: 1,
    max: MAX_COUNT,
    default: 8192,
    unit: 'tokens',
    label: 'Profile',
    help: 'Tokens on which maximal routing weights are recorded.',
    source: 'LaDiMo, section 4.4',
  },
  {
    path: 'policy.pu',
    kind: 'float',
    min: 0,
    max: 1,
    default: 0.25,
    label: 'Sure tokens',
    help: 'Part of the maximal routing weights that count as sure.',
    formula: 'P(w ≥ α) = p_u',
    source: 'LaDiMo, section 4.4',
  },
  {
    path: 'policy.pe',
    kind: 'float',
    min: 0,
    max: 1,
    default: 0.25,
    label: 'Unsure tokens',
    help: 'Part of the maximal routing weights that count as unsure.',
    formula: 'P(w ≤ β) = p_e',
    source: 'LaDiMo, section 4.4',
  },
];

function rowAt(path: string): LadimoRow {
  const row = LADIMO_ROWS.find((one) => one.path === path);
  if (row === undefined) throw new Error(`"${path}" is no setting of a conversion`);
  return row;
}

type Message = (issue: v.BaseIssue<unknown>) => string;

function refused(name: string, allowed: string): Message {
  return ({ input }) => `${name}: ${show(input)} is not allowed; it must be ${allowed}`;
}

/** A number in a range; `or`: what is allowed besides. */
function ranged(name: string, min: number, max: number, isWhole = true, or = '') {
  const message = refused(name, `a ${isWhole ? 'whole ' : ''}number from ${min} to ${max}${or}`);
  const isAllowed = (x: number) => (!isWhole || Number.isInteger(x)) && x >= min && x <= max;
  return v.pipe(v.number(message), v.check(isAllowed, message));
}

/** The number of a row, in its range. */
function numberOf(path: string, or = '') {
  const row = rowAt(path);
  if (!('min' in row)) throw new Error(`"${path}" is no number`);
  const { min, max } = row;
  const isWhole =
    row.kind === 'asTeacher' ? settingAt(row.setting)?.kind === 'int' : row.kind === 'int';
  return ranged(path, min, max, isWhole, or);
}

/** A number that has a default. */
function preset(path: string) {
  const row = rowAt(path);
  if (!('min' in row && 'default' in row)) throw new Error(`"${path}" has no default`);
  return v.optional(numberOf(path), row.default);
}

/** Name of all settings together. */
const WHOLE = 'the settings';

/** An object with these keys alone. */
function block<const T extends v.ObjectEntries>(name: string, entries: T) {
  const keys = Object.keys(entries).join(', ');
  const place = name === WHOLE ? '' : `${name}.`;
  return v.strictObject(entries, (issue) =>
    issue.expected === 'never'
      ? `unknown setting ${show(`${place}${v.getDotPath(issue)}`)}; known are ${keys}`
      : `${name}: ${show(issue.input)} is not allowed; it must be an object of ${keys}`,
  );
}

const optimizer = block('optimizer', {
  lr: v.optional(numberOf('optimizer.lr')),
  minLr: v.optional(numberOf('optimizer.minLr')),
  warmup: v.optional(numberOf('optimizer.warmup')),
  weightDecay: v.optional(numberOf('optimizer.weightDecay')),
  clip: v.optional(v.nullable(numberOf('optimizer.clip', ', or null for none'))),
});

const shape = block(WHOLE, {
  layers: v.pipe(
    v.array(ranged('layers', 0, MAX_LAYERS - 1), refused('layers', 'a list of layer indices')),
    v.minLength(1, 'layers: none is named; at least one is converted'),
  ),
  N: preset('N'),
  K: preset('K'),
  gate: v.optional(v.picklist(GATES, refused('gate', `one of ${GATES.join(', ')}`)), 'softmax'),
  alpha: preset('alpha'),
  start: v.optional(
    v.picklist(LAYER_STARTS, refused('start', `one of ${LAYER_STARTS.join(', ')}`)),
    'split',
  ),
  sample: preset('sample'),
  batch: preset('batch'),
  steps: preset('steps'),
  optimizer: v.optional(optimizer, {}),
  seeds: preset('seeds'),
  domain: v.optional(
    v.nullable(v.picklist(CORPORA, refused('domain', `one of ${CORPORA.join(', ')}, or null`))),
    null,
  ),
  profile: preset('profile'),
  policy: v.optional(block('policy', { pu: preset('policy.pu'), pe: preset('policy.pe') }), {}),
});

/**
 * How a dense model is converted. `layers`: which; `N` experts each, `K` of them per token with
 * weights by `gate`; `alpha`: factor of the balance term; `start`: of the experts; `sample`:
 * recorded vectors per layer; `batch`: vectors per step; `optimizer`: what differs from the
 * teacher's; `seeds`: trainings of each layer; `domain`: of whose text the vectors are; `profile`: tokens on which maximal routing weights are recorded; `policy`: p_u and p_e.
 */
export type LadimoSettings = v.InferOutput<typeof shape>;

/** Numbers of experts that divide a hidden width. */
export function divisors(hidden: number): number[] {
  const numbers = Array.from({ length: Math.min(hidden, MAX_SLOTS) }, (_, i) => i + 1);
  return numbers.filter((n) => hidden % n === 0);
}

/** As many experts as divide a hidden width, the usual number at most: for where nobody said how many. */
export function fittingExperts(hidden: number): number {
  const row = rowAt('N');
  let N = row.kind === 'int' ? row.default : 1;
  while (hidden % N !== 0) N--;
  return N;
}

/** Rules across the settings, in a sentence each. */
function brokenRules({ layers, N, K, batch, sample, steps, optimizer: own }: LadimoSettings) {
  const twice = layers.find((layer, i) => layers.indexOf(layer) !== i);
  const { warmup = 0 } = own;
  return [
    ...(twice === undefined ? [] : [`layers: layer ${twice} is named twice`]),
    ...(K > N ? [`K: ${K} of N = ${N} experts cannot be chosen; it must be from 1 to ${N}`] : []),
    ...(batch > sample ? [`batch: ${batch} is more than the sample of ${sample} vectors`] : []),
    ...(warmup > steps
      ? [`optimizer.warmup: ${warmup} is more than the ${steps} steps of the distillation`]
      : []),
  ];
}

/** Settings with defaults filled in. @throws RangeError that names every value that was refused */
export function parseLadimoSettings(json: unknown): LadimoSettings {
  const result = v.safeParse(shape, json);
  const problems = result.success
    ? brokenRules(result.output)
    : result.issues.map(({ message }) => message);
  if (problems.length > 0 || !result.success)
    throw new RangeError(`ladimo: ${problems.join('; ')}`);
  return result.output;
}
