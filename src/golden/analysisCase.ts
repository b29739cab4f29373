import type { FigureRequest } from '../analysis/figures.ts';
import type { Intervention } from '../analysis/inspection.ts';
import type { EngineConfig } from '../config/experiment.ts';
import { elementCount } from '../config/parameterShapes.ts';
import type { SafeTensors } from '../data/safetensors.ts';
import type { AnalysisJson } from './analysisSchema.ts';
import type { Tolerance } from './compare.ts';
import type { GoldenParameters, ModelInput } from './subject.ts';

/** Golden cases of kind `analysis` in memory (the goldens' README, "Analysis"). */

/** A figure that is asked for; `as` names its results, `group` its tolerance. */
export interface AskedFigure {
  as: string;
  group: string;
  request: FigureRequest;
}

export interface AnalysisCase {
  kind: 'analysis';
  name: string;
  model: ModelInput;
  /** Another model, and other parameters of the same one, on the same tokens; null for none. */
  baseline: ModelInput | null;
  reference: ModelInput | null;
  /** UTF-8 of every token id [V]. */
  texts: readonly Uint8Array[];
  asked: readonly AskedFigure[];
  tolerance: Readonly<Record<string, Tolerance>>;
  /** `out.…`, and scalars by dotted name, null where undefined. */
  expected: { tensors: SafeTensors; scalars: ReadonlyMap<string, number | null> };
}

export function bytesOf(text: AnalysisJson['tokenTexts'][number]): Uint8Array {
  if (typeof text === 'string') return new TextEncoder().encode(text);
  const pairs = text.hex.match(/../g) ?? [];
  return Uint8Array.from(pairs, (pair) => Number.parseInt(pair, 16));
}

type Item = Extract<
  AnalysisJson['figures'][number],
  { list: unknown }
>['list'][number]['items'][number];

function interventionOf(item: Item): Intervention {
  switch (item.do) {
    case 'force':
      return { ...item, type: 'force' };
    case 'scale':
      return { ...item, type: 'scale' };
    case 'keepOnly':
      return { ...item, type: 'keepOnly' };
    case 'removeKind':
      return { ...item, type: 'removeKind' };
  }
}

/** A request of the case; a list of interventions is one for each. */
function askedOf(json: AnalysisJson['figures'][number]): AskedFigure[] {
  const group = json.as ?? json.figure;
  if (json.figure === 'interventions') {
    return json.list.map(({ items, of }, j) => ({
      as: `${group}.${j}`,
      group,
      request: {
        figure: 'interventions',
        items: items.map(interventionOf),
        ...(of !== undefined && { of }),
      },
    }));
  }
  if (json.figure === 'difficult') {
    const { thresholds, quantiles = [] } = json;
    const args = thresholds === undefined ? { quantiles } : { thresholds };
    return [{ as: group, group, request: { figure: 'difficult', ...args } }];
  }
  return [{ as: group, group, request: json }];
}

/** Numbers of a tree by their dotted names. */
function scalarsOf(tree: unknown, prefix = ''): [string, number | null][] {
  if (typeof tree === 'number' || tree === null) return [[prefix, tree]];
  if (typeof tree !== 'object') throw new Error(`golden case: expected.${prefix} is no number`);
  const dot = prefix === '' ? '' : `${prefix}.`;
  return Object.entries(tree).flatMap(([key, value]) => scalarsOf(value, dot + key));
}

/** Tensors under a prefix, without it. */
function under(tensors: SafeTensors, prefix: string): GoldenParameters {
  return new Map(
    [...tensors].flatMap(([name, { shape, data }]) =>
      name.startsWith(prefix) && data instanceof Float32Array
        ? [[name.slice(prefix.length), { shape, data }] as const]
        : [],
    ),
  );
}

/** A batch of each [B, S]. @throws Error for a tensor of another size */
function batchesOf(tensors: SafeTensors, n: number, { B, S }: EngineConfig['batch']) {
  const words = (name: string, b: number) => {
    const tensor = tensors.get(name);
    const length = tensor === undefined ? 0 : elementCount(tensor.shape);
    if (!(tensor?.data instanceof Int32Array) || length !== n * B * S)
      throw new Error(`golden case: "${name}" has ${length} whole numbers, not ${n * B * S}`);
    return tensor.data.subarray(b * B * S, (b + 1) * B * S);
  };
  return Array.from({ length: n }, (_, b) => ({
    tokens: Uint32Array.from(words('tokens', b)),
    targets: Uint32Array.from(words('targets', b)),
    domains: Uint8Array.from(words('domains', b)),
  }));
}

export function parseAnalysis(json: AnalysisJson, tensors: SafeTensors): AnalysisCase {
  const { name, domains, tolerance } = json;
  const { batches: n, evaluation, ...config } = json.config;
  const batches = batchesOf(tensors, n, config.batch);
  const parameters = under(tensors, 'param.');
  const model = { config, parameters, batches, domains, capacity: evaluation.capacity };
  const baseline = under(tensors, 'baseline.');
  const reference = under(tensors, 'reference.');
  return {
    kind: 'analysis',
    name,
    model,
    baseline:
      json.baseline === null
        ? null
        : {
            ...model,
            config: { ...config, ...json.baseline } as EngineConfig,
            parameters: baseline,
          },
    reference:
      reference.size === 0
        ? null
        : { ...model, parameters: new Map([...parameters, ...reference]) },
    texts: json.tokenTexts.map(bytesOf),
    asked: json.figures.flatMap(askedOf),
    tolerance,
    expected: {
      tensors: new Map([...tensors].filter(([key]) => key.startsWith('out.'))),
      scalars: new Map(scalarsOf(json.expected)),
    },
  };
}
