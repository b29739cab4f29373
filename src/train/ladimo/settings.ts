import * as v from 'valibot';
import type { OptimizerConfig } from '../../config/experiment.ts';
import { MAX_SLOTS } from '../../config/settings.ts';
import { LAYER_STARTS } from './start.ts';

function number(name: string, allowed: string, test: (x: number) => boolean) {
  const message = (issue: v.BaseIssue<unknown>) =>
    `${name} is ${JSON.stringify(issue.input)}; it must be ${allowed}`;
  return v.pipe(v.number(message), v.check(test, message));
}

const whole = (name: string, min: number, max = 2 ** 31 - 1) =>
  number(name, `a whole number from ${min} to ${max}`, (x) => {
    return Number.isInteger(x) && x >= min && x <= max;
  });
const share = (name: string) => number(name, 'a number from 0 to 1', (x) => x >= 0 && x <= 1);
const positive = (name: string) => number(name, 'a number of at least 0', (x) => x >= 0);

const optimizer = v.strictObject({
  lr: v.optional(positive('optimizer.lr')),
  minLr: v.optional(positive('optimizer.minLr')),
  warmup: v.optional(whole('optimizer.warmup', 0)),
  weightDecay: v.optional(positive('optimizer.weightDecay')),
  clip: v.optional(v.nullable(positive('optimizer.clip'))),
});

const schema = v.strictObject({
  layers: v.pipe(
    v.array(whole('layers', 0)),
    v.minLength(1, 'layers names none; at least one is converted'),
  ),
  N: v.optional(whole('N', 1, MAX_SLOTS), 8),
  K: v.optional(whole('K', 1, MAX_SLOTS), 2),
  gate: v.optional(v.picklist(['softmax', 'renormalized']), 'softmax'),
  alpha: v.optional(positive('alpha'), 0.1),
  start: v.optional(v.picklist(LAYER_STARTS), 'split'),
  sample: v.optional(whole('sample', 1), 32_768),
  batch: v.optional(whole('batch', 1), 32),
  steps: v.optional(whole('steps', 1), 1000),
  optimizer: v.optional(optimizer, {}),
  profile: v.optional(whole('profile', 1), 8192),
  policy: v.optional(
    v.strictObject({
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
export type LadimoSettings = v.InferOutput<typeof schema>;

/** Settings with defaults filled in. @throws RangeError that names every value that was refused */
export function parseLadimoSettings(json: unknown): LadimoSettings {
  const result = v.safeParse(schema, json);
  if (result.success) return result.output;
  const problems = result.issues.map(({ message }) => message);
  throw new RangeError(`ladimo: ${problems.join('; ')}`);
}

/** The optimiser of the distillation: the teacher's with its own length, and what was set. */
export function distillOptimizer(
  teacher: OptimizerConfig,
  { optimizer: own, steps }: LadimoSettings,
): OptimizerConfig {
  const set = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
  return { ...teacher, warmup: Math.min(teacher.warmup, steps), ...set, totalSteps: steps };
}
