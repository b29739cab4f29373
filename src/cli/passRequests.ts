/** Figures that need passes with interventions, as files ask for them: requests by names of one's own. */
import * as v from 'valibot';
import type { NamedRequest } from '../analysis/standard.ts';
import { parseJson } from '../config/json.ts';
import { SLOT_KINDS } from '../config/slots.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const positive = v.pipe(count, v.minValue(1));
const real = v.pipe(v.number(), v.finite());
const layer = v.nullable(count);

/** An item of docs/analysis.md, "interventions". */
const item = v.variant('type', [
  v.strictObject({
    ...{ type: v.literal('force'), layer: count, token: count, rank: count, slot: count },
  }),
  v.strictObject({
    ...{ type: v.literal('scale'), layer: count, token: count, slot: count, factor: real },
  }),
  v.strictObject({ type: v.literal('keepOnly'), layer: count, slots: v.array(count) }),
  v.strictObject({ type: v.literal('removeKind'), kind: v.picklist(SLOT_KINDS), layer }),
]);

const rule = v.variant('by', [
  v.strictObject({ by: v.literal('lift'), least: v.pipe(real, v.minValue(0)) }),
  v.strictObject({ by: v.literal('count'), most: positive }),
]);

const request = v.variant('figure', [
  v.strictObject({ figure: v.literal('contribution'), n: positive, seed: count }),
  v.strictObject({
    ...{ figure: v.literal('interventions'), items: v.array(item), of: v.exactOptional(count) },
    routing: v.exactOptional(v.boolean()),
  }),
  v.strictObject({ figure: v.literal('pruning'), rule, layer }),
  v.strictObject({ figure: v.literal('removal') }),
]);

const requests = v.record(v.string(), request);

type Wanted = Omit<NamedRequest, 'as'>;

/** Whether routing is asked for is no argument of the figure. */
function wantedOf(given: v.InferOutput<typeof request>): Wanted {
  if (!('routing' in given)) return { request: given };
  const { routing, ...figure } = given;
  return { request: figure, routing };
}

/** As `readPassRequests` reads it. */
export const passRequestJson = ({ request, routing }: Wanted) => ({
  ...request,
  ...(routing === true && { routing }),
});

/**
 * Requests by their names, of JSON.
 * @throws RangeError, as the end of a sentence, naming every field that is wrong
 */
export function readPassRequests(text: string): Record<string, Wanted> {
  const result = v.safeParse(requests, parseJson(text));
  if (result.success)
    return Object.fromEntries(
      Object.entries(result.output).map(([as, given]) => [as, wantedOf(given)]),
    );
  const problems = result.issues.map(
    (issue) => `${v.getDotPath(issue) ?? 'requests'}: ${issue.message}`,
  );
  throw new RangeError(problems.join('; '));
}

/** @throws RangeError, naming the file, for one that holds no requests, or a name of `taken` */
export function namedPassRequests(
  file: string,
  text: string,
  taken: readonly string[],
): NamedRequest[] {
  try {
    const named = Object.entries(readPassRequests(text));
    const twice = named.find(([as]) => taken.includes(as));
    if (twice !== undefined) throw new RangeError(`the name "${twice[0]}" is a figure's already`);
    return named.map(([as, wanted]) => ({ as, ...wanted }));
  } catch (error) {
    throw new RangeError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
