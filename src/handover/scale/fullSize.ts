/** The papers' models at full size, as experiments: shapes of `accounting/fullSize`, and what the papers print of their training. */
import { FULL_SIZE_MODELS, type FullSizeModel } from '../../accounting/fullSize.ts';
import { applyChange } from '../../config/edit.ts';
import type { Change, Experiment } from '../../config/experiment.ts';
import { presetById } from '../../config/presets.ts';

interface Training {
  /** The small preset whose losses and optimiser it has. */
  preset(id: string): string;
  /** What the paper prints. */
  printed: Change;
  /** Where, and what it leaves open. */
  remark: string;
}

const TRAINING: Readonly<Record<FullSizeModel['paper'], Training>> = {
  MoDSE: {
    preset: () => 'modse-pairs',
    printed: { 'optimizer.lr': 3e-4, 'optimizer.minLr': 3e-5, 'optimizer.warmup': 2000 },
    remark:
      'MoDSE prints a minimal rate of 3e-5 and 2000 steps of warm-up; the peak of 3e-4, the batch and the number of steps are this program’s.',
  },
  'MoE++': {
    preset: (id) => (id.endsWith('-plain') ? 'moepp-plain-8' : 'moepp-8+4'),
    printed: {
      'optimizer.lr': 5e-4,
      'optimizer.minLr': 5e-5,
      'optimizer.warmup': 2000,
      'optimizer.totalSteps': 25_000,
      'batch.B': 2048,
    },
    remark:
      'MoE++, strategy 1: 100B tokens in batches of 4M (2048 sequences of 2048), 5e-4 falling to 5e-5 after 2000 steps of warm-up.',
  },
  EqualRes: {
    preset: (id) => (id.endsWith('-dense') ? 'equalres-dense' : 'equalres-1dense-shared'),
    printed: { 'optimizer.lr': 3e-4, 'optimizer.minLr': 1e-5, 'optimizer.warmup': 200 },
    remark:
      'EqualRes, Table 4: minimal rate 1e-5, warm-up of 1 % of the steps, at least 200; its peak and batch follow a scaling law and are not printed: 3e-4, the batch and the number of steps are this program’s.',
  },
  'TC-MoE': {
    preset: (id) => (id.endsWith('-topk') ? 'tcmoe-1' : 'tcmoe'),
    printed: {
      'optimizer.lr': 3e-4,
      'optimizer.minLr': 3e-5,
      'optimizer.warmup': 2384,
      'optimizer.totalSteps': 23_842,
      'batch.B': 2048,
    },
    remark:
      'TC-MoE: 100B tokens in batches of 2048 sequences of 2048, 3e-4 falling to 3e-5 after 10 % of warm-up; initial deviation 0.006.',
  },
};

export interface FullSize {
  experiment: Experiment;
  label: string;
  remark: string;
}

/** @throws RangeError for a name that is none of them */
export function fullSizeExperiment(id: string): FullSize {
  const found = FULL_SIZE_MODELS.find((model) => model.id === id);
  if (found === undefined) {
    const known = FULL_SIZE_MODELS.map((model) => model.id).join(', ');
    throw new RangeError(`--preset ${id} is none of ${known}`);
  }
  const { paper, config, label, source } = found;
  const { preset, printed, remark } = TRAINING[paper];
  const small = presetById(preset(id));
  if (small === undefined) throw new RangeError(`no preset is called "${preset(id)}"`);
  const { model, router, experts, batch } = config;
  const sized = {
    ...small.experiment,
    model,
    router,
    experts,
    batch: { ...small.experiment.batch, S: batch.S },
  };
  return { experiment: applyChange(sized, printed), label, remark: `${source}. ${remark}` };
}
