import type { PreparedText } from '../../data/types.ts';
import type { Engine } from './engine.ts';

/** A model that is asked something, with its run's text. */
export interface Asked {
  engine: Pick<
    Engine,
    'config' | 'layers' | 'inspect' | 'pass' | 'passLosses' | 'passLogits' | 'next'
  >;
  text: Pick<PreparedText, 'tokenizer' | 'domains' | 'validationBatch' | 'trainingBatch'>;
  /** The next step. */
  step: number;
  /** Settings of evaluation in force. */
  evaluation: { batches: number; capacity: boolean };
}
