/** Results from a file, which anybody may have written. */
import * as v from 'valibot';
import type { RecipeResult, UnitResult } from './result.ts';

const name = v.pipe(v.string(), v.maxLength(200));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const maybe = v.nullable(v.number());

/** Product of the axes and number of elements agree. */
const array = v.pipe(
  v.object({ shape: v.array(count), data: v.array(maybe) }),
  v.check(
    ({ shape, data }) => shape.reduce((product, n) => product * n, 1) === data.length,
    'as many elements as its axes say',
  ),
);
const measured = v.record(name, v.record(name, v.record(name, v.union([maybe, array]))));

const provenance = {
  format: v.literal(1),
  version: name,
  recipe: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,64}$/)),
  digest: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  budget: v.picklist(['quick', 'standard', 'long']),
  adapter: v.pipe(v.string(), v.maxLength(1000)),
};

const run = v.looseObject({
  variant: name,
  experiment: v.looseObject({ version: v.literal(1) }),
  steps: count,
  tokens: count,
  resources: v.object({
    N: v.number(),
    Na: v.number(),
    C: v.number(),
    D: v.number(),
    flops: v.number(),
  }),
  realisedFlops: maybe,
  diverged: v.nullable(v.string()),
});

const unit = v.looseObject({
  ...provenance,
  kind: v.literal('unit'),
  group: name,
  seed: count,
  runs: v.pipe(v.array(run), v.minLength(1)),
  measured,
  times: v.object({
    begunAt: v.pipe(v.string(), v.isoTimestamp()),
    seconds: v.pipe(v.number(), v.minValue(0)),
  }),
});

const result = v.looseObject({
  ...provenance,
  kind: v.literal('recipe'),
  units: v.pipe(v.array(unit), v.minLength(1)),
});

/** @throws RangeError with the place of the first value that is none of a result, and what it must be */
function checked<T>(schema: v.GenericSchema, json: unknown): T {
  const parsed = v.safeParse(schema, json);
  if (parsed.success) return json as T;
  const [issue] = parsed.issues;
  const place = v.getDotPath(issue) ?? 'the whole';
  throw new RangeError(`${place}: ${issue.message}`);
}

/** Of one unit, or of a recipe. @throws RangeError as said */
export function readResult(json: unknown): RecipeResult | UnitResult {
  const isUnit =
    typeof json === 'object' && json !== null && 'kind' in json && json.kind === 'unit';
  return isUnit ? checked<UnitResult>(unit, json) : checked<RecipeResult>(result, json);
}

/** @throws RangeError for what is no result of a recipe */
export function readRecipeResult(json: unknown): RecipeResult {
  return checked<RecipeResult>(result, json);
}
