import * as v from 'valibot';
import type { OptimizerConfig } from '../../config/experiment.ts';
import { settingAt } from '../../config/schema.ts';
import { MAX_LAYERS, MAX_SLOTS } from '../../config/settings.ts';
import { show } from '../../config/values.ts';
import { LAYER_STARTS } from './start.ts';

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

const count = (name: string, max = 2 ** 31 - 1) => ranged(name, 1, max);
const share = (name: string) => ranged(name, 0, 1, false);

/** A number with the range of a setting of an experiment. */
function asSetting(name: string, path: string, or = '') {
  const setting = settingAt(path);
  if (setting === undefined || !('min' in setting)) throw new Error(`"${path}" is no number`);
  return ranged(name, setting.min, setting.max, setting.kind === 'int', or);
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
  lr: v.optional(asSetting('optimizer.lr', 'optimizer.lr')),
  minLr: v.optional(asSetting('optimizer.minLr', 'optimizer.minLr')),
  warmup: v.optional(asSetting('optimizer.warmup', 'optimizer.warmup')),
  weightDecay: v.optional(asSetting('optimizer.weightDecay', 'optimizer.weightDecay')),
  clip: v.optional(v.nullable(asSetting('optimizer.clip', 'optimizer.clip', ', or null for none'))),
});

const GATES = ['softmax', 'renormalized'] as const;

const shape = block(WHOLE, {
  layers: v.pipe(
    v.array(ranged('layers', 0, MAX_LAYERS - 1), refused('layers', 'a list of layer indices')),
    v.minLength(1, 'layers names none; at least one is converted'),
  ),
  N: v.optional(count('N', MAX_SLOTS), 8),
  K: v.optional(count('K', MAX_SLOTS), 2),
  gate: v.optional(v.picklist(GATES, refused('gate', `one of ${GATES.join(', ')}`)), 'softmax'),
  alpha: v.optional(asSetting('alpha', 'losses.switch.alpha'), 0.1),
  start: v.optional(
    v.picklist(LAYER_STARTS, refused('start', `one of ${LAYER_STARTS.join(', ')}`)),
    'split',
  ),
  sample: v.optional(count('sample'), 32_768),
  batch: v.optional(count('batch'), 32),
  steps: v.optional(asSetting('steps', 'optimizer.totalSteps'), 1000),
  optimizer: v.optional(optimizer, {}),
  profile: v.optional(count('profile'), 8192),
  policy: v.optional(
    block('policy', {
      pu: v.optional(share('policy.pu'), 0.25),
      pe: v.optional(share('policy.pe'), 0.25),
    }),
    {},
  ),
});

/**
 * How a dense model is converted. `layers`: which; `N` experts each, `K` of them per token with
 * weights by `gate`; `alpha`: factor of the balance term; `start`: of the experts; `sample`:
 * recorded vectors per layer; `batch`: vectors per step; `optimizer`: what differs from the
 * teacher's; `profile`: tokens on which maximal routing weights are recorded; `policy`: p_u and p_e.
 */
export type LadimoSettings = v.InferOutput<typeof shape>;

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

/** The optimiser of the distillation: the teacher's with its own length, and what was set. */
export function distillOptimizer(
  teacher: OptimizerConfig,
  { optimizer: own, steps }: LadimoSettings,
): OptimizerConfig {
  const set = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return { ...teacher, warmup: Math.min(teacher.warmup, steps), ...set, totalSteps: steps };
}
