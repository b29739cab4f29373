import type { EngineConfig } from '../../config/experiment.ts';
import { generationConfig } from '../../config/generation.ts';
import type { Batch } from '../../data/types.ts';
import { readFloats } from '../../gpu/readback.ts';
import { buildPasses, type Shared } from './gpuPasses.ts';
import { SidePasses } from './sidePasses.ts';

/** Loss of batches by the rule that texts are gone on with, where evaluation's own is not causal. */
export class GenerationLoss extends SidePasses {
  /** Cross-entropy per token [T] of a batch of the training's shape; nothing is dropped. */
  async perToken(shared: Shared, config: EngineConfig, batch: Batch): Promise<Float32Array> {
    const generation = generationConfig(config);
    this.passes ??= (await buildPasses(shared, generation, this.options, false)).passes;
    const passes = this.passes;
    for (const plan of [passes.forward, passes.evaluationLoss])
      this.run(passes, plan, batch, false);
    const losses = await readFloats(shared.memory.device, passes.network.loss_T);
    return losses.slice(0, passes.batch.T);
  }
}
