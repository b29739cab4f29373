/** A run beside an open one: the same batches, on the memory that is left. */
import type { Experiment } from '../../config/experiment.ts';
import { errorCode, errorMessage, switchyardError } from './errors.ts';
import type { Session } from './session.ts';

/** @throws ConfigInvalid where an experiment does not have the batches of an open run */
export async function checkBatches({ experiment }: Session, other: Experiment): Promise<void> {
  const { unlikeBatches } = await import('../../analysis/compare/pairs.ts');
  const reasons = unlikeBatches(experiment, other);
  if (reasons.length > 0) throw switchyardError('ConfigInvalid', reasons.join(' '));
}

/** What keeps a run from being opened beside another; says what that one holds where memory is short. */
export function tooLargeBeside({ report }: Session, error: unknown): unknown {
  if (errorCode(error) !== 'ModelTooLarge') return error;
  const held = `${(report.gpuBytes / 2 ** 20).toFixed(1)} MiB`;
  return switchyardError('ModelTooLarge', `Beside A, which holds ${held}: ${errorMessage(error)}`);
}
