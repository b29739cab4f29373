import type { RouterConfig } from '../../config/experiment.ts';
import type { GpuMemory } from '../../gpu/memory.ts';
import type { Pass, PassRequest } from './engine.ts';
import type { GpuEngineOptions } from './gpuPasses.ts';
import type { InspectedModel, Inspector } from './inspector.ts';
import type { RunPlan } from './passRuns.ts';

/** An engine's inspector, loaded and made with the first question. */
export class Inspecting {
  readonly #options: GpuEngineOptions;
  readonly #model: () => InspectedModel;
  readonly #run: RunPlan;
  #inspector: Inspector | null = null;

  constructor(options: GpuEngineOptions, model: () => InspectedModel, run: RunPlan) {
    this.#options = options;
    this.#model = model;
    this.#run = run;
  }

  /** What it holds. */
  get memories(): GpuMemory[] {
    return this.#inspector?.memories ?? [];
  }

  /** Frees everything: the next question builds anew. */
  forget(): void {
    this.#inspector?.forget();
  }

  writePlaces(router: RouterConfig): void {
    this.#inspector?.writePlaces(router);
  }

  async #ready(): Promise<Inspector> {
    const { Inspector } = await import('./inspector.ts');
    this.#inspector ??= new Inspector(this.#options, this.#run);
    return this.#inspector;
  }

  async pass(request: PassRequest): Promise<Pass> {
    return (await this.#ready()).pass(this.#model(), request);
  }

  async losses(request: PassRequest): Promise<Float32Array> {
    return (await this.#ready()).losses(this.#model(), request);
  }

  async logits(request: PassRequest): Promise<Float32Array> {
    return (await this.#ready()).logits(this.#model(), request);
  }
}
