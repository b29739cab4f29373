import type { MemoryLimits } from '../../accounting/memory.ts';
import type { EngineConfig, Experiment } from '../../config/experiment.ts';
import { switchyardError } from '../session/errors.ts';

/** What counts memory comes when a run is opened, not with the worker. */
const accounting = () => import('../../accounting/needs.ts');

function refuse(reason: string | null): void {
  if (reason !== null) throw switchyardError('ModelTooLarge', reason);
}

/** @throws ModelTooLarge where a device cannot hold a model, with what it needs and what there is */
export async function checkFits(
  config: EngineConfig,
  domains: number,
  limits: MemoryLimits,
): Promise<void> {
  const { whyTooLarge } = await accounting();
  refuse(whyTooLarge(config, domains, limits));
}

/**
 * As `checkFits`, of a whole run with its events.
 * @param vocabulary entries of the tokenizer; null before the text is read, for what it has at least
 */
export async function checkRunFits(
  experiment: Experiment,
  vocabulary: number | null,
  domains: number,
  limits: MemoryLimits,
): Promise<void> {
  const { leastVocabulary, outgrows } = await accounting();
  refuse(outgrows(experiment, vocabulary ?? leastVocabulary(experiment), domains, limits));
}
