/**
 * The auxiliary losses, one row each (docs/model.md, "Losses"), in the order of their scalars in a
 * record: names in files and records, labels and colours of their curves.
 */
interface AuxTermRow {
  /** Name in files, records and `LossesConfig`. */
  name: string;
  /** Name of its weight in `LossesConfig`; `name_weight` is its uniform in shaders/common/step.wgsl. */
  weight: string;
  label: string;
  /** Colour of its curve. */
  color: string;
}

export const AUX_TERM_ROWS = [
  { name: 'switch', weight: 'alpha', label: 'switch', color: 'var(--aux)' },
  { name: 'heterogeneous', weight: 'beta', label: 'heterogeneous', color: 'var(--valid)' },
  { name: 'ternary', weight: 'alpha1', label: 'ternary', color: 'var(--ref-2)' },
  { name: 'reward', weight: 'alpha2', label: 'reward', color: 'var(--train)' },
  { name: 'dynamic', weight: 'w', label: 'dynamic', color: 'var(--ref-1)' },
  { name: 'zloss', weight: 'coefficient', label: 'router z', color: 'var(--muted)' },
  { name: 'balance', weight: 'coefficient', label: 'balance', color: 'var(--train)' },
] as const satisfies readonly AuxTermRow[];

type Row = (typeof AUX_TERM_ROWS)[number];
export type AuxTerm = Row['name'];

export const AUX_TERMS: readonly AuxTerm[] = AUX_TERM_ROWS.map(({ name }) => name);

/** Which choices the balance loss counts: those of the selection, or of the logits without its bias. */
type BalanceCounts = 'selected' | 'unbiased';

/** What f and P of the balance loss are taken over (docs/balancing.md, "Losses"). */
export type BalanceConfig = { coefficient: number; counts?: BalanceCounts } & (
  | { scope: 'sequence' | 'batch' }
  /** `window`: steps, the current one included. */
  | { scope: 'global'; window: number }
);

/** Weights of the terms; only active terms are present. */
export type LossesConfig = {
  [R in Exclude<Row, { name: 'balance' }> as R['name']]?: Record<R['weight'], number>;
} & { balance?: BalanceConfig };

/** Uniforms that carry the weights. */
export type WeightField = { [R in Row as `${R['name']}_${R['weight']}`]: number };

/** The weight of every term, 0 where it is off, by the name of its uniform. */
export function lossWeights(losses: LossesConfig): WeightField {
  const weights = AUX_TERM_ROWS.map(({ name, weight }) => {
    const active: { readonly [key: string]: unknown } | undefined = losses[name];
    return [`${name}_${weight}`, Number(active?.[weight] ?? 0)];
  });
  return Object.fromEntries(weights) as WeightField;
}
