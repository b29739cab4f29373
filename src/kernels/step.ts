/** The uniform `StepParams` of shaders/common/step.wgsl: fields in order, 4 bytes each. */
export const STEP_FIELDS = {
  step: 'u32',
  ring_slot: 'u32',
  is_training: 'u32',
  use_capacity: 'u32',
  drop_enabled: 'u32',
  drop_step: 'u32',
  drop_threshold: 'u32',
  drop_all: 'u32',
  seed: 'u32',
  top_p: 'f32',
  learning_rate: 'f32',
  weight_decay: 'f32',
  /** Global-norm clip; 0 for none. */
  clip: 'f32',
  /** β₁ and β₂: as float32, what that leaves of them, and 1 − β (`momentWeights`). */
  keep1: 'f32',
  keep1_rest: 'f32',
  gain1: 'f32',
  keep2: 'f32',
  keep2_rest: 'f32',
  gain2: 'f32',
  epsilon: 'f32',
  /** 1 − β₁ˢ */
  correction1: 'f32',
  /** 1 − β₂ˢ */
  correction2: 'f32',
  switch_alpha: 'f32',
  heterogeneous_beta: 'f32',
  ternary_alpha1: 'f32',
  reward_alpha2: 'f32',
  dynamic_w: 'f32',
  zloss_coefficient: 'f32',
  balance_coefficient: 'f32',
  tau: 'f32',
} as const;
export type StepField = keyof typeof STEP_FIELDS;
export type StepParams = Record<StepField, number>;
export const STEP_BYTES = Object.keys(STEP_FIELDS).length * 4;

/** Writes the numbers of one step into `view` in the uniform's layout. */
export function writeStepParams(view: DataView, params: Readonly<StepParams>): void {
  Object.entries(STEP_FIELDS).forEach(([name, type], i) => {
    const value = params[name as StepField];
    if (type === 'f32') view.setFloat32(i * 4, value, true);
    else view.setUint32(i * 4, value, true);
  });
}
