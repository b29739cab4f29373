import { expect, it } from 'vitest';
import { type LayerLoads, layerLoads } from '../../src/config/telemetry.ts';
import { complete, joinLoads, joinsLoads, loadsBefore } from '../../src/runs/records.ts';

/** Loads of two steps as they were recorded before there was a selection bias. */
function older(firstStep: number) {
  const { bias: _, ...layer } = layerLoads({ layer: 1, R: 3, W: 2 }, 2, 2, (_name, into) => {
    into.fill(firstStep);
  });
  return { firstStep, n: 2, layers: [layer as LayerLoads] };
}

it('takes a figure that was not recorded yet as 0, and all others as they are', () => {
  const piece = complete(older(3));
  expect(piece.layers[0]!.bias).toEqual(new Float32Array(6));
  expect(piece.layers[0]!.domains).toEqual(older(3).layers[0]!.domains);
  expect(complete(piece)).toBe(piece);
  const next = { ...complete(older(5)), firstStep: 5 };
  expect(joinsLoads(older(3), next)).toBe(true);
  expect(joinLoads([older(3), next]).layers[0]!.bias).toHaveLength(12);
  expect(loadsBefore(older(3), 4)?.layers[0]?.bias).toHaveLength(3);
});
