import { describe, expect, it } from 'vitest';
import { elementCount } from '../../src/config/parameterShapes.ts';
import {
  groupName,
  packParameter,
  parameterLayout,
  unpackParameter,
} from '../../src/layout/parameterLayout.ts';
import { pad4 } from '../../src/layout/sizes.ts';
import { ffn, tiny } from '../model/support.ts';

/** Every kind of parameter, with sides that need padding. */
const CONFIG = tiny({
  model: { V: 7, D: 18, H: 3, Hkv: 1, L: 3, keyNorm: true, denseHidden: 5, arrangement: [1, 2] },
  router: { bias: true, noise: true, gatingResidual: true },
  experts: {
    slots: [ffn(7), { kind: 'constant' }, { kind: 'negated', of: 0 }, ffn(1), { kind: 'constant' }],
    sharedHidden: 3,
  },
});

describe('parameterLayout', () => {
  const layout = parameterLayout(CONFIG);

  it('gives back what was packed, and leaves the padding 0', () => {
    const image = new Float32Array(layout.floats);
    let next = 1;
    const values = layout.parameters.map(({ entry }) =>
      Float32Array.from({ length: elementCount(entry.shape) }, () => next++),
    );
    layout.parameters.forEach((parameter, i) => {
      packParameter(parameter, values[i]!, image);
    });
    layout.parameters.forEach((parameter, i) => {
      expect(unpackParameter(parameter, image)).toEqual(values[i]);
    });
    expect(layout.count).toBe(next - 1);
    // No two elements share a place, and nothing but them is written.
    expect(image.filter((x) => x !== 0)).toHaveLength(layout.count);
  });

  it('pads every side of a matrix, heads one by one, and no rows of a vector', () => {
    const lengthOf = (name: string) =>
      layout.parameters.find(({ entry }) => entry.name === name)?.length;
    expect(lengthOf('embed.weight')).toBe(8 * 20);
    expect(lengthOf('layers.0.attn.q.weight')).toBe(3 * 8 * 20);
    expect(lengthOf('layers.0.attn.k.weight')).toBe(8 * 20);
    expect(lengthOf('layers.0.attn.o.weight')).toBe(20 * 3 * 8);
    expect(lengthOf('layers.0.attn.k_norm.weight')).toBe(8);
    expect(lengthOf('layers.1.moe.experts.1.down.weight')).toBe(20 * 4);
    expect(lengthOf('layers.2.moe.router.residual.weight')).toBe(8 * 8);
    expect(lengthOf('layers.1.moe.router.bias')).toBe(8);
    expect(lengthOf('layers.1.moe.constants.0.vector')).toBe(20);
  });

  it('puts the members of a group side by side, groups at multiples of 64 floats', () => {
    let end = 0;
    for (const [name, group] of layout.groups) {
      const members = layout.parameters.filter(({ entry }) => groupName(entry.name) === name);
      expect(group.offset % 64).toBe(0);
      expect(group.offset).toBeGreaterThanOrEqual(end);
      let next = group.offset;
      for (const { offset, length } of members) {
        expect(offset).toBe(next);
        next += length;
      }
      end = group.offset + group.length;
      expect(next).toBeLessThanOrEqual(end);
    }
    expect(layout.floats).toBeGreaterThanOrEqual(end);
    const vectors = layout.groups.get('layers.1.moe.vectors')!;
    expect(vectors.length).toBe(pad4(2) * 20);
    expect(vectors.decays).toBe(false);
    expect(layout.groups.get('layers.1.moe.experts')!.decays).toBe(true);
  });

  it('refuses another number of values, with both numbers', () => {
    const [first] = layout.parameters;
    const pack = () => packParameter(first!, new Float32Array(5), new Float32Array(layout.floats));
    expect(pack).toThrow('embed.weight: 5 values given, [7,18] takes 126');
  });
});
