/**
 * What a list of interventions asks of a model (docs/analysis.md, "Inspection"), and what of it is
 * refused. Tokens count over the whole inspection.
 */
import type { Selection } from '../config/experiment.ts';
import { hasRanks } from './figures/assignments.ts';
import type { InspectedLayer, Intervention } from './inspection.ts';

export type Force = Extract<Intervention, { type: 'force' }>;

type Space = Pick<InspectedLayer, 'layer' | 'kinds'>;

/** A request that cannot be carried out: `what` of which item, and what is possible. */
function refusal(index: number, { type }: Intervention, what: string): RangeError {
  return new RangeError(`Intervention ${index} (${type}): ${what}.`);
}

/** Which item a refusal names; null for every other message. */
export function refusedItem(message: string): number | null {
  const [, index] = /^Intervention (\d+) \(/.exec(message) ?? [];
  return index === undefined ? null : Number(index);
}

/** `value` as the place of one of `count` things. */
function isPlace(value: number, count: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < count;
}

function checkPlace(
  [index, item]: readonly [number, Intervention],
  name: string,
  value: number,
  count: number,
): void {
  if (isPlace(value, count)) return;
  throw refusal(index, item, `${name} ${value} does not exist; 0 … ${count - 1} are possible`);
}

/** The space that an item names; null for a kind in every layer. */
function spaceOf(entry: readonly [number, Intervention], spaces: readonly Space[]): Space | null {
  const [index, item] = entry;
  if (item.layer === null) return null;
  const found = spaces.find(({ layer }) => layer === item.layer);
  if (found !== undefined) return found;
  const known = spaces.map(({ layer }) => layer).join(', ') || 'none';
  throw refusal(index, item, `layer ${item.layer} is no MoE layer; MoE layers: ${known}`);
}

function checkKind([index, item]: readonly [number, Intervention], among: readonly Space[]): void {
  if (item.type !== 'removeKind') return;
  const kinds = [...new Set(among.flatMap(({ kinds }) => kinds))];
  if (kinds.includes(item.kind)) return;
  const where = item.layer === null ? 'the model' : `layer ${item.layer}`;
  throw refusal(
    index,
    item,
    `${where} has no slot of kind "${item.kind}"; kinds: ${kinds.join(', ') || 'none'}`,
  );
}

/** Which slots `keepOnly` and `removeKind` leave of a layer [R]. */
export function slotsLeft(items: readonly Intervention[], { layer, kinds }: Space): boolean[] {
  const masks = items.filter(
    (item) => !('token' in item) && (item.layer === null || item.layer === layer),
  );
  return kinds.map((kind, slot) =>
    masks.every((item) => {
      if (item.type === 'keepOnly') return item.slots.includes(slot);
      return item.type !== 'removeKind' || item.kind !== kind;
    }),
  );
}

/**
 * Looks at everything that the pass itself need not be known for.
 * @param spaces of all MoE layers
 * @param U tokens of the inspection
 * @param selection of the router: where slots take tokens, no slot can be forced at a rank
 * @throws RangeError naming the first item that is refused, its number and what is possible
 */
export function checkInterventions(
  items: readonly Intervention[],
  spaces: readonly Space[],
  U: number,
  selection: Selection = 'topk',
): void {
  const left = new Map(spaces.map((space) => [space.layer, slotsLeft(items, space)]));
  for (const entry of items.entries()) {
    const [index, item] = entry;
    const space = spaceOf(entry, spaces);
    checkKind(entry, space === null ? spaces : [space]);
    if (space === null || item.type === 'removeKind') continue;
    const R = space.kinds.length;
    if (item.type === 'keepOnly') {
      for (const slot of item.slots) checkPlace(entry, 'slot', slot, R);
      continue;
    }
    checkPlace(entry, 'token', item.token, U);
    checkPlace(entry, 'slot', item.slot, R);
    if (item.type === 'scale') {
      if (!Number.isFinite(item.factor))
        throw refusal(index, item, `the factor is ${item.factor}; it must be finite`);
      continue;
    }
    if (!hasRanks({ selection }))
      throw refusal(index, item, 'slots take tokens (expertChoice), which have no ranks to force');
    checkPlace(entry, 'rank', item.rank, R);
    if (left.get(space.layer)?.[item.slot]) continue;
    const kept = space.kinds.flatMap((_, slot) => (left.get(space.layer)?.[slot] ? [slot] : []));
    throw refusal(
      index,
      item,
      `slot ${item.slot} of layer ${item.layer} is not left; left: ${kept.join(', ') || 'none'}`,
    );
  }
}

/** The refusal of a rank that a token does not have in this pass, in which it selects k slots. */
export function refusedRank(items: readonly Intervention[], item: Force, k: number): RangeError {
  const { rank, token, layer } = item;
  const possible = k === 0 ? 'no rank is possible' : `ranks 0 … ${k - 1} are possible`;
  return refusal(
    items.indexOf(item),
    item,
    `token ${token} selects ${k} slots in layer ${layer}, not rank ${rank}; ${possible}`,
  );
}
