/** Results from files: checked before anything is computed of them. Loaded with the first file. */
import * as v from 'valibot';
import { parseExperiment } from '../config/parse.ts';
import { BUDGETS, RESOURCES_HELD } from './recipe.ts';
import type { RecipeResult, UnitResult } from './result.ts';
import type { Found } from './secondSetFile.ts';
import { REFUSALS } from './statistics/seeds.ts';
import type { SweepResult } from './sweep.ts';
import { parseMergedSweep, pointCount } from './sweeps.ts';

/** Most units of a recipe's file, and most elements of one field. */
const [MAX_UNITS, MAX_ELEMENTS] = [10_000, 1_000_000];

const finite = v.pipe(v.number(), v.finite());
const maybe = v.nullable(finite);
const whole = v.pipe(v.number(), v.integer(), v.minValue(0));
const array = v.pipe(
  v.strictObject({
    shape: v.array(whole),
    data: v.pipe(v.array(maybe), v.maxLength(MAX_ELEMENTS)),
  }),
  v.check(
    ({ shape, data }) => shape.reduce((product, n) => product * n, 1) === data.length,
    'its shape is not that of its elements',
  ),
);
const measured = v.record(
  v.string(),
  v.record(v.string(), v.record(v.string(), v.union([maybe, array]))),
);
const resources = v.strictObject(
  Object.fromEntries(RESOURCES_HELD.map((name) => [name, finite])) as Record<
    (typeof RESOURCES_HELD)[number],
    typeof finite
  >,
);
const experiment = v.pipe(
  v.unknown(),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const parsed = parseExperiment(dataset.value);
    const wrong = parsed.problems.find(({ severity }) => severity === 'error');
    if (wrong === undefined) return parsed.experiment;
    addIssue({ message: wrong.message });
    return NEVER;
  }),
);
const runFields = {
  experiment,
  steps: whole,
  tokens: whole,
  resources,
  realisedFlops: maybe,
  diverged: v.nullable(v.string()),
};
const run = v.strictObject({ variant: v.string(), ...runFields });
const times = v.strictObject({ begunAt: v.string(), seconds: finite });
const provenance = {
  version: v.string(),
  recipe: v.string(),
  digest: v.string(),
  budget: v.picklist(BUDGETS),
  adapter: v.string(),
};
const unit = v.strictObject({
  format: v.literal(1),
  kind: v.literal('unit'),
  ...provenance,
  group: v.string(),
  seed: whole,
  runs: v.array(run),
  measured,
  times,
});
const result = v.strictObject({
  format: v.literal(1),
  kind: v.literal('recipe'),
  ...provenance,
  units: v.pipe(v.array(unit), v.maxLength(MAX_UNITS)),
});
const file = v.variant('kind', [unit, result]);

const ground = { version: v.string(), adapter: v.string(), digest: v.string() };
const sweepRun = v.strictObject({
  format: v.literal(1),
  kind: v.literal('sweepRun'),
  ...ground,
  point: whole,
  seed: whole,
  run: v.strictObject(runFields),
  metrics: v.record(v.string(), maybe),
  times,
});
const sweepResult = v.strictObject({
  format: v.literal(1),
  kind: v.literal('sweep'),
  sweep: v.unknown(),
  ...ground,
  // As many as were merged: only what is run is limited.
  runs: v.array(sweepRun),
});

const seeds = v.array(whole);
const secondSet = v.strictObject({
  format: v.literal(2),
  found: v.record(
    v.string(),
    v.strictObject({
      digest: v.string(),
      effect: v.string(),
      outcome: v.union([
        v.strictObject({ seeds, means: v.record(v.string(), finite) }),
        v.strictObject({ seeds, refused: v.picklist(REFUSALS), message: v.string() }),
      ]),
    }),
  ),
});

function checked<T>(schema: v.GenericSchema<unknown, T>, json: unknown, what: string): T {
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return parsed.output;
  const problems = parsed.issues
    .slice(0, 5)
    .map((issue) => `${v.getDotPath(issue) ?? 'the file'}: ${issue.message}`);
  throw new RangeError(`no ${what}: ${problems.join('; ')}`);
}

/** A result of a recipe or of a unit from parsed JSON. @throws RangeError that names what is wrong */
export function parseResult(json: unknown): RecipeResult | UnitResult {
  return checked(file, json, 'result of a recipe');
}

/** What second sets gave, from parsed JSON. @throws RangeError that names what is wrong */
export function parseFound(json: unknown): Record<string, Found> {
  return checked(secondSet, json, 'means of second sets').found;
}

/** A result of a sweep from parsed JSON. @throws RangeError that names what is wrong */
export function parseSweepResult(json: unknown): SweepResult {
  const result = checked(sweepResult, json, 'result of a sweep');
  const sweep = parseMergedSweep(result.sweep);
  const points = pointCount(sweep);
  const odd = result.runs.find(({ point }) => point >= points);
  if (odd !== undefined)
    throw new RangeError(`point ${odd.point} of a sweep that has ${points}, counted from 0`);
  return { ...result, sweep };
}
