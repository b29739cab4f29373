/** What a model answers at the end of its run: figures of a pass, probe tasks, simulated devices. */
import {
  evenShards,
  type PlacementPolicy,
  simulatePlacement,
} from '../../../accounting/placement.ts';
import type { FigureInputs } from '../../../analysis/figures/figure.ts';
import type { FigureValues } from '../../../analysis/figures.ts';
import { askFigure } from '../../../analysis/figures.ts';
import type { Inspection } from '../../../analysis/inspection.ts';
import { askProbe } from '../../../analysis/probes/ask.ts';
import { probeItems } from '../../../analysis/probes/items.ts';
import type { Trials } from '../../../analysis/probes/results.ts';
import { slotsOfLayer } from '../../../config/layers.ts';
import { type DomainDocuments, validationIds } from '../../../data/documents.ts';
import type {
  FigureAsk,
  FiguresMeasurement,
  Measured,
  PlacementMeasurement,
  ProbesMeasurement,
} from '../../../recipes/measurement.ts';
import type { Measure } from '../../../recipes/term.ts';
import { probeModel } from '../../engine/probeModel.ts';
import type { OpenModel } from '../openModel.ts';
import { listOf, measureOf, orNull, stacked } from './values.ts';

const VALIDATION = { of: { validation: null } } as const;

/** The pass that figures are computed of. */
export async function inspectionOf(model: OpenModel): Promise<Inspection> {
  return (await model.inspect('pass', VALIDATION)).inspection;
}

const slotsOf = ({ layers }: Inspection) =>
  layers.map(({ layer, kinds }) => `${layer}:${kinds.length}`).join();

function inputsOf(
  { settings }: OpenModel,
  inspection: Inspection,
  texts: readonly Uint8Array[],
  baseline: Inspection | null,
): FigureInputs {
  const { router, evaluation } = settings;
  const inputs = {
    inspection,
    texts,
    tau: router.tau,
    capacity: evaluation.capacity && router.capacity !== null,
  };
  if (baseline === null) return inputs;
  const isSameModel = slotsOf(baseline) === slotsOf(inspection);
  return { ...inputs, baseline, ...(isSameModel && { reference: baseline }) };
}

/** @throws RangeError for a field that the figure does not have */
function field(values: FigureValues['values'], name: string, as: string) {
  const value = values[name];
  if (value === undefined) throw new RangeError(`${as} has no field "${name}"`);
  return measureOf(value);
}

function fieldsOf({ as, fields = [], layerFields = [] }: FigureAsk, of: FigureValues) {
  const all: Record<string, Measure> = {};
  for (const name of fields)
    all[`${as}.${name}`] = Object.keys(of.values).length === 0 ? null : field(of.values, name, as);
  for (const name of layerFields)
    all[`${as}.layers.${name}`] = stacked(of.layers.map(({ values }) => field(values, name, as)));
  return all;
}

/** @param baseline inspection of the same tokens under the baseline's model */
export async function figuresOf(
  model: OpenModel,
  { ask }: FiguresMeasurement,
  baseline: Inspection | null,
): Promise<Measured> {
  const inspection = await inspectionOf(model);
  const { texts } = await model.inspect('vocabulary', null);
  const inputs = inputsOf(model, inspection, texts, baseline);
  const measured: Record<string, Measure> = {
    layers: listOf(inspection.layers.map(({ layer }) => layer)),
  };
  for (const one of ask) {
    const values = await askFigure(one.request, inputs, async (items) => {
      const { ce } = await model.inspect('losses', { ...VALIDATION, requests: [items] });
      return ce[0]!;
    });
    Object.assign(measured, fieldsOf(one, values));
  }
  return measured;
}

/** Seed of the items: all variants and seeds are asked the same ones. */
const PROBE_SEED = 1;

function trialsOf(task: string, { accuracy, correct, of, chance }: Trials) {
  return {
    [`${task}.accuracy`]: accuracy,
    [`${task}.correct`]: correct,
    [`${task}.of`]: of,
    [`${task}.chance`]: chance,
  };
}

export async function probesOf(
  { text, settings, inspect }: OpenModel,
  { tasks, items }: ProbesMeasurement,
  documents: readonly DomainDocuments[],
): Promise<Measured> {
  const { tokenizer } = text;
  const asked = probeItems(documents, {
    seed: PROBE_SEED,
    items: items === undefined ? {} : Object.fromEntries(tasks.map((task) => [task, items])),
    S: settings.batch.S,
    encode: (part) => tokenizer.encode(part),
    ids: await validationIds(tokenizer, documents),
  });
  const model = probeModel(tokenizer, inspect);
  const measured: Record<string, Measure> = {};
  for (const task of tasks) {
    const result = await askProbe(task, asked, model);
    if ('perCharacter' in result) Object.assign(measured, trialsOf(task, result.perCharacter));
    else Object.assign(measured, trialsOf(task, result));
    if ('gain' in result) measured[`${task}.gain`] = measureOf(result.gain ?? Number.NaN);
  }
  return measured;
}

/** Kept assignments by slot [R] of a layer. */
function keptOf({ kinds, selected, dropped }: Inspection['layers'][number]): number[] {
  const kept = kinds.map(() => 0);
  selected.forEach((slot, at) => {
    if (slot >= 0 && dropped[at] === 0) kept[slot]! += 1;
  });
  return kept;
}

/** Speeds of a device and its link say nothing of how even the work is. */
const ANY_SPEED = { bytesPerSec: 1, flopsPerSec: 1 };

export async function placementOf(
  model: OpenModel,
  { devices, policies }: Pick<PlacementMeasurement, 'devices' | 'policies'>,
): Promise<Measured> {
  const { experts, model: shape } = model.settings;
  const inspection = await inspectionOf(model);
  const layers = inspection.layers.map((layer) => ({
    slots: slotsOfLayer(experts, layer.layer),
    counts: evenShards(keptOf(layer), devices),
  }));
  const of = (policy: PlacementPolicy) => {
    const input = { D: shape.D, policy, devices, layers, pass: 'forward' as const, ...ANY_SPEED };
    const { imbalance } = simulatePlacement(input);
    return {
      [`${policy}.flops`]: orNull(imbalance.flops),
      [`${policy}.tokens`]: orNull(imbalance.tokens),
      [`${policy}.parameters`]: orNull(imbalance.parameters),
    };
  };
  return Object.assign({}, ...policies.map(of));
}
