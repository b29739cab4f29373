/** Printed by LaDiMo: dense to MoE by layer-wise distillation. */
import { printed } from './printed.ts';

export const policies = printed({
  paper: 'ladimo',
  where: 'Table 1',
  holds: 'Policy of a layer from its quantiles',
  csv: `β_i against β,α_i ≤ α,α_i > α
β_i ≥ β,top-2,top-1
β_i < β,top-3,dynamic`,
});

const conversion = printed({
  paper: 'ladimo',
  where: 'Figures 4, 6',
  holds: 'The last 12 of 32 layers converted',
  csv: `quantity,printed
throughput against the dense model,1.1×
MMLU against the dense model,97%
active parameters,5.5B of 6.7B`,
});

export const LADIMO = [policies, conversion] as const;
