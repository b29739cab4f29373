import type { GpuMemory } from '../../gpu/memory.ts';
import type { GpuEngineOptions, Passes } from './gpuPasses.ts';
import type { RunPlan } from './passRuns.ts';

/** Passes beside those that train, made when they are first asked for. */
export abstract class SidePasses {
  protected readonly options: GpuEngineOptions;
  protected readonly run: RunPlan;
  protected passes: Passes | null = null;

  /** @param run runs a plan in sampling mode */
  constructor(options: GpuEngineOptions, run: RunPlan) {
    this.options = options;
    this.run = run;
  }

  /** What they hold. */
  get memories(): GpuMemory[] {
    return this.passes === null ? [] : [this.passes.memory];
  }

  /** Frees them: the next question builds others. */
  forget(): void {
    this.passes?.memory.destroy();
    this.passes = null;
  }
}
