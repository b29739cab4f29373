/**
 * A model handed over to PyTorch: a folder with its weights, moments, experiment, and two readable
 * programs, which train it on (docs/handover.md). Needs torch alone.
 */
import type { Experiment } from '../config/experiment.ts';
import { type SafeTensors, writeSafetensors } from '../data/safetensors.ts';
import type { Batch, PreparedText } from '../data/types.ts';
import type { TensorMap } from '../train/engine/engine.ts';
import { type Checkpoint, checkpointMetadata } from '../train/session/checkpoint.ts';
import { FIRST, SECOND } from '../train/session/modelState.ts';
import modelPy from './python/model.py?raw';
import trainPy from './python/train.py?raw';
import { atNextStep, type HandoverFiles, jsonFile, tokenizerJson, utf8 } from './settings.ts';

export interface HandoverOptions {
  /** The text that the run is trained on: its tokenizer, and its next batches. */
  text: Pick<PreparedText, 'tokenizer' | 'trainingBatch'>;
  /** How many of the next batches are written. */
  batches: number;
}

function named(...parts: readonly (readonly [prefix: string, TensorMap])[]): SafeTensors {
  const tensors: SafeTensors = new Map();
  for (const [prefix, map] of parts)
    for (const [name, { shape, data }] of map)
      tensors.set(prefix + name, { dtype: 'F32', shape, data });
  return tensors;
}

/** Batches of the steps to come in the goldens' names: `tokens`, `targets` [n, B, S]. */
function batchesFile(
  { batch: { B, S } }: Experiment,
  firstStep: number,
  batches: readonly Batch[],
): Uint8Array {
  const of = (name: 'tokens' | 'targets') => ({
    dtype: 'I32' as const,
    shape: [batches.length, B, S],
    data: Int32Array.from(batches.flatMap((batch) => [...batch[name]])),
  });
  const tensors: SafeTensors = new Map([
    ['tokens', of('tokens')],
    ['targets', of('targets')],
  ]);
  return writeSafetensors(tensors, { firstStep: String(firstStep) });
}

/** @param batches how many go along; the commands take all of them, or 100 of a text */
function readme(experiment: Experiment, step: number, batches: number): string {
  const asked =
    batches > 0 ? `--steps ${batches} --batches batches.safetensors` : '--steps 100 --text FILE';
  return `# A model of Switchyard, after ${step} steps

\`\`\`
python3 train.py ${asked}
torchrun --nproc_per_node 2 train.py ${asked} --shard
\`\`\`

Needs torch 1.13 or newer and nothing else. \`model.py\` is the network, \`config.json\` its experiment
(${experiment.batch.B} sequences of ${experiment.batch.S} tokens a step; a number of processes has to divide the sequences),
\`model.safetensors\` the weights, \`moments.safetensors\` those of AdamW. What was trained on is saved as
\`continued.safetensors\`: the next call goes on from it, and Switchyard opens it as a run. \`--shard\` divides the experts
among the processes.
`;
}

/**
 * The folder of a checkpoint. Settings are those in force at its step; events that lie ahead are
 * not carried out.
 * @throws RangeError for a tokenizer that cannot be written
 */
export function handover(
  checkpoint: Checkpoint,
  { text, batches: n }: HandoverOptions,
): HandoverFiles {
  const { experiment, parent = null } = checkpoint;
  const { subject, state } = atNextStep(checkpoint, text.tokenizer.size);
  const { step, parameters, firstMoments, secondMoments } = state;
  const { settings } = subject;
  const config = { ...subject.config, seeds: settings.seeds };
  const tokenizer = tokenizerJson(text.tokenizer);
  const weights = named(['', parameters], ['', state.countHistories ?? new Map()]);
  const moments = named([FIRST, firstMoments], [SECOND, secondMoments]);
  const files: HandoverFiles = new Map([
    ['README.md', utf8(readme(settings, step, n))],
    ['config.json', jsonFile({ format: 1, step, config, tokenizer, experiment, parent })],
    ['model.py', utf8(modelPy)],
    ['train.py', utf8(trainPy)],
    ['model.safetensors', writeSafetensors(weights, checkpointMetadata(checkpoint, weights))],
    ['moments.safetensors', writeSafetensors(moments, {})],
  ]);
  if (n > 0) {
    const batches = Array.from({ length: n }, (_, i) => text.trainingBatch(step + 1 + i));
    files.set('batches.safetensors', batchesFile(settings, step + 1, batches));
  }
  return files;
}
