/** A trained dense variant whose layers become MoE (docs/model.md, "Dense → MoE conversion"). */
import { engineConfig } from '../../../config/edit.ts';
import { type LadimoSettings, parseLadimoSettings } from '../../../config/ladimoSettings.ts';
import type { PreparedText } from '../../../data/types.ts';
import type { ConversionMeasurement, Measured } from '../../../recipes/measurement.ts';
import type { Measure } from '../../../recipes/term.ts';
import type { TensorMap } from '../../engine/engine.ts';
import type { Gpu } from '../../ladimo/layerTrainer.ts';
import { studentExperiment, studentState } from '../../ladimo/student.ts';
import {
  type MeasuringDeps,
  type ModelOfRun,
  type OpenModel,
  openModel,
  textOf,
  withModel,
} from '../openModel.ts';
import { type ConversionReport, convert } from './convert.ts';
import { domainLosses, trainedOnDomain } from './onDomain.ts';
import { computingPerToken, median, timesInTurn } from './times.ts';
import { listOf, orNull, partEnds, stacked } from './values.ts';

export interface ConversionDeps extends MeasuringDeps {
  /** The device of `requestDevice`, for layers that are trained alone. */
  requestGpu(): Promise<Gpu>;
}

/** Points of a distillation's curve at most. */
const CURVE = 50;
/** Passes of a round. */
const PASSES = 2;

const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Means of a curve over equal parts. */
function inParts(values: readonly number[], ends: readonly number[]) {
  return listOf(ends.map((end, i) => meanOf(values.slice(ends[i - 1] ?? 0, end))));
}

function distillationOf({ layers, settings }: ConversionReport): Record<string, Measure> {
  const ends = partEnds(settings.steps, Math.min(CURVE, settings.steps));
  const rising = layers.toSorted((a, b) => a.layer - b.layer);
  return {
    layers: listOf(rising.map(({ layer }) => layer)),
    mse: listOf(rising.map(({ losses }) => losses.mse.at(-1) ?? Number.NaN)),
    curveSteps: listOf(ends),
    curve: stacked(rising.map(({ losses }) => inParts(losses.mse, ends))),
  };
}

function qualityOf({ students, teacher, adaptive, layers }: ConversionReport) {
  const n = layers.length;
  const upward = students.slice(0, n);
  const ceOf = (layer: number) =>
    students.find((one) => one.layers.length === 1 && one.layers[0] === layer)?.ce ?? Number.NaN;
  const rising = layers.map(({ layer }) => layer).toSorted((a, b) => a - b);
  return {
    teacher: orNull(teacher.ce),
    converted: listOf(upward.map(({ ce }) => ce)),
    active: listOf([teacher, ...upward].map(({ active }) => active)),
    alone: listOf(rising.map(ceOf)),
    adaptive: orNull(adaptive.ce),
  };
}

/** The student of some of the converted layers; the dense model for none. */
function partly(
  teacher: ModelOfRun,
  converted: TensorMap,
  settings: LadimoSettings,
  layers: readonly number[],
  text: PreparedText,
): ModelOfRun {
  if (layers.length === 0) return teacher;
  const experiment = studentExperiment(teacher.experiment, { ...settings, layers });
  const ofLayer = (layer: number): TensorMap =>
    new Map([...converted].filter(([name]) => name.startsWith(`layers.${layer}.moe.`)));
  const config = engineConfig(experiment, text.tokenizer.size);
  const trained = new Map(layers.map((layer) => [layer, ofLayer(layer)]));
  return { experiment, state: studentState(config, teacher.state.parameters, trained) };
}

/** Times of models in turn, in milliseconds per token. */
async function perToken(
  deps: MeasuringDeps,
  models: readonly ModelOfRun[],
  rounds: number,
): Promise<number[]> {
  const open = new Map<string, OpenModel>();
  try {
    for (const [i, model] of models.entries()) open.set(String(i), await openModel(deps, model));
    const times = await timesInTurn(open, { what: 'forward', rounds, passes: PASSES });
    return models.map(({ experiment: { batch } }, i) => {
      return median(times.get(String(i))!) / (batch.B * batch.S);
    });
  } finally {
    for (const model of open.values()) model.close();
  }
}

const computing = (deps: MeasuringDeps, model: ModelOfRun) =>
  withModel(deps, model, async ({ inspect }) => {
    const { inspection } = await inspect('pass', { of: { validation: null } });
    return computingPerToken(inspection);
  });

/** @throws as `convert`; ConfigInvalid for a domain that the run's text does not have */
export async function conversionOf(
  deps: ConversionDeps,
  teacher: ModelOfRun,
  measurement: ConversionMeasurement,
): Promise<Measured> {
  const settings = parseLadimoSettings(measurement.settings);
  const text = await textOf(deps, teacher.experiment);
  const gpu = await deps.requestGpu();
  const { report, student, adaptive } = await convert(gpu, teacher, settings, text, deps.signal);
  const measured: Record<string, Measure> = {
    ...distillationOf(report),
    ...qualityOf(report),
    slotsStatic: orNull(await computing(deps, student)),
    slotsAdaptive: orNull(await computing(deps, adaptive)),
  };
  const { throughput, domain } = measurement;
  if (throughput !== undefined) {
    const falling = settings.layers.toSorted((a, b) => b - a);
    const { parameters } = student.state;
    const partial = [0, ...falling.keys()].map((_, n) =>
      partly(teacher, parameters, settings, falling.slice(0, n), text),
    );
    const { rounds } = throughput;
    const times = await perToken(deps, partial, rounds);
    measured.prefill = listOf(times.map((ms) => 1000 / ms));
    const [msStatic, msAdaptive] = await perToken(deps, [student, adaptive], rounds);
    measured.msStatic = orNull(msStatic!);
    measured.msAdaptive = orNull(msAdaptive!);
  }
  if (domain !== undefined) {
    const trained = await trainedOnDomain(deps, student, domain);
    const before = await domainLosses(deps, student);
    const after = await domainLosses(deps, trained);
    const own = text.domains.indexOf(domain.corpus);
    measured.domainBefore = listOf(before);
    measured.domainAfter = listOf(after);
    measured.ownBefore = orNull(before[own]!);
    measured.ownAfter = orNull(after[own]!);
  }
  return measured;
}
