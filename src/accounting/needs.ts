/** What a run needs of an adapter, from its plan alone: its first settings and all its events. */
import { applyChange, engineConfig } from '../config/edit.ts';
import type { EngineConfig, Experiment } from '../config/experiment.ts';
import { estimateMemory, type MemoryItem, type MemoryLimits, misfit } from './memory.ts';

/** One buffer and what it is for. */
export type LargestBuffer = Pick<MemoryItem, 'label' | 'bytes'>;

export interface MemoryNeeds {
  buffer: LargestBuffer;
  /** The largest that a kernel binds; buffers that are only copied may be larger. */
  binding: LargestBuffer;
  /** Bytes of all buffers at the run's largest. */
  total: number;
}

/** Configurations that a run goes through, the first one at its start. */
function stages(experiment: Experiment, vocabulary: number): EngineConfig[] {
  let now = experiment;
  const configs = [engineConfig(now, vocabulary)];
  for (const [, change] of experiment.events) {
    now = applyChange(now, change);
    configs.push(engineConfig(now, vocabulary));
  }
  return configs;
}

const larger = <T extends { bytes: number }>(a: T, b: T): T => (b.bytes > a.bytes ? b : a);

/**
 * @param vocabulary entries of the tokenizer
 * @param domains kinds of text that telemetry counts apart
 * @param limits of the adapter, for what it takes there; null for one that binds any buffer
 */
export function memoryNeeds(
  experiment: Experiment,
  vocabulary: number,
  domains: number,
  limits: MemoryLimits | null,
): MemoryNeeds {
  const estimates = stages(experiment, vocabulary).map((config) =>
    estimateMemory(config, limits, domains),
  );
  const items = estimates.flatMap((estimate) => estimate.items);
  const { label, bytes } = items.reduce(larger);
  const binding = items.filter(({ use }) => use !== 'staging').reduce(larger);
  return {
    buffer: { label, bytes },
    binding: { label: binding.label, bytes: binding.bytes },
    total: Math.max(...estimates.map(({ total }) => total)),
  };
}

/**
 * Entries that the vocabulary of an experiment has at least, before its text is read.
 * @param known those of the same text under the same tokenizer, where it was read
 */
export function leastVocabulary(
  { model, tokenizer }: Experiment,
  known: number | null = null,
): number {
  return model.V ?? known ?? (tokenizer.kind === 'chars' ? 1 : 256);
}

/** Why an adapter cannot hold a run, with what it needs and what there is; null where it can. */
export function outgrows(
  experiment: Experiment,
  vocabulary: number,
  domains: number,
  limits: MemoryLimits,
): string | null {
  const reasons = stages(experiment, vocabulary).map((config) =>
    whyTooLarge(config, domains, limits),
  );
  const i = reasons.findIndex((reason) => reason !== null);
  if (i <= 0) return reasons[i] ?? null;
  return `From step ${experiment.events[i - 1]?.[0]} on: ${reasons[i]}`;
}

/** As `outgrows`, of one configuration. */
export function whyTooLarge(
  config: EngineConfig,
  domains: number,
  limits: MemoryLimits,
): string | null {
  const worst = estimateMemory(config, limits, domains)
    .items.filter((entry) => misfit(entry, limits) !== null)
    .reduce<MemoryItem | null>((a, b) => (a === null ? b : larger(a, b)), null);
  return worst && `${misfit(worst, limits)} Make the model or the batch smaller.`;
}
