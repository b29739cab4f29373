/** All that only the balancing lab needs (docs/balancing.md), in one piece that loads on first use. */
export * from '../kernels/balancingLosses.ts';
export * from '../kernels/biasRule.ts';
export * from '../kernels/expertChoice.ts';
export * from '../kernels/hashSelection.ts';
export * from '../kernels/pools.ts';
export * from '../kernels/scores.ts';
