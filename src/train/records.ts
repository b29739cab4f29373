import { type LayerLoads, SCALAR_COUNT, type StepRecords } from './telemetry.ts';

type LoadArrays = Pick<LayerLoads, 'assignments' | 'drops' | 'meanProb' | 'meanGate' | 'domains'>;

/** Values per step of every array of a layer's loads. */
function strides({ R, W, domains }: LayerLoads, n: number): Record<keyof LoadArrays, number> {
  const domainCount = domains.length / (n * R);
  return { assignments: W * R, drops: R, meanProb: R, meanGate: R, domains: R * domainCount };
}

/** The first `count` steps of records (all when there are fewer). */
export function firstRecords(records: StepRecords, count: number): StepRecords {
  const n = Math.max(0, Math.min(records.n, count));
  if (n === records.n) return records;
  return {
    firstStep: records.firstStep,
    n,
    scalars: records.scalars.slice(0, n * SCALAR_COUNT),
    layers: records.layers.map((layer) => {
      const stride = strides(layer, records.n);
      return {
        ...layer,
        assignments: layer.assignments.slice(0, n * stride.assignments),
        drops: layer.drops.slice(0, n * stride.drops),
        meanProb: layer.meanProb.slice(0, n * stride.meanProb),
        meanGate: layer.meanGate.slice(0, n * stride.meanGate),
        domains: layer.domains.slice(0, n * stride.domains),
      };
    }),
  };
}

/** The memory of records, to be transferred with an event instead of copied. */
export function recordBuffers({ scalars, layers }: StepRecords): ArrayBuffer[] {
  const arrays = layers.flatMap(({ assignments, drops, meanProb, meanGate, domains }) => [
    assignments,
    drops,
    meanProb,
    meanGate,
    domains,
  ]);
  const buffers = [scalars, ...arrays].map(({ buffer }) => buffer);
  return [...new Set(buffers.filter((buffer) => buffer instanceof ArrayBuffer))];
}
