/** Checkpoints as they come back from PyTorch, without PyTorch. */
import { layerSpaces } from '../../src/config/layerSpaces.ts';
import {
  fieldLength,
  SCALARS,
  type StepRecords,
  scalarColumn,
  TELEMETRY_FIELDS,
} from '../../src/config/telemetry.ts';
import { readSafetensors, type SafeTensors, writeSafetensors } from '../../src/data/safetensors.ts';

/** A file of `n` steps more, whose losses are `lossAt`; `change` may spoil it. */
export function continued(
  bytes: Uint8Array,
  n: number,
  lossAt: (step: number) => number,
  change: (tensors: SafeTensors, metadata: Record<string, string>) => void = () => {},
): Uint8Array {
  const { tensors, metadata } = readSafetensors(bytes);
  const from = Number(metadata.step);
  const history = Array.from({ length: n }, (_, i) => {
    const step = from + 1 + i;
    return { step, ce: lossAt(step), switch: 0.25, total: lossAt(step), gradNorm: 2, lr: 0.5 };
  });
  const all: SafeTensors = new Map(tensors);
  for (const { layer, slots: R, ranks: W } of layerSpaces(JSON.parse(metadata.experiment!)))
    for (const { name, type, shape } of TELEMETRY_FIELDS) {
      if (name === 'domains') continue;
      const length = n * fieldLength(shape, { R, W, domains: 0 });
      const values = Array.from({ length }, (_, i) => i + layer);
      const at = `history.layers.${layer}.${name}`;
      if (type === 'u32')
        all.set(at, { dtype: 'I32', shape: [length], data: Int32Array.from(values) });
      else all.set(at, { dtype: 'F32', shape: [length], data: Float32Array.from(values) });
    }
  const told = {
    ...metadata,
    step: String(from + n),
    dataCursor: String(from + n + 1),
    history: JSON.stringify(history),
  };
  change(all, told);
  return writeSafetensors(all, told);
}

/** A scalar over records. */
export function over(records: readonly StepRecords[], name: (typeof SCALARS)[number]): number[] {
  return records.flatMap(({ n, scalars }) =>
    Array.from({ length: n }, (_, i) => scalars[i * SCALARS.length + scalarColumn(name)]!),
  );
}
