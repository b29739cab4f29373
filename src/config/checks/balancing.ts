/** What of the balancing lab may be combined (docs/balancing.md, "What may be combined"). */
import { AUX_TERMS, type AuxTerm } from '../auxTerms.ts';
import { hasSelectionBias, layerSelection } from '../balancing.ts';
import { moeLayers } from '../conditions.ts';
import type { Experiment, GateMode, Selection } from '../experiment.ts';
import { slotsOfLayer } from '../layers.ts';
import { isComputing } from '../slots.ts';
import { type Constraint, type Finding, listOf } from './types.ts';

type Also = readonly string[];

function error(path: string, message: string, also: Also, fix?: Finding['fix']): Finding {
  return { path, also, message, severity: 'error', ...(fix && { fix }) };
}

/** Whether every MoE layer selects by hash. */
function hashesAll(e: Experiment): boolean {
  return moeLayers(e).every((l) => layerSelection(e, l) === 'hash');
}

/** Whether ranks by score decide in some layer, and K says how many. */
function ranksByK(e: Experiment): boolean {
  return moeLayers(e).some((l) => layerSelection(e, l) === 'topk');
}

function biasRuleSelection(e: Experiment): Finding[] {
  const { biasRule, selection, pool } = e.router;
  if (biasRule === null || moeLayers(e).length === 0) return [];
  const fix = { label: 'Use no selection bias', change: { 'router.biasRule': null } };
  const also = ['router.selection', 'router.hashLayers', 'router.pool'];
  if (!moeLayers(e).some((l) => hasSelectionBias(e, l))) {
    const which =
      selection === 'hash'
        ? 'every MoE layer is a hash layer, and those have no selection bias'
        : `selection ${selection} takes no selection bias; topk, topp, randomDrop and hash with hashLayers below the number of MoE layers do`;
    return [error('router.biasRule', which, also, fix)];
  }
  if (biasRule.kind !== 'quantile' && biasRule.kind !== 'budget') return [];
  if (!ranksByK(e)) {
    const message = `the ${biasRule.kind} rule needs K ranks: selection topk, or hash with hashLayers below the number of MoE layers, not ${selection}`;
    return [error('router.biasRule', message, also, fix)];
  }
  if (pool === null) return [];
  const message = `the ${biasRule.kind} rule looks at all slots, so it goes with no pool`;
  return [error('router.biasRule', message, also, fix)];
}

function budgetComputing(e: Experiment): Finding[] {
  const { biasRule, K } = e.router;
  if (biasRule?.kind !== 'budget') return [];
  const also = ['router.K', 'experts.slots', 'experts.perLayer'];
  return moeLayers(e).flatMap((l): Finding[] => {
    if (!hasSelectionBias(e, l)) return [];
    const slots = slotsOfLayer(e.experts, l);
    const N = slots.filter(({ kind }) => isComputing(kind)).length;
    const most = Math.min(K, slots.length);
    const wrong = (message: string) => [error('router.biasRule', message, also)];
    if (N === 0 || N === slots.length)
      return wrong(
        `the budget rule needs slots that compute and slots that do not; layer ${l} has ${N} that compute of ${slots.length}`,
      );
    if (biasRule.computing <= most) return [];
    return wrong(
      `computing = ${biasRule.computing} slots per token is more than the ${most} that layer ${l} selects`,
    );
  });
}

/** Active losses other than those allowed, by name. */
function otherLosses(e: Experiment, allowed: readonly AuxTerm[]): AuxTerm[] {
  return AUX_TERMS.filter((term) => e.losses[term] !== undefined && !allowed.includes(term));
}

/** Path of the setting that turns a term on. */
function lossPath(term: AuxTerm): string {
  const weights = { switch: 'alpha', heterogeneous: 'beta', ternary: 'alpha1', reward: 'alpha2' };
  if (term === 'balance') return 'losses.balance';
  if (term === 'dynamic') return 'losses.dynamic.w';
  return `losses.${term}.${term === 'zloss' ? 'coefficient' : weights[term]}`;
}

/** What a mechanism goes with; what is left out is not limited. */
interface Limits {
  /** Setting that is on. */
  path: string;
  /** Name in messages. */
  name: string;
  selections?: readonly Selection[];
  gates?: readonly GateMode[];
  losses?: readonly AuxTerm[];
  pool?: false;
}

function beyond(e: Experiment, limits: Limits): Finding[] {
  const { path, name, selections, gates, losses } = limits;
  const { selection, gate, pool } = e.router;
  const findings: Finding[] = [];
  if (selections && !selections.includes(selection)) {
    // The form shows the setting under those selections alone.
    const fix = { label: `Do without ${name}`, change: { [path]: null } };
    const message = `${name} goes with selection ${listOf(selections)}, not ${selection}`;
    findings.push(error(path, message, ['router.selection'], fix));
  }
  if (gates && !gates.includes(gate)) {
    const [first = 'softmax'] = gates;
    const fix = { label: `Use ${first} weights`, change: { 'router.gate': first } };
    const message = `${name} goes with routing weights ${listOf(gates)}, not ${gate}`;
    findings.push(error('router.gate', message, [path], fix));
  }
  if (limits.pool === false && pool !== null) {
    const fix = { label: 'Use no pools', change: { 'router.pool': null } };
    findings.push(error('router.pool', `${name} goes with no pool`, [path], fix));
  }
  const idle = losses ? otherLosses(e, losses) : [];
  for (const term of idle) {
    const fix = { label: 'Turn it off', change: { [lossPath(term)]: null } };
    const message = `${name} goes with no loss but ${listOf(losses ?? [])}, so not with ${term}`;
    findings.push(error(lossPath(term), message, [path], fix));
  }
  return findings;
}

function hashSelection(e: Experiment): Finding[] {
  if (e.router.selection !== 'hash' || moeLayers(e).length === 0) return [];
  return beyond(e, {
    path: 'router.selection',
    name: hashesAll(e) ? 'hash selection in every MoE layer' : 'hash selection',
    gates: ['uniform', 'softmax', 'renormalized', 'renormalizedWithoutZero'],
    pool: false,
    ...(hashesAll(e) && { losses: ['zloss'] }),
  });
}

function uniformGate(e: Experiment): Finding[] {
  if (e.router.gate !== 'uniform' || moeLayers(e).length === 0 || hashesAll(e)) return [];
  const message = `uniform routing weights go with hash selection in every MoE layer; here ${
    e.router.selection === 'hash'
      ? `${e.router.hashLayers} of ${moeLayers(e).length} MoE layers select by hash`
      : `the selection is ${e.router.selection}`
  }`;
  const fix = { label: 'Use renormalized', change: { 'router.gate': 'renormalized' } };
  return [error('router.gate', message, ['router.selection', 'router.hashLayers'], fix)];
}

function expertChoice(e: Experiment): Finding[] {
  if (e.router.selection !== 'expertChoice' || moeLayers(e).length === 0) return [];
  return beyond(e, {
    path: 'router.selection',
    name: 'expert choice',
    gates: ['softmax', 'renormalized'],
    pool: false,
    losses: ['zloss'],
  });
}

function pools(e: Experiment): Finding[] {
  const { pool, K } = e.router;
  if (pool === null || moeLayers(e).length === 0) return [];
  const findings = beyond(e, {
    path: 'router.pool',
    name: 'a pool',
    selections: ['topk'],
    gates: ['softmax', 'renormalized', 'renormalizedWithoutZero'],
    losses: ['switch', 'heterogeneous', 'balance', 'zloss'],
  });
  const least = 'size' in pool ? pool.size : pool.min;
  const small = (what: string, n: number) =>
    error('router.pool', `K = ${K} is more than the ${n} slots of ${what}`, ['router.K']);
  if (K > least) findings.push(small('size' in pool ? 'a pool' : 'the smallest pool', least));
  if (pool.evaluation !== null && K > pool.evaluation)
    findings.push(small("evaluation's pools", pool.evaluation));
  return findings;
}

function balanceCounts(e: Experiment): Finding[] {
  if (e.losses.balance?.counts !== 'unbiased' || moeLayers(e).length === 0 || ranksByK(e))
    return [];
  const message = `the balance loss counts the K first slots by their logits (counts "unbiased") with selection topk, or hash with hashLayers below the number of MoE layers, not with ${e.router.selection}`;
  return [error('losses.balance', message, ['router.selection', 'router.hashLayers'])];
}

export const balancingConstraints: readonly Constraint[] = [
  { name: 'biasRuleSelection', check: biasRuleSelection },
  { name: 'budgetComputing', check: budgetComputing },
  { name: 'hashSelection', check: hashSelection },
  { name: 'uniformGate', check: uniformGate },
  { name: 'expertChoice', check: expertChoice },
  { name: 'pools', check: pools },
  { name: 'balanceCounts', check: balanceCounts },
];
