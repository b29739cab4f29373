import { useMemo } from 'react';
import { countParameters, paperCounts } from '../../accounting/parameters.ts';
import { engineConfig } from '../../config/edit.ts';
import type { Experiment } from '../../config/experiment.ts';
import { useConfig } from '../useLab.tsx';

export interface Estimate {
  /** Exact for bytes and BPE; characters are not counted before the text is read, so their tables are left out. */
  parameters: number;
  /** Nominal Na. */
  active: number;
}

function vocabularyOf({ model, tokenizer }: Experiment): number {
  if (model.V !== null) return model.V;
  if (tokenizer.kind === 'chars') return 0;
  return tokenizer.kind === 'bytes' ? 256 : tokenizer.size;
}

/** Size of the model in the form; NaN while its settings contradict each other. */
export function estimateOf(experiment: Experiment): Estimate {
  try {
    const config = engineConfig(experiment, vocabularyOf(experiment));
    return { parameters: countParameters(config).total, active: paperCounts(config).Na };
  } catch {
    return { parameters: Number.NaN, active: Number.NaN };
  }
}

export function useEstimate(): Estimate {
  const experiment = useConfig((s) => s.experiment);
  return useMemo(() => estimateOf(experiment), [experiment]);
}
