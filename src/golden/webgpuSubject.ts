import { AUX_TERMS } from '../config/auxTerms.ts';
import { isSelectionBias } from '../config/balancing.ts';
import type { EngineConfig } from '../config/experiment.ts';
import { SCALAR_COUNT, scalarColumn } from '../config/telemetry.ts';
import type { Batch } from '../data/types.ts';
import type { TensorMap } from '../train/engine/engine.ts';
import { GpuEngine } from '../train/engine/gpuEngine.ts';
import type { GpuEngineOptions } from '../train/engine/gpuPasses.ts';
import { BiasRows } from './biasRows.ts';
import type {
  GoldenSubject,
  GoldenTensors,
  ModelInput,
  ModelPasses,
  StepOutput,
  TrainCaseInput,
  TrainCaseOutput,
} from './subject.ts';
import { policyOnGpu, splitOnGpu } from './webgpuLadimo.ts';

type Options = Pick<GpuEngineOptions, 'adapterClass'>;

/** Every `out.*` tensor of a batch at the current parameters, from the plan that trains, and places. */
async function captureOutputs(engine: GpuEngine, batch: Batch) {
  const capacity: Record<string, number[]> = {};
  const tensors: GoldenTensors = new Map();
  for (const [name, tensor] of await engine.inspect(batch, (one) => !/ffn_input$/.test(one))) {
    const places = /^layers\.(\d+)\.places$/.exec(name);
    if (places) capacity[places[1] ?? ''] = [...tensor.data];
    else tensors.set(`out.${name}`, tensor);
  }
  return { tensors, capacity };
}

function put(tensors: GoldenTensors, group: string, named: TensorMap): void {
  for (const [name, tensor] of named) tensors.set(`${group}.${name}`, tensor);
}

function zerosLike(parameters: TrainCaseInput['parameters']): TensorMap {
  return new Map(
    [...parameters].map(([name, { shape, data }]) => [
      name,
      { shape, data: new Float32Array(data.length) },
    ]),
  );
}

/** The recorded scalars as a golden's steps; only active terms. */
async function readSteps(engine: GpuEngine, config: EngineConfig): Promise<StepOutput[]> {
  const records = await engine.readTelemetry();
  if (!records) return [];
  const active = AUX_TERMS.filter((term) => config.losses[term]);
  return Array.from({ length: records.n }, (_, i) => {
    const at = (name: Parameters<typeof scalarColumn>[0]) =>
      records.scalars[i * SCALAR_COUNT + scalarColumn(name)] as number;
    const terms = Object.fromEntries(active.map((term) => [term, at(term)]));
    const loss = { ce: at('ce'), ...terms, total: at('total') };
    const counts = Object.fromEntries(
      records.layers.map(({ layer, R, W, assignments }) => {
        const ofStep = assignments.subarray(i * W * R, (i + 1) * W * R);
        const bySlot = new Array<number>(R).fill(0);
        ofStep.forEach((count, j) => {
          bySlot[j % R]! += count;
        });
        return [layer, bySlot];
      }),
    );
    return { lr: at('lr'), gradNorm: at('gradNorm'), loss, counts };
  });
}

/** An engine before its first step, with the parameters given and moments of 0. */
async function engineOf(
  device: GPUDevice,
  { config, parameters }: Pick<ModelInput, 'config' | 'parameters'>,
  domains: number,
  options: Options,
): Promise<GpuEngine> {
  const fresh = { domains, initStd: 0, seedInit: 0, ...options };
  const engine = await GpuEngine.create(device, config, fresh);
  const zeros = zerosLike(parameters);
  const state = { step: 0, firstMoments: zeros, secondMoments: zeros };
  engine.loadState({ ...state, parameters: new Map(parameters) });
  return engine;
}

async function openModel(
  device: GPUDevice,
  model: ModelInput,
  options: Options,
): Promise<ModelPasses> {
  const { batches, capacity, domains: domainNames } = model;
  const engine = await engineOf(device, model, domainNames.length, options);
  const request = { batches, S: model.config.batch.S, capacity };
  return {
    inspect: async (interventions) => ({
      ...(await engine.pass({ ...request, interventions })),
      domainNames,
    }),
    losses: (interventions) => engine.passLosses({ ...request, interventions }),
    close: () => engine.destroy(),
  };
}

/**
 * Trains a case on WebGPU: exactly the kernels and the plan of training. With `captures` off
 * nothing but steps is run; losses and final parameters must not differ by a bit.
 */
export async function trainOnGpu(
  device: GPUDevice,
  input: TrainCaseInput,
  { captures, ...options }: Options & { captures: boolean },
): Promise<TrainCaseOutput> {
  const { config, batches } = input;
  const engine = await engineOf(device, input, 1, options);
  try {
    const tensors: GoldenTensors = new Map();
    const whole = batches.map(
      (batch): Batch => ({ ...batch, domains: new Uint8Array(batch.tokens.length) }),
    );
    const [first] = whole;
    const captured = captures && first ? await captureOutputs(engine, first) : null;
    for (const [name, tensor] of captured?.tensors ?? []) tensors.set(name, tensor);
    const capacity = captured?.capacity ?? {};
    const biases = new BiasRows();
    const hasBiases = captures && [...input.parameters.keys()].some(isSelectionBias);
    const keepBiases = async () => {
      if (hasBiases) biases.add((await engine.readState()).parameters);
    };
    await keepBiases();
    for (const [i, batch] of whole.entries()) {
      engine.submitStep(batch);
      if (captures && i === 0) put(tensors, 'grad', await engine.readGradients());
      await keepBiases();
    }
    for (const [name, tensor] of biases.tensors) tensors.set(name, tensor);
    const steps = await readSteps(engine, config);
    put(tensors, 'after', (await engine.readState()).parameters);
    return { tensors, steps, capacity };
  } finally {
    engine.destroy();
  }
}

/** The engine on WebGPU as a subject of golden cases. */
export function webgpuSubject(device: GPUDevice, options: Options = {}): GoldenSubject {
  return {
    train: (input) => trainOnGpu(device, input, { ...options, captures: true }),
    ladimoSplit: (input) => splitOnGpu({ device, ...options }, input),
    ladimoPolicy: (input) => policyOnGpu({ device, ...options }, input),
    openModel: (model) => openModel(device, model, options),
  };
}
