/** What can be asked of a hand-over; for command and page alike. */

/** Classes of `transformers` by what `--as` calls them. */
export const ARCHITECTURES = {
  llama: 'LlamaForCausalLM',
  mixtral: 'MixtralForCausalLM',
  'qwen2-moe': 'Qwen2MoeForCausalLM',
  'glm4-moe': 'Glm4MoeForCausalLM',
} as const;

export type ClassId = keyof typeof ARCHITECTURES;

export const CLASS_IDS = Object.keys(ARCHITECTURES) as readonly ClassId[];

export function isClassId(id: string): id is ClassId {
  return Object.hasOwn(ARCHITECTURES, id);
}

/** Most batches that are written. */
export const MAX_BATCHES = 10_000;

export interface HandoverAsk {
  /** A class of `transformers`; null: programs for PyTorch that train on. */
  as: ClassId | null;
  /** How many of the next batches are written; for PyTorch. */
  batches: number;
}
