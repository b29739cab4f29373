import type { EngineConfig } from './experiment.ts';

/**
 * The model as it goes on with texts: `topk` in place of expert choice, with nothing dropped, and no
 * pools; without the losses that training adds (docs/balancing.md, "Expert choice", "Document pools").
 */
export function generationConfig(config: EngineConfig): EngineConfig {
  const { router } = config;
  const isChoice = router.selection === 'expertChoice';
  return {
    ...config,
    losses: {},
    router: {
      ...router,
      selection: isChoice ? 'topk' : router.selection,
      capacity: isChoice ? null : router.capacity,
      pool: null,
    },
  };
}

/** Whether evaluation looks at more than a token's past: later tokens, and other sequences. */
export function isNotCausal(router: EngineConfig['router'] | undefined): boolean {
  if (router === undefined) return false;
  const { selection, pool } = router;
  return selection === 'expertChoice' || (pool !== null && pool.evaluation !== null);
}
