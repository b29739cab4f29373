/**
 * Classes of `transformers` whose mathematics are this lab's for some experiments: what each asks of
 * one, its configuration, and its names of tensors. All of them rotate halves (i, i + Dh/2) as docs/model.md
 * does, divide scores by √Dh and norm by RMS, so that weights go over as they are. Read from
 * transformers 4.57 and 5.18.
 *
 * Classes that norm queries and keys before they rotate (Qwen3-MoE, OLMoE, Dots) or compress keys and values
 * (DeepSeek-V2, -V3) can express no attention of this lab.
 */
import { hasSelectionBias, selectionBiasName } from '../../config/balancing.ts';
import type { SafeTensor } from '../../data/safetensors.ts';
import type { TensorMap } from '../../train/engine/engine.ts';
import { ARCHITECTURES, type ClassId } from '../options.ts';
import {
  ATTENTION,
  evenExperts,
  hasMoe,
  moeLayers,
  type Need,
  oneOf,
  RENORMALIZED,
  ROUTING,
  SOFTMAX,
  type Subject,
} from './needs.ts';

type Named = readonly [name: string, tensor: SafeTensor];

export interface TransformersClass {
  architecture: string;
  modelType: string;
  needs: readonly Need[];
  /** Fields of `config.json` beside those of every class. */
  fields(subject: Subject): object;
  /** Names of this lab to those of the class, the first that fits; after these the common ones. */
  names: readonly (readonly [RegExp, string])[];
  /** Tensors that the class has beside those that are renamed; of one name, these count. */
  more?(subject: Subject, parameters: TensorMap): Named[];
}

const zeros = (...shape: number[]): SafeTensor => ({
  dtype: 'F32',
  shape,
  data: new Float32Array(shape.reduce((product, n) => product * n, 1)),
});

function chosen({ config }: Subject): { K: number; R: number; hidden: number } {
  const { R, hidden } = evenExperts(config) ?? { R: 0, hidden: 0 };
  return { K: Math.min(config.router.K, R), R, hidden };
}

const isRenormalized = ({ config }: Subject) => RENORMALIZED.includes(config.router.gate);

/** No loss of the class's own: the experiment's are other ones. */
const NO_LOSS = { output_router_logits: false, router_aux_loss_coef: 0 };

const llama: TransformersClass = {
  architecture: ARCHITECTURES.llama,
  modelType: 'llama',
  needs: [
    ...ATTENTION,
    hasMoe('"dense", a model without experts', (layers) => layers.length === 0),
  ],
  fields: ({ config }) => ({
    intermediate_size: config.model.denseHidden,
    attention_bias: false,
    mlp_bias: false,
  }),
  names: [],
};

const mixtral: TransformersClass = {
  architecture: ARCHITECTURES.mixtral,
  modelType: 'mixtral',
  needs: [
    ...ATTENTION,
    hasMoe('"full", experts in every layer', (layers, L) => layers.length === L),
    ...ROUTING,
    ...SOFTMAX,
    oneOf('router.gate', ...RENORMALIZED),
    oneOf('experts.sharedHidden', 0),
  ],
  fields(subject) {
    const { K, R, hidden } = chosen(subject);
    return {
      intermediate_size: hidden,
      num_local_experts: R,
      num_experts_per_tok: K,
      router_jitter_noise: 0,
      sliding_window: null,
      ...NO_LOSS,
    };
  },
  names: [
    [/moe\.router\.weight$/, 'block_sparse_moe.gate.weight'],
    [/moe\.experts\.(\d+)\.gate\./, 'block_sparse_moe.experts.$1.w1.'],
    [/moe\.experts\.(\d+)\.down\./, 'block_sparse_moe.experts.$1.w2.'],
    [/moe\.experts\.(\d+)\.up\./, 'block_sparse_moe.experts.$1.w3.'],
  ],
};

const EXPERT_NAMES: TransformersClass['names'] = [
  [/moe\.router\.weight$/, 'mlp.gate.weight'],
  [/moe\.experts\.(\d+)\.(\w+)\./, 'mlp.experts.$1.$2_proj.'],
];

const MAPS = ['gate', 'up', 'down'] as const;

/** A shared expert that adds nothing, for a class that always has one. */
function noShared(prefix: string, hidden: number, D: number): Named[] {
  return MAPS.map((map) => [
    `${prefix}.${map}_proj.weight`,
    map === 'down' ? zeros(D, hidden) : zeros(hidden, D),
  ]);
}

const qwen2Moe: TransformersClass = {
  architecture: ARCHITECTURES['qwen2-moe'],
  modelType: 'qwen2_moe',
  needs: [
    ...ATTENTION,
    hasMoe('an MoE layer', (layers) => layers.length > 0),
    ...ROUTING,
    ...SOFTMAX,
    oneOf('router.gate', ...RENORMALIZED, 'softmax'),
  ],
  fields(subject) {
    const { K, R, hidden } = chosen(subject);
    const { model, experts } = subject.config;
    const layers = moeLayers(subject.config);
    return {
      intermediate_size: model.denseHidden,
      moe_intermediate_size: hidden,
      shared_expert_intermediate_size: experts.sharedHidden || 1,
      num_experts: R,
      num_experts_per_tok: K,
      norm_topk_prob: isRenormalized(subject),
      decoder_sparse_step: 1,
      mlp_only_layers: Array.from({ length: model.L }, (_, l) => l).filter(
        (l) => !layers.includes(l),
      ),
      qkv_bias: false,
      use_sliding_window: false,
      ...NO_LOSS,
    };
  },
  names: [...EXPERT_NAMES, [/moe\.shared\.(\w+)\./, 'mlp.shared_expert.$1_proj.']],
  /** The class weighs its shared expert by σ(gate·m): a gate of 0 is ½ exactly, and doubled weights make it 1. */
  more({ config: { model, experts }, config }, parameters) {
    return moeLayers(config).flatMap((l): Named[] => {
      const prefix = `model.layers.${l}.mlp.shared_expert`;
      const gate: Named = [`${prefix}_gate.weight`, zeros(1, model.D)];
      const down = parameters.get(`layers.${l}.moe.shared.down.weight`);
      if (experts.sharedHidden === 0 || down === undefined)
        return [gate, ...noShared(prefix, 1, model.D)];
      const data = down.data.map((w) => 2 * w);
      return [gate, [`${prefix}.down_proj.weight`, { dtype: 'F32', shape: down.shape, data }]];
    });
  },
};

/** MoE layers from the k-th on, after k dense ones. */
const isTail = (layers: readonly number[], L: number) =>
  layers.length > 0 && layers[0] === L - layers.length;

const glm4Moe: TransformersClass = {
  architecture: ARCHITECTURES['glm4-moe'],
  modelType: 'glm4_moe',
  needs: [
    ...ATTENTION,
    hasMoe('"1dense" or "full": dense layers first, then MoE layers alone', isTail),
    ...ROUTING,
    {
      path: 'experts.slots',
      needs: 'at least 2 experts',
      holds: ({ config }) => (evenExperts(config)?.R ?? 2) >= 2,
    },
    oneOf('router.score', 'sigmoid'),
    oneOf('router.gate', ...RENORMALIZED, 'softmax'),
    {
      path: 'experts.sharedHidden',
      needs: 'a multiple of the width of its experts',
      holds({ config }) {
        const even = evenExperts(config);
        return even === null || config.experts.sharedHidden % even.hidden === 0;
      },
    },
  ],
  fields(subject) {
    const { K, R, hidden } = chosen(subject);
    const { model, experts, router } = subject.config;
    return {
      intermediate_size: model.denseHidden,
      moe_intermediate_size: hidden,
      n_routed_experts: R,
      n_shared_experts: Math.max(1, experts.sharedHidden / hidden),
      num_experts_per_tok: K,
      norm_topk_prob: isRenormalized(subject),
      routed_scaling_factor: router.routeScale,
      n_group: 1,
      topk_group: 1,
      first_k_dense_replace: model.L - moeLayers(subject.config).length,
      use_qk_norm: false,
      attention_bias: false,
      partial_rotary_factor: 1,
      num_nextn_predict_layers: 0,
    };
  },
  names: [
    ...EXPERT_NAMES,
    [/moe\.shared\.(\w+)\./, 'mlp.shared_experts.$1_proj.'],
    [/moe\.router\.selection_bias$/, 'mlp.gate.e_score_correction_bias'],
  ],
  more(subject, parameters) {
    const { config } = subject;
    const { R, hidden } = chosen(subject);
    return moeLayers(config).flatMap((l): Named[] => {
      const prefix = `model.layers.${l}.mlp`;
      const hasBias = hasSelectionBias(config, l) && parameters.has(selectionBiasName(l));
      return [
        ...(hasBias ? [] : [[`${prefix}.gate.e_score_correction_bias`, zeros(R)] as const]),
        ...(config.experts.sharedHidden > 0
          ? []
          : noShared(`${prefix}.shared_experts`, hidden, config.model.D)),
      ];
    });
  },
};

export const CLASSES: Readonly<Record<ClassId, TransformersClass>> = {
  llama,
  mixtral,
  'qwen2-moe': qwen2Moe,
  'glm4-moe': glm4Moe,
};
