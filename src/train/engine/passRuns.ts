import type { EngineConfig } from '../../config/experiment.ts';
import type { Batch } from '../../data/types.ts';
import type { Plan } from '../../gpu/plan.ts';
import { STEP_BYTES, writeStepParams } from '../../kernels/step.ts';
import type { Passes, Shared } from './gpuPasses.ts';
import { type PassOptions, stepParams } from './stepParams.ts';
import { type StepInput, StepQueue } from './stepQueue.ts';

/** A pass over buffers: its batch, and what its numbers are made of. */
export interface PassRun<P = Pick<Passes, 'batch'>> {
  config: EngineConfig;
  shared: Pick<Shared, 'step'>;
  passes: P;
  /** The batch as its buffer is to hold it. */
  image: Uint32Array<ArrayBuffer>;
  options: PassOptions;
}

/** Runs a plan over the network of passes on a batch. */
export type RunPlan = (
  passes: Pick<Passes, 'batch'>,
  plan: Plan,
  batch: Batch,
  useCapacity: boolean,
) => void;

/** Runs passes: their numbers and batch are where the kernels read them before their plans begin. */
export class PassRuns {
  readonly #device: GPUDevice;
  readonly #queue: StepQueue;
  readonly #stepBytes = new DataView(new ArrayBuffer(STEP_BYTES));

  /** Its parameters are those of `StepQueue`. */
  constructor(...[device, size, alongWith]: ConstructorParameters<typeof StepQueue>) {
    this.#device = device;
    this.#queue = new StepQueue(device, size, alongWith);
  }

  /** Submits so far. */
  get submits(): number {
    return this.#queue.submits;
  }

  /** Submits what waits. */
  flush(): void {
    this.#queue.flush();
  }

  /** Resolves when at most `n` submits are unfinished; for 0, what waits is submitted too. */
  settle(n: number): Promise<void> {
    return this.#queue.settle(n);
  }

  #encode({ config, options }: PassRun): ArrayBuffer {
    writeStepParams(this.#stepBytes, stepParams(config, options));
    return this.#stepBytes.buffer;
  }

  /** What the pass reads. */
  #inputs(run: PassRun): StepInput[] {
    return [
      { target: run.shared.step, bytes: this.#encode(run) },
      { target: run.passes.batch.whole, bytes: run.image },
    ];
  }

  /** Writes numbers and batch, behind all steps submitted before. */
  write(run: PassRun): void {
    this.#queue.flush();
    for (const { target, bytes } of this.#inputs(run))
      this.#device.queue.writeBuffer(target.buffer, target.offset, bytes);
  }

  /** Queues the plans: in one submit, but those over a whole batch in parts where steps are long. */
  run(run: PassRun, plans: readonly Plan[]): void {
    this.write(run);
    const { mode } = run.options;
    const { B, S } = run.config.batch;
    // Passes over a few sequences are short whatever a step takes.
    const isWhole = mode !== 'sample' || run.passes.batch.T >= B * S;
    for (const part of isWhole ? this.#queue.partsOf(plans) : [plans]) {
      const encoder = this.#device.createCommandEncoder({ label: mode });
      const compute = encoder.beginComputePass({ label: mode });
      for (const plan of part) plan.encode(compute);
      compute.end();
      this.#queue.submit(encoder);
    }
  }

  /** Queues a training step; short ones are submitted several at once. */
  train(run: PassRun<Passes>): void {
    const { stepPlans, slots } = run.passes;
    const plans = stepPlans.map(({ plan }) => plan);
    this.#queue.add(this.#inputs(run), plans, slots);
  }
}
