import type { EngineConfig } from '../../src/config/experiment.ts';
import type { AdapterClass } from '../../src/gpu/plan.ts';
import { GpuEngine } from '../../src/train/engine/gpuEngine.ts';
import { DECODED_TOKENS, DOMAINS, INIT_STD, randomBatch, SEED } from '../shapes.ts';
import type { Work } from '../subject.ts';

const FREE = { capacity: false, routing: false };

/** The most probable token, the lowest of equal ones. */
function best(logits: Float32Array): number {
  return logits.reduce((most, z, v) => (z > logits[most]! ? v : most), 0);
}

/**
 * Greedy texts that end with the window: a run writes their last tokens, all at once and by what is kept of
 * the tokens before, prompts included, or one text by whole windows. `first` ends with the first token.
 */
export async function decodeWork(
  device: GPUDevice,
  config: EngineConfig,
  prompts: number,
  how: 'cached' | 'first' | 'window',
  adapterClass: AdapterClass,
): Promise<Work> {
  const options = { domains: DOMAINS, initStd: INIT_STD, seedInit: SEED, adapterClass };
  const engine = await GpuEngine.create(device, config, options);
  const { S } = config.batch;
  const { tokens } = randomBatch({ ...config, batch: { B: prompts, S } });
  const texts = Array.from({ length: how === 'window' ? 1 : prompts }, (_, p) =>
    Array.from(tokens.subarray(p * S, (p + 1) * S - DECODED_TOKENS)),
  );
  let written = texts;
  let runs = 0;
  const logitsOf = async (now: readonly number[][]) => {
    if (how === 'window') return [await engine.nextLogits(now[0] ?? [], { capacity: false })];
    return (await engine.next(now, FREE)).map((next) => next?.logits);
  };
  return {
    async run(times) {
      for (let run = 0; run < times; run++) {
        // Another text each time, so that nothing of its prompt is kept.
        runs++;
        written = texts.map((text) => [runs % config.model.V, ...text.slice(1)]);
        for (let i = 0; i < (how === 'first' ? 1 : DECODED_TOKENS); i++) {
          const logits = await logitsOf(written);
          for (const [p, text] of written.entries()) text.push(best(logits[p] as Float32Array));
        }
      }
    },
    /** Of the first text: the same whoever wrote it. */
    value: async () =>
      (written[0] ?? []).slice(-DECODED_TOKENS).reduce((sum, token, i) => sum + token * (i + 1), 0),
    destroy: () => engine.destroy(),
  };
}
