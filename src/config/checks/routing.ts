/** Rules about router, expert spaces and auxiliary losses. */

import { hasMoe, hasSlot, moeLayers, usesK } from '../conditions.ts';
import type { Experiment, Slot } from '../experiment.ts';
import { isMoeLayer, slotsOfLayer } from '../layers.ts';
import { counted } from '../plural.ts';
import { MAX_SLOTS } from '../settings.ts';
import { routerGradients } from './routerGradient.ts';
import { type Constraint, type Finding, layersOf } from './types.ts';

const isNull = (slot: Slot): boolean => slot.kind === 'zero';
const isNegated = (slot: Slot): boolean => slot.kind === 'negated';

function slotsPerToken(e: Experiment): Finding[] {
  if (!usesK(e.router.selection)) return [];
  const short = moeLayers(e).filter((l) => slotsOfLayer(e.experts, l).length < e.router.K);
  const [first] = short;
  if (first === undefined) return [];
  const R = slotsOfLayer(e.experts, first).length;
  const message = `K = ${e.router.K} is more than the R = ${counted(R, 'slot')} of layer ${first}, all of which are chosen there`;
  const fix = { label: `Use K = ${R}`, change: { 'router.K': R } };
  return [
    {
      path: 'router.K',
      also: ['experts.slots', 'experts.perLayer'],
      message,
      severity: 'warning',
      fix,
    },
  ];
}

/** Routers that learn nothing from the task, told once per reason. */
function routerWithoutGradient(e: Experiment): Finding[] {
  // A router that is frozen, or that a table stands in for, is so by choice.
  if (e.router.frozen || e.router.gate === 'uniform') return [];
  const all = routerGradients(e);
  const layersBy = new Map<string, number[]>();
  for (const { layer, cause, task, auxiliary } of all) {
    if (task) continue;
    const which = auxiliary ? ' from the task, only from the auxiliary losses' : '';
    const says = `${cause}, so the router gets no gradient${which}`;
    layersBy.set(says, [...(layersBy.get(says) ?? []), layer]);
  }
  const helps = (l: number) => {
    const slots = slotsOfLayer(e.experts, l);
    return slots.length > 1 && !slots.every(isNull);
  };
  const fix = { label: 'Use softmax weights', change: { 'router.gate': 'softmax' } };
  return [...layersBy].map(([says, layers]) => ({
    path: 'router.gate',
    also: ['router.K'],
    message: layers.length === all.length ? says : `in ${layerList(layers)}: ${says}`,
    severity: 'warning',
    ...(layers.some(helps) && { fix }),
  }));
}

const layerList = (layers: readonly number[]): string =>
  `layer${layers.length > 1 ? 's' : ''} ${layers.join(', ')}`;

function nullSlotsForGate(e: Experiment): Finding[] {
  if (e.router.gate !== 'renormalizedWithNull' || !hasMoe(e) || hasSlot(e, isNull)) return [];
  const message =
    'renormalizedWithNull without a null slot (kind zero) is the same as renormalized';
  const fix = { label: 'Use renormalized', change: { 'router.gate': 'renormalized' } };
  return [{ path: 'router.gate', message, severity: 'warning', fix }];
}

function selectionParameters(e: Experiment): Finding[] {
  const { selection, P, q, policy } = e.router;
  const missing = (path: string, what: string, fix: Finding['fix'] & object): Finding[] => [
    { path, message: `${what}, but it is not set`, severity: 'error', fix },
  ];
  if (selection === 'topp' && P === null)
    return missing('router.P', 'Top-P selection needs P', {
      label: 'Use P = 0.4',
      change: { 'router.P': 0.4 },
    });
  if (selection === 'randomDrop' && q === null)
    return missing('router.q', 'Random drop needs a drop probability q', {
      label: 'Use q = 0.15',
      change: { 'router.q': 0.15 },
    });
  if (selection !== 'adaptive') return [];
  const complete = Array.from({ length: e.model.L }, (_, l) =>
    isMoeLayer(e.model, l) ? (policy?.[l] ?? { kind: 'top-2' as const }) : null,
  );
  const fix = { label: 'Use top-2 there', change: { 'router.policy': complete } };
  if (policy === null)
    return missing('router.policy', 'Adaptive selection needs a policy per layer', fix);
  const open = moeLayers(e).filter((l) => (policy[l] ?? null) === null);
  if (policy.length === e.model.L && open.length === 0) return [];
  const message =
    open.length > 0
      ? `MoE ${open.length === 1 ? 'layer' : 'layers'} ${open.join(', ')} ${open.length === 1 ? 'has' : 'have'} no policy`
      : `${counted(policy.length, 'policy', 'policies')} for ${counted(e.model.L, 'layer')}`;
  return [
    {
      path: 'router.policy',
      also: ['model.L', 'model.arrangement'],
      message,
      severity: 'error',
      fix,
    },
  ];
}

function lonelyNegated(slots: readonly Slot[], path: string, where: string): Finding[] {
  const N = slots.filter((slot) => slot.kind === 'ffn').length;
  return slots.flatMap((slot, i): Finding[] => {
    if (slot.kind !== 'negated' || slot.of < N) return [];
    const allowed = N === 0 ? 'there are none' : `there are 0 to ${N - 1}`;
    const message = `slot ${i}${where} is the negative of FFN expert ${slot.of}; ${allowed}`;
    return [{ path, message, severity: 'error' }];
  });
}

function negatedTwins(e: Experiment): Finding[] {
  const own = Object.entries(e.experts.perLayer ?? {});
  return [
    ...lonelyNegated(e.experts.slots, 'experts.slots', ''),
    ...own.flatMap(([l, slots]) => lonelyNegated(slots, 'experts.perLayer', ` of layer ${l}`)),
  ];
}

function ownSpaces(e: Experiment): Finding[] {
  return Object.keys(e.experts.perLayer ?? {}).flatMap((key): Finding[] => {
    const path = 'experts.perLayer';
    const l = Number(key);
    if (l >= e.model.L) {
      const message = `layer ${l} has an expert space of its own but does not exist; ${layersOf(e.model.L)}`;
      return [{ path, also: ['model.L'], message, severity: 'error' }];
    }
    if (isMoeLayer(e.model, l)) return [];
    const message = `layer ${l} has an expert space of its own but is dense`;
    return [{ path, message, severity: 'warning' }];
  });
}

/** Slots as the router kernels take them; `values.ts` refuses longer lists, so this is for code. */
function slotLimit(e: Experiment): Finding[] {
  return moeLayers(e).flatMap((l): Finding[] => {
    const R = slotsOfLayer(e.experts, l).length;
    if (R >= 1 && R <= MAX_SLOTS) return [];
    const message = `layer ${l} has R = ${counted(R, 'slot')}; 1 to ${MAX_SLOTS} are allowed`;
    return [{ path: 'experts.slots', message, severity: 'error' }];
  });
}

function lossesWithEffect(e: Experiment): Finding[] {
  const idle = (path: string, message: string): Finding => ({
    path,
    message,
    severity: 'warning',
    fix: { label: 'Turn it off', change: { [path]: null } },
  });
  const findings: Finding[] = [];
  if (e.losses.ternary && hasMoe(e) && !hasSlot(e, isNegated) && !hasSlot(e, isNull))
    findings.push(
      idle(
        'losses.ternary.alpha1',
        'the ternary loss without negated or null slots is a plain balance of the FFN experts',
      ),
    );
  if (e.losses.reward && !hasSlot(e, isNull))
    findings.push(
      idle('losses.reward.alpha2', 'the reward for null slots is 0: there is no slot of kind zero'),
    );
  return findings;
}

export const routingConstraints: readonly Constraint[] = [
  { name: 'slotLimit', check: slotLimit },
  { name: 'slotsPerToken', check: slotsPerToken },
  { name: 'routerGradient', check: routerWithoutGradient },
  { name: 'nullSlotsForGate', check: nullSlotsForGate },
  { name: 'selectionParameters', check: selectionParameters },
  { name: 'negatedTwins', check: negatedTwins },
  { name: 'ownSpaces', check: ownSpaces },
  { name: 'lossesWithEffect', check: lossesWithEffect },
];
