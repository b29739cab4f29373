/** All that only the balancing lab needs (docs/balancing.md), in one piece that loads on first use. */
export * from './balancingLosses.ts';
export * from './biasRule.ts';
export * from './expertChoice.ts';
export * from './hashSelection.ts';
export * from './pools.ts';
export * from './scores.ts';
