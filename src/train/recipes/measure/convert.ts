/** A whole conversion of a teacher, in one go: what a recipe measures of it. */
import { adaptivePolicy } from '../../../config/ladimo.ts';
import type { LadimoSettings } from '../../../config/ladimoSettings.ts';
import type { PreparedText } from '../../../data/types.ts';
import type { TensorMap } from '../../engine/engine.ts';
import type { StudentQuality } from '../../ladimo/conversion.ts';
import { Converter, subsets } from '../../ladimo/converter.ts';
import type { DistillLosses } from '../../ladimo/distill.ts';
import type { Gpu } from '../../ladimo/layerTrainer.ts';
import type { Checkpoint } from '../../session/checkpoint.ts';
import { goOn } from '../stopping.ts';

export interface ConversionReport {
  settings: LadimoSettings;
  /** Distillation by layer. */
  layers: { layer: number; losses: DistillLosses }[];
  teacher: StudentQuality;
  /** Converted from the last layer upward, then each layer alone. */
  students: StudentQuality[];
  /** The student of all layers with the adaptive router. */
  adaptive: StudentQuality;
}

export interface Conversion {
  report: ConversionReport;
  student: Checkpoint;
  /** The same parameters under the adaptive router. */
  adaptive: Checkpoint;
}

/**
 * Converts the layers of a dense model, each under the teacher's own seeds.
 * @throws as `Converter` and its trainings; Cancelled behind the signal, whatever it was at
 */
export async function convert(
  gpu: Gpu,
  teacher: Checkpoint,
  settings: LadimoSettings,
  text: PreparedText,
  signal?: AbortSignal,
): Promise<Conversion> {
  const converter = new Converter(gpu, teacher, settings, text);
  const converted = new Map<number, TensorMap>();
  const layers: ConversionReport['layers'] = [];
  for (const sample of await converter.record(settings.layers, settings.domain, {
    signal,
  })) {
    const { layer } = sample;
    const from = converter.begin(layer, 0);
    const { state, losses } = await converter.distil(sample, { seed: 0, from }, { signal });
    goOn(signal);
    converted.set(layer, state.parameters);
    layers.push({ layer, losses });
  }
  const partly = (which: readonly number[]) =>
    converter.assemble(new Map([...converted].filter(([layer]) => which.includes(layer))));
  const students: StudentQuality[] = [];
  for (const which of subsets(settings.layers)) {
    students.push(await converter.quality(partly(which)));
    goOn(signal);
  }
  const student = converter.assemble(converted);
  const weights = await converter.profile(student);
  const maxWeights = weights.layers.map((one) => one.weights);
  const table = adaptivePolicy(maxWeights, settings.policy);
  const adaptive = converter.assemble(converted, { table });
  const report = {
    settings,
    layers,
    teacher: await converter.quality(teacher),
    students,
    adaptive: await converter.quality(adaptive),
  };
  return { report, student, adaptive };
}
