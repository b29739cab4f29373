import type { CostClass } from '../../../accounting/costs.ts';
import type { MemoryClass } from '../../../accounting/memory.ts';
import type { ParameterClass } from '../../../accounting/parameters.ts';
import type { Explanation } from '../../kit/explanation.ts';

const EQUALRES = 'MoE against dense under equal resources';

export const PARAMETER_TEXTS: Readonly<Record<ParameterClass, Explanation>> = {
  embedding: {
    label: 'Embedding',
    meaning: 'One vector per entry of the vocabulary.',
    formula: 'V·D',
  },
  head: {
    label: 'Head',
    meaning: 'From the last norm to the logits; none of its own where it is tied to the embedding.',
    formula: 'V·D',
  },
  attention: {
    label: 'Attention',
    meaning: 'Query, key, value and output maps; key and value heads may be shared.',
    formula: 'L·(2·D² + 2·D·Hkv·Dh)',
  },
  router: {
    label: 'Router',
    meaning: 'Scores per slot, with bias, noise branch and gating residual where they are on.',
    formula: 'Σ_layers R·D (+ R) (+ R·D) (+ R·R_previous)',
  },
  norms: {
    label: 'Norms',
    meaning: 'Weights of all RMSNorms.',
    formula: 'D + L·2·D (+ L·Dh) (+ R)',
  },
  experts: {
    label: 'Experts',
    meaning: 'SwiGLU of every FFN expert; a negated slot shares its twin’s weights.',
    formula: 'Σ_layers 3·D·Σᵢ hᵢ',
  },
  shared: {
    label: 'Shared expert',
    meaning: 'A SwiGLU that every token passes, without a gate.',
    formula: 'Σ_layers 3·D·h_shared',
    source: EQUALRES,
  },
  dense: {
    label: 'Dense layers',
    meaning: 'SwiGLU of the layers that are not MoE.',
    formula: 'Σ_layers 3·D·h_dense',
  },
  constants: {
    label: 'Constant experts',
    meaning: 'A vector and the map that mixes it with the input.',
    formula: '3·D each',
    source: 'MoE++ 5',
  },
};

export const PAPER_TEXTS = {
  N: {
    label: 'Total parameters',
    meaning:
      'Attention and FFN weights of all layers, the shared expert included; vocabulary tables, routers and norms are left out.',
    formula: 'N = Σ_layers (2·D² + 2·D·Hkv·Dh + 3·D·Σ h)',
    source: `${EQUALRES} 1–4`,
  },
  Na: {
    label: 'Active parameters',
    meaning:
      'Those of N that one token uses. Nominal: every set of K slots is equally likely; an expert with a negated twin is used when either is chosen.',
    formula: 'Na = Σ_layers (attention + 3·D·Σᵢ hᵢ·P(i is used))',
    source: `${EQUALRES} 5`,
  },
  measured: {
    label: 'Measured Na',
    meaning:
      'The same with the routing of the last steps: assignments without dropped ones, over tokens. With negated slots it is an upper bound, as counts cannot tell a token that chose both twins from two tokens.',
    formula: 'P(i is used) = (cᵢ − dropsᵢ) / T',
    source: `${EQUALRES} 5`,
  },
  ra: {
    label: 'Activation rate',
    meaning: 'The part of the parameters that a token uses; 1 for a dense model.',
    formula: 'ra = Na / N',
    source: `${EQUALRES} 5`,
  },
  M: {
    label: 'FLOPs per token',
    meaning:
      'In the forward pass: two per active weight, and attention over the whole context. The paper prints the first term without its 2; its tables have it.',
    formula: 'M = 2·Na + 4·D·S·L',
    source: `${EQUALRES} 6`,
  },
  C: {
    label: 'Training compute',
    meaning: 'Three forward passes’ worth for every token of the whole run.',
    formula: 'C = 3·M·tokens',
    source: `${EQUALRES} 7–10`,
  },
  granularity: {
    label: 'Granularity',
    meaning: 'How finely a dense layer is cut: its hidden width over the mean width of an expert.',
    formula: 'h_dense / mean hᵢ',
  },
  complexity: {
    label: 'Complexity',
    meaning:
      'FFN work relative to a plain MoE once the loads are balanced as the heterogeneous loss asks.',
    formula: 'τ·N / (τ·N + Nzc)',
    source: 'MoE++, Table 1',
  },
} as const satisfies Record<string, Explanation>;

export const COST_NAMES: Readonly<Record<CostClass | 'optimizer', string>> = {
  attention: 'Attention',
  router: 'Router',
  experts: 'Experts',
  shared: 'Shared expert',
  dense: 'Dense layers',
  head: 'Head and loss',
  other: 'Norms, sorting, combining',
  optimizer: 'AdamW',
};

export const COST_TEXT: Explanation = {
  label: 'FLOPs and bytes of a step',
  meaning:
    'What the kernels of this engine do in one training step, forward and backward: two FLOPs per multiply-add, only the keys that causal attention visits, only the slots that are chosen (on average). Bytes count every operand of a kernel once, a lower bound.',
  formula: 'experts: 18·D·Σ (rows·hᵢ) FLOPs',
};

export const MEMORY_TEXTS: Readonly<Record<MemoryClass, Explanation>> = {
  parameters: {
    label: 'Weights',
    meaning: 'All parameters in float32, in one buffer.',
    formula: '4 B each',
  },
  gradients: {
    label: 'Gradients',
    meaning: 'One per parameter, in one buffer.',
    formula: '4 B each',
  },
  moments: {
    label: 'AdamW moments',
    meaning: 'First and second moment of every gradient, a buffer each.',
    formula: '2 · 4 B each',
  },
  activations: {
    label: 'Activations',
    meaning:
      'What forward keeps for backward, and what backward works in; sized for the worst routing, so that nothing is allocated in a step.',
  },
  other: {
    label: 'Other',
    meaning: 'Batch, tables, telemetry ring and dimensions of the kernels.',
  },
};

export const TIME_TEXT: Explanation = {
  label: 'Time of a step',
  meaning:
    'Each part of the step takes the longer of computing and moving at the rates that the probe measured (a 512³ product of this engine, and a copy); what starting a kernel costs comes on top. Small products reach less than the probe’s rate, caches more: take it as a guess within a factor of two or three. Once it trains, the measured time counts.',
  formula: 'Σ_parts max(FLOPs / rate, bytes / rate) + kernels · start',
};
