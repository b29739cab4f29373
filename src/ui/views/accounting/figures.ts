import { estimateStepSeconds, type StepCosts, stepCosts } from '../../../accounting/costs.ts';
import { stepDispatches } from '../../../accounting/dispatches.ts';
import { estimateMemory, type MemoryEstimate } from '../../../accounting/memory.ts';
import { type MemoryNeeds, memoryNeeds } from '../../../accounting/needs.ts';
import {
  countParameters,
  type ExpertShares,
  type PaperCounts,
  type ParameterCounts,
  paperCounts,
  trainingCompute,
  zeroComputationComplexity,
} from '../../../accounting/parameters.ts';
import { expertShareFromLoads } from '../../../accounting/slotUse.ts';
import { stepsOf } from '../../../analysis/loadHistory.ts';
import type { RunSource } from '../../../analysis/source.ts';
import { engineConfig } from '../../../config/edit.ts';
import type { EngineConfig, Experiment, Slot } from '../../../config/experiment.ts';
import { isMoeLayer, slotsOfLayer } from '../../../config/layers.ts';
import { expertWidths } from '../../../config/slots.ts';
import type { AdapterReport, AdapterSpeed } from '../../../worker/api.ts';
import { vocabularyOf } from '../../kit/settingsShown.ts';

/** All that is known about an experiment before it runs. */
export interface Accounting {
  config: EngineConfig;
  /** Characters are counted only once the text is read: the vocabulary's tables are left out. */
  isWithoutVocabulary: boolean;
  counts: ParameterCounts;
  paper: PaperCounts;
  /** Tokens of the whole run. */
  tokens: number;
  /** C, training compute of the whole run in FLOPs. */
  compute: number;
  costs: StepCosts;
  dispatches: number;
  memory: MemoryEstimate;
  /** What the whole run needs of an adapter, its events included. */
  needs: MemoryNeeds;
  /** Dense hidden width over mean expert width; null without FFN experts. */
  granularity: number | null;
  /** τN/(τN + Nzc), null without zero-computation slots. */
  complexity: number | null;
}

function moeSpaces({ model, experts }: EngineConfig): (readonly Slot[])[] {
  const layers = Array.from({ length: model.L }, (_, l) => l).filter((l) => isMoeLayer(model, l));
  return layers.map((l) => slotsOfLayer(experts, l));
}

/** Dense hidden width over the mean width of all FFN experts. */
function granularityOf(config: EngineConfig): number | null {
  const widths = moeSpaces(config).flatMap(expertWidths);
  if (widths.length === 0) return null;
  return config.model.denseHidden / (widths.reduce((a, b) => a + b) / widths.length);
}

/** MoE++'s complexity: mean over the MoE layers that have slots without matmul. */
function complexityOf(config: EngineConfig): number | null {
  const mixed = moeSpaces(config).filter((slots) =>
    slots.some(({ kind }) => kind !== 'ffn' && kind !== 'negated'),
  );
  if (mixed.length === 0) return null;
  const each = mixed.map((slots) => zeroComputationComplexity(slots, config.router.tau));
  return each.reduce((a, b) => a + b) / each.length;
}

/**
 * @param known entries of the vocabulary once the text was read, for characters
 * @returns null while the experiment's settings contradict each other
 */
export function accountingOf(
  experiment: Experiment,
  adapter: AdapterReport | null,
  known: number | null,
): Accounting | null {
  const V = vocabularyOf(experiment, known);
  try {
    const config = engineConfig(experiment, V ?? 0);
    const paper = paperCounts(config);
    const tokens = config.batch.B * config.batch.S * config.optimizer.totalSteps;
    const weights = Object.values(experiment.data.mix).filter((weight) => (weight ?? 0) > 0);
    const domains = Math.max(1, weights.length);
    const figures = {
      config,
      isWithoutVocabulary: V === null,
      counts: countParameters(config),
      paper,
      tokens,
      compute: trainingCompute(paper.M, tokens),
      costs: stepCosts(config),
      dispatches: stepDispatches(config),
      memory: estimateMemory(config, adapter, domains),
      needs: memoryNeeds(experiment, V ?? 0, domains, adapter),
      granularity: granularityOf(config),
      complexity: complexityOf(config),
    };
    return Number.isFinite(figures.counts.total) ? figures : null;
  } catch {
    return null;
  }
}

/** Estimated seconds of one step: computing and moving, and what starting its kernels costs. */
export function stepSeconds({ costs, dispatches }: Accounting, speed: AdapterSpeed): number {
  return estimateStepSeconds(costs, speed) + dispatches * speed.dispatchSeconds;
}

export interface MeasuredActive {
  /** Na over the routing of the last steps reported. */
  Na: number;
  /** Counts cannot tell a token that chose both twins of an expert from two tokens. */
  isUpperBound: boolean;
}

/** Na as routing has it now; null before the first step. */
export function measuredNa(
  config: EngineConfig,
  source: Pick<RunSource, 'loads' | 'spaces'>,
): MeasuredActive | null {
  const shares = new Map<number, number[]>();
  let isUpperBound = false;
  for (const { layer } of source.spaces(null)) {
    const latest = source.loads(layer, null);
    const slots = slotsOfLayer(config.experts, layer);
    if (latest === null || latest.counts.length !== slots.length) return null;
    const tokens = stepsOf(latest) * config.batch.B * config.batch.S;
    shares.set(layer, expertShareFromLoads(slots, { tokens, ...latest }));
    isUpperBound ||= slots.some(({ kind }) => kind === 'negated');
  }
  if (shares.size === 0) return null;
  return { Na: paperCounts(config, shares satisfies ExpertShares).Na, isUpperBound };
}
