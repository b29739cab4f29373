import { isState } from '../config/parameterShapes.ts';
import type { GpuMemory } from '../gpu/memory.ts';
import { readFloats } from '../gpu/readback.ts';
import { type Slice, subslice } from '../gpu/slice.ts';
import { type AdamwBuffers, decayFlags } from '../kernels/adamw.ts';
import { type ParameterLayout, packParameter, unpackParameter } from '../layout/parameterLayout.ts';
import { alignGroup } from '../layout/sizes.ts';
import type { WeightSlices } from './context.ts';
import { constantBuffer } from './experts.ts';

/** Named tensors in the spec's names and shapes, row-major. */
export type Tensors = Map<string, { shape: readonly number[]; data: Float32Array }>;

/** A stretch of the buffers that AdamW updates, `floats` long. */
export type Update = Omit<AdamwBuffers, 'state'> & { floats: number };

/** Parameters, gradients and AdamW moments of a model, one buffer each. */
export class ParameterBuffers implements WeightSlices {
  readonly layout: ParameterLayout;
  readonly values: Slice;
  readonly gradients: Slice;
  readonly firstMoments: Slice;
  readonly secondMoments: Slice;
  /** Which blocks of 64 floats decay. */
  readonly decay_B: Slice;
  private readonly device: GPUDevice;

  constructor(memory: GpuMemory, layout: ParameterLayout) {
    const bytes = layout.floats * 4;
    this.layout = layout;
    this.device = memory.device;
    this.values = memory.storage('parameters', bytes, 'parameters');
    this.gradients = memory.storage('gradients', bytes, 'gradients');
    this.firstMoments = memory.storage('moments:first', bytes, 'moments');
    this.secondMoments = memory.storage('moments:second', bytes, 'moments');
    const flags = decayFlags(layout.floats, layout.groups.values());
    this.decay_B = constantBuffer(memory, 'decay_B', flags);
  }

  weight(group: string): Slice {
    return this.groupSlice(this.values, group);
  }

  gradient(group: string): Slice {
    return this.groupSlice(this.gradients, group);
  }

  private groupSlice(whole: Slice, name: string): Slice {
    const group = this.layout.groups.get(name);
    if (!group) throw new Error(`parameters: no group ${name}`);
    return subslice(whole, `${whole.label}:${name}`, group.offset * 4, group.length * 4);
  }

  /**
   * What AdamW is to update: everything, or the stretches between the groups that are frozen, whose
   * gradients become 0 and whose moments rest.
   * @param memory of the plan, for the flags of the stretches
   */
  updates(memory: GpuMemory, isFrozen: (group: string) => boolean): Update[] {
    const { layout, device, gradients } = this;
    const frozen = [...layout.groups].filter(([name]) => isFrozen(name)).map(([, group]) => group);
    if (frozen.length === 0) return [{ ...this.stretch(0, layout.floats), decay_B: this.decay_B }];
    for (const { offset, length } of frozen) {
      const zeros = new Float32Array(length);
      device.queue.writeBuffer(gradients.buffer, gradients.offset + offset * 4, zeros);
    }
    const ends = frozen.map(({ offset, length }) => alignGroup(offset + length));
    return [0, ...ends].flatMap((from, i): Update[] => {
      const to = frozen[i]?.offset ?? layout.floats;
      if (to <= from) return [];
      const inside = [...layout.groups.values()]
        .filter(({ offset }) => offset >= from && offset < to)
        .map((group) => ({ ...group, offset: group.offset - from }));
      const flags = decayFlags(to - from, inside);
      return [{ ...this.stretch(from, to), decay_B: constantBuffer(memory, 'decay_B', flags) }];
    });
  }

  private stretch(from: number, to: number) {
    const part = (whole: Slice) => subslice(whole, whole.label, from * 4, (to - from) * 4);
    return {
      floats: to - from,
      p_N: part(this.values),
      grad_N: part(this.gradients),
      m_N: part(this.firstMoments),
      v_N: part(this.secondMoments),
    };
  }

  async read(from: Slice): Promise<Tensors> {
    const image = await readFloats(this.device, from);
    return new Map(
      this.layout.parameters.map((parameter) => {
        const { name, shape } = parameter.entry;
        return [name, { shape, data: unpackParameter(parameter, image) }];
      }),
    );
  }

  /** A state that is missing is 0. @throws Error naming a parameter that is missing. */
  write(to: Slice, tensors: ReadonlyMap<string, { data: ArrayLike<number> }>): void {
    const image = new Float32Array(this.layout.floats);
    for (const parameter of this.layout.parameters) {
      const tensor = tensors.get(parameter.entry.name);
      if (tensor) packParameter(parameter, tensor.data, image);
      else if (!isState(parameter.entry))
        throw new Error(`parameters: ${parameter.entry.name} is missing`);
    }
    this.device.queue.writeBuffer(to.buffer, to.offset, image);
  }
}
