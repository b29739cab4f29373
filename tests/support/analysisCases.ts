import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Intervention } from '../../src/analysis/inspection.ts';
import type { EngineConfig, SlotKind } from '../../src/config/experiment.ts';
import { plainRouter } from '../../src/config/plainRouter.ts';
import { readSafetensors, type SafeTensors } from '../../src/data/safetensors.ts';
import type { InspectedBatch } from '../../src/reference/inspection.ts';

/** Golden cases of kind `analysis`, as far as inspection and interventions go. */

const FOLDER = fileURLToPath(new URL('../fixtures/goldens/', import.meta.url));

export const ANALYSIS_CASES = readdirSync(FOLDER)
  .filter((name) => name.startsWith('analysis-'))
  .sort();

interface RawItem {
  do: Intervention['type'];
  layer?: number;
  token?: number;
  rank?: number;
  slot?: number;
  slots?: number[];
  factor?: number;
  kind?: SlotKind;
}

export interface WhatIf {
  name: string;
  items: Intervention[];
  of: number | null;
}

export interface AnalysisCase {
  name: string;
  config: EngineConfig;
  capacity: boolean;
  domains: string[];
  params: Map<string, { shape: readonly number[]; data: Float32Array }>;
  batches: (InspectedBatch & { tokens: Uint32Array; targets: Uint32Array; domains: Uint8Array })[];
  requests: WhatIf[];
  /** `expected` of case.json by dotted name, and every tensor by its name. */
  scalars: Readonly<Record<string, number | null>>;
  tensors: SafeTensors;
  tolerance: Readonly<Record<string, { abs: number; rel: number }>>;
}

/** A tensor's numbers. @throws Error where there is none of that name */
export function numbersOf({ tensors }: AnalysisCase, name: string): number[] {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`no tensor ${name}`);
  return [...tensor.data];
}

function itemOf({ do: type, ...rest }: RawItem): Intervention {
  const layer = type === 'removeKind' ? { layer: rest.layer ?? null } : {};
  return { type, ...rest, ...layer } as Intervention;
}

export function analysisCase(name: string): AnalysisCase {
  const json = JSON.parse(readFileSync(`${FOLDER}${name}/case.json`, 'utf8'));
  const { tensors } = readSafetensors(readFileSync(`${FOLDER}${name}/tensors.safetensors`));
  const { batches: n, evaluation, ...rest } = json.config;
  const router = plainRouter({ ...rest.router, K: rest.router.K ?? 1 });
  const config: EngineConfig = { losses: {}, ...rest, router };
  const T = config.batch.B * config.batch.S;
  const cut = (key: string, b: number) =>
    Uint32Array.from(tensors.get(key)!.data.subarray(b * T, (b + 1) * T));
  const batches = Array.from({ length: n }, (_, b) => ({
    tokens: cut('tokens', b),
    targets: cut('targets', b),
    domains: Uint8Array.from(cut('domains', b)),
  }));
  const params: AnalysisCase['params'] = new Map();
  for (const [key, { shape, data }] of tensors) {
    if (key.startsWith('param.') && data instanceof Float32Array)
      params.set(key.slice('param.'.length), { shape, data });
  }
  const { list } = json.figures.find(
    ({ figure }: { figure: string }) => figure === 'interventions',
  );
  const requests = list.map((request: { name: string; items: RawItem[]; of?: number }) => ({
    name: request.name,
    items: request.items.map(itemOf),
    of: request.of ?? null,
  }));
  return {
    name,
    config,
    capacity: evaluation.capacity,
    domains: json.domains,
    params,
    batches,
    requests,
    scalars: json.expected,
    tensors,
    tolerance: json.tolerance,
  };
}
