/** `npm run bench`: speed of whole training steps on this machine's GPU. */
import { parseArgs } from 'node:util';
import { estimateMemory } from '../accounting/memory.ts';
import { requestNodeDevice } from '../gpu/adapter.node.ts';
import { probeSpeed } from '../train/speedProbe.ts';
import {
  measureSteps,
  SHAPES,
  type ShapeName,
  type StepFigures,
  shapeConfig,
} from './benchSteps.ts';
import type { CliIo } from './io.ts';

const USAGE = 'Usage: npm run bench -- [--json] [--rounds N] [--steps N] [--shape S|M]…\n';

interface ShapeReport extends Omit<StepFigures, 'measuredBytes'> {
  /** Time of a step over that of the dense twin with the same active width. */
  moeOverDense: number;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1000)
    throw new RangeError(`${text} is not a whole number from 1 to 1000`);
  return value;
}

function readArguments(argv: readonly string[]) {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      json: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '5' },
      steps: { type: 'string', default: '5' },
      shape: { type: 'string', multiple: true, default: Object.keys(SHAPES) },
    },
  });
  const shapes = values.shape.filter((name): name is ShapeName => Object.hasOwn(SHAPES, name));
  const unknown = values.shape.find((name) => !Object.hasOwn(SHAPES, name));
  if (unknown !== undefined) throw new RangeError(`shape ${unknown} is neither S nor M`);
  return {
    json: values.json,
    size: { rounds: positive(values.rounds), steps: positive(values.steps) },
    shapes,
  };
}

/** @returns exit code: 0, or 2 for wrong usage */
export async function main(argv: readonly string[], io: CliIo): Promise<number> {
  let wanted: ReturnType<typeof readArguments>;
  try {
    wanted = readArguments(argv);
  } catch (error) {
    io.stderr(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return 2;
  }
  const node = await requestNodeDevice();
  try {
    const adapterClass = node.isSoftware ? 'software' : 'gpu';
    io.stderr(`${node.description}\n`);
    const speed = await probeSpeed(node.device, adapterClass);
    const train: Partial<Record<ShapeName, { ours: ShapeReport }>> = {};
    let gpuMemory: { measuredBytes: number; estimatedBytes: number } | null = null;
    for (const name of wanted.shapes) {
      const config = shapeConfig(name, false);
      const moe = await measureSteps(node.device, adapterClass, config, wanted.size);
      const twin = shapeConfig(name, true);
      const dense = await measureSteps(node.device, adapterClass, twin, wanted.size);
      const { measuredBytes, ...figures } = moe;
      train[name] = { ours: { ...figures, moeOverDense: moe.msPerStep / dense.msPerStep } };
      gpuMemory = { measuredBytes, estimatedBytes: estimateMemory(config, null, 1).total };
      io.stderr(
        `${name}: ${moe.msPerStep.toFixed(1)} ms per step, ${(moe.msPerStep / dense.msPerStep).toFixed(2)} of the dense twin's; ${moe.dispatches} dispatches, ${moe.submits} submits\n`,
      );
    }
    const report = {
      adapter: node.description,
      runner: 'node',
      rounds: wanted.size.rounds,
      matmulGflops: speed.gflopsPerSec,
      copyGBs: speed.gbytesPerSec,
      train,
      gpuMemory,
    };
    if (wanted.json) io.stdout(`${JSON.stringify(report, null, 2)}\n`);
    return 0;
  } finally {
    node.close();
  }
}
