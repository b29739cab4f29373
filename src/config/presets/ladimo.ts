/** LaDiMo: the dense teacher, and what its conversion gives. */
import type { Change, LayerPolicy } from '../experiment.ts';
import { type Preset, uniform, withChanges } from './build.ts';

const L = 8;
/** 12 of 32 layers, from the last upward (section 5.3). */
const CONVERTED = [5, 6, 7];

/** LLaMA-2’s proportions: FFN 2.69·D there; 352 here, which 8 experts divide. */
const setting: Change = {
  'model.L': L,
  'model.denseHidden': 352,
  'batch.B': 8,
};

const student: Change = {
  'model.arrangement': CONVERTED,
  'experts.slots': uniform(8, 44),
  'router.K': 2,
  'router.gate': 'softmax',
};

const topTwo: LayerPolicy = { kind: 'top-2' };
const policy: readonly (LayerPolicy | null)[] = Array.from({ length: L }, (_, l) =>
  CONVERTED.includes(l) ? topTwo : null,
);

const scale =
  'Paper: LLaMA-2 7B, D 4096, 32 layers, the last 12 converted; here D 128, 8 layers, the last 3 converted.';

function preset(id: string, title: string, remark: string, ...changes: Change[]): Preset {
  const experiment = withChanges(setting, ...changes);
  return { id, title, paper: 'LaDiMo', remark: `${remark} ${scale}`, experiment };
}

/** A teacher that is trained, and converted, within minutes by a processor alone. */
const small: Change = {
  'model.D': 64,
  'model.L': 4,
  'model.H': 2,
  'model.Hkv': 2,
  'model.denseHidden': 256,
  'batch.S': 64,
  'optimizer.totalSteps': 400,
  'model.arrangement': 'dense',
};

export const ladimoPresets: readonly Preset[] = [
  {
    id: 'ladimo-small',
    title: 'Small dense teacher',
    paper: 'LaDiMo',
    remark: 'A dense model that trains in a minute or two without a GPU; D 64, 4 layers.',
    experiment: withChanges(setting, small),
  },
  preset(
    'ladimo-teacher',
    'Dense teacher',
    'The dense model to train first and convert then. The paper’s is pre-trained.',
    { 'model.arrangement': 'dense' },
  ),
  preset(
    'ladimo-student',
    'Student, last layers MoE',
    'The converted model’s architecture: the FFN split into 8 experts of 352/8 units, top-2. Started like this it trains from random weights; conversion fills in the teacher’s. The paper does not print the number of experts, its top-k or α.',
    student,
  ),
  preset(
    'ladimo-adaptive',
    'Student with adaptive router',
    'Selection by a policy per layer (section 4.4), all top-2 until a profile of maximal routing weights sets them.',
    student,
    { 'router.selection': 'adaptive', 'router.policy': policy },
  ),
];
