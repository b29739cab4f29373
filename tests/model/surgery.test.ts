import { describe, expect, it } from 'vitest';
import type { EngineConfig, ExpertsConfig, Slot } from '../../src/config/experiment.ts';
import { initialWeight } from '../../src/config/initialWeights.ts';
import { elementCount, parameterShapes } from '../../src/config/parameterShapes.ts';
import { type Surgery, slotSources } from '../../src/config/surgery.ts';
import {
  addSlot,
  addToPlan,
  changeKind,
  cloneSlot,
  emptyPlan,
  type Layers,
  removeSlot,
  reorder,
  type SpaceEdit,
  setPairWidth,
  setWidth,
} from '../../src/config/surgeryPlan.ts';
import { slotGroups } from '../../src/kernels/slots.ts';
import { keptUnits } from '../../src/model/surgeryOrigins.ts';
import { unitImportance } from '../../src/reference/surgery.ts';
import type { EngineState, TensorMap } from '../../src/train/engine/engine.ts';
import type { GpuEngine } from '../../src/train/engine/gpuEngine.ts';
import { useDevice } from '../support/gpu.ts';
import { batchOf, ffn, records, runTo, tiny, useEngines } from './support.ts';

const device = useDevice();
const create = useEngines(device);
/** As `useEngines` starts its engines. */
const START = { initStd: 0.2, seedInit: 5 };

const slots: Slot[] = [
  ffn(6),
  ffn(9),
  ffn(5),
  { kind: 'negated', of: 1 },
  { kind: 'constant' },
  { kind: 'zero' },
  { kind: 'constant' },
];
const everything = tiny({
  model: { arrangement: [0, 2], L: 3 },
  router: { bias: true, noise: true, gatingResidual: true },
  experts: { slots, sharedHidden: 4 },
});

interface Operation {
  config: EngineConfig;
  surgery: Extract<Surgery, { from: object }>;
}

function planned(config: EngineConfig, ...edits: [Layers, SpaceEdit][]): Operation {
  const plan = edits.reduce(
    (now, [layers, edit]) => addToPlan(now, layers, edit),
    emptyPlan(config.experts),
  );
  return { config: { ...config, experts: plan.experts }, surgery: { from: plan.from } };
}

async function trained(config: EngineConfig, steps = 5): Promise<GpuEngine> {
  const engine = await create(config);
  runTo(engine, steps);
  await records(engine);
  return engine;
}

const list = (experts: ExpertsConfig, l: number) => experts.perLayer?.[l] ?? experts.slots;

/** Expected tensors after surgery number 1, element by element from docs/model.md, "Surgery". */
function expected(before: EngineConfig, { config, surgery }: Operation, state: EngineState) {
  const make = (set: 'parameters' | 'firstMoments' | 'secondMoments'): TensorMap => {
    const old = (name: string) => state[set].get(name)!;
    const isMoment = set !== 'parameters';
    return new Map(
      parameterShapes(config).map((entry) => {
        const { name, shape } = entry;
        const match = /^layers\.(\d+)\.moe\.(router|experts|constants)\.(?:(\d+)\.)?(.+)$/.exec(
          name,
        );
        if (!match) return [name, old(name)];
        const [, layer = '', what, index = '', role = ''] = match;
        const l = Number(layer);
        const from = (at: number) => slotSources(before.experts, config.experts, surgery.from, at);
        const data = isMoment
          ? new Float32Array(elementCount(shape))
          : initialWeight({ ...entry, name: `surgery.1.${name}` }, START.initStd, START.seedInit);
        const width = shape[1] ?? 1;
        if (what === 'router') {
          const R = list(before.experts, l).length;
          const rows = from(l);
          const prefix = name.includes('residual') ? from(l - 2) : null;
          const oldWidth = old(name).data.length / R;
          rows.forEach((row, r) => {
            for (let c = 0; c < width; c++) {
              const col = prefix ? prefix[c]! : c;
              if (row !== null && col !== null)
                data[r * width + c] = old(name).data[row * oldWidth + col]!;
            }
          });
          return [name, { shape, data }];
        }
        // The slot of the n-th expert or constant, and what its source was.
        const kind = what === 'experts' ? 'ffn' : 'constant';
        const now = list(config.experts, l);
        const slot = now.flatMap((one, r) => (one.kind === kind ? [r] : []))[Number(index)]!;
        const source = from(l)[slot]!;
        const was = list(before.experts, l);
        if (source === null || was[source]?.kind !== kind) return [name, { shape, data }];
        const group = slotGroups(was)[source]!;
        const tensor = (part: string) => old(`layers.${l}.moe.${what}.${group}.${part}`);
        if (kind === 'constant') return [name, tensor(role)];
        const D = config.model.D;
        const F = tensor('gate.weight').shape[0]!;
        const width_F = role.startsWith('down') ? shape[1]! : shape[0]!;
        const weight = (part: string) =>
          state.parameters.get(`layers.${l}.moe.experts.${group}.${part}.weight`)!.data;
        const importance = unitImportance(weight('gate'), weight('up'), weight('down'), { D, F });
        const units =
          width_F < F ? keptUnits(importance, width_F) : Array.from({ length: F }, (_, u) => u);
        if (role.startsWith('down')) data.fill(0);
        units.forEach((unit, u) => {
          for (let d = 0; d < D; d++) {
            if (role.startsWith('down')) data[d * width_F + u] = tensor(role).data[d * F + unit]!;
            else data[u * D + d] = tensor(role).data[unit * D + d]!;
          }
        });
        return [name, { shape, data }];
      }),
    );
  };
  return {
    parameters: make('parameters'),
    firstMoments: make('firstMoments'),
    secondMoments: make('secondMoments'),
  };
}

const OPERATIONS: Record<string, [Layers, SpaceEdit][]> = {
  'widen an expert': [['all', setWidth(1, 14)]],
  'narrow an expert': [['all', setWidth(1, 4)]],
  'change a pair': [[0, setPairWidth(0, 11)]],
  'add an expert': [['all', addSlot(ffn(7))]],
  'add an expert in one layer': [[2, addSlot(ffn(3), 0)]],
  'add a zero slot': [['all', addSlot({ kind: 'zero' })]],
  'add a constant': [[0, addSlot({ kind: 'constant' }, 4)]],
  'clone an expert': [['all', cloneSlot(1)]],
  'clone a constant': [['all', cloneSlot(4)]],
  'clone a negated slot': [['all', cloneSlot(3)]],
  'remove an expert and its twin': [['all', removeSlot(1)]],
  'remove a constant': [['all', removeSlot(4)]],
  'remove a slot of one layer': [[0, removeSlot(0)]],
  'turn an expert into a copy slot': [['all', changeKind(2, { kind: 'copy' })]],
  'turn a zero slot into an expert': [['all', changeKind(5, ffn(8))]],
  reorder: [['all', reorder([6, 1, 3, 0, 5, 2, 4])]],
  'several at once': [
    ['all', cloneSlot(0)],
    [2, removeSlot(3)],
    ['all', setWidth(1, 3)],
    [0, reorder([7, 6, 5, 4, 3, 2, 1, 0])],
    ['all', addSlot({ kind: 'copy' }, 2)],
  ],
};

describe('a surgery', () => {
  it.each(Object.entries(OPERATIONS))('can %s, and undo it and do it again', async (_, edits) => {
    const engine = await trained(everything);
    const { surgeries: none, ...before } = await engine.readState();
    expect(none).toBeUndefined();
    const operation = planned(everything, ...edits);
    await engine.operate(operation.config, { number: 1, surgery: operation.surgery });
    const { surgeries: one, step, ...after } = await engine.readState();
    expect(after).toEqual(expected(everything, operation, before));
    expect([step, one?.length, engine.surgeries]).toEqual([5, 1, 1]);

    await engine.operate(everything, { number: 2, surgery: { undo: 1 } });
    const undone = await engine.readState();
    expect({ ...undone, surgeries: undefined }).toEqual({ ...before, surgeries: undefined });
    await engine.operate(operation.config, { number: 3, surgery: { undo: 1 } });
    const again = await engine.readState();
    expect({ ...again, surgeries: undefined }).toEqual({ ...after, step, surgeries: undefined });
    // It trains on, and undoes later with the tensors as they were removed.
    runTo(engine, 8);
    expect((await records(engine)).n).toBe(3);
    await engine.operate(everything, { number: 4, surgery: { undo: 1 } });
    runTo(engine, 10);
    expect((await records(engine)).n).toBe(2);
    expect(engine.nonFinite).toBeNull();
  });

  it('undoes several, one after the other', async () => {
    const engine = await trained(everything);
    const before = await engine.readState();
    const first = planned(everything, ['all', cloneSlot(0)], ['all', setWidth(1, 2)]);
    const second = planned(first.config, [2, removeSlot(1)], ['all', addSlot(ffn(4), 0)]);
    await engine.operate(first.config, { number: 1, surgery: first.surgery });
    await engine.operate(second.config, { number: 2, surgery: second.surgery });
    await engine.operate(first.config, { number: 3, surgery: { undo: 1 } });
    await engine.operate(everything, { number: 4, surgery: { undo: 3 } });
    const after = await engine.readState();
    expect({ ...after, surgeries: undefined }).toEqual({ ...before, surgeries: undefined });
  });

  it('takes a state with its surgeries, and undoes them there', async () => {
    const engine = await trained(everything);
    const before = await engine.readState();
    const operation = planned(everything, ['all', removeSlot(0)]);
    await engine.operate(operation.config, { number: 1, surgery: operation.surgery });
    const other = await create(operation.config, await engine.readState());
    expect(other.surgeries).toBe(1);
    await other.operate(everything, { number: 2, surgery: { undo: 1 } });
    const after = await other.readState();
    expect({ ...after, surgeries: undefined }).toEqual({ ...before, surgeries: undefined });
  });

  it('changes no logit by more than 1e-5 where it widens', async () => {
    const engine = await trained(everything, 40);
    const batch = batchOf(everything, 77);
    const next = (tokens: number[]) => engine.nextLogits(tokens, { capacity: false });
    const before = [await next([1, 2, 3]), await next([5, 1, 7, 7, 2])];
    const { perToken } = await engine.evaluate(batch, { capacity: false });
    const { config, surgery } = planned(
      everything,
      ['all', setWidth(0, 16)],
      ['all', setWidth(1, 33)],
      [2, setWidth(2, 64)],
    );
    await engine.operate(config, { number: 1, surgery });
    const after = [await next([1, 2, 3]), await next([5, 1, 7, 7, 2])];
    after.forEach((logits, i) => {
      logits.forEach((logit, v) => {
        expect(Math.abs(logit - before[i]![v]!)).toBeLessThan(1e-5);
      });
    });
    const wide = await engine.evaluate(batch, { capacity: false });
    wide.perToken.forEach((loss, t) => {
      expect(Math.abs(loss - perToken[t]!)).toBeLessThan(1e-5);
    });
    // The new units do learn.
    runTo(engine, 43);
    const { parameters } = await engine.readState();
    const down = parameters.get('layers.0.moe.experts.0.down.weight')!;
    expect(down.data.some((x, i) => i % 16 >= 6 && x !== 0)).toBe(true);
  });

  it('leaves the model as it was where it cannot be done', async () => {
    const engine = await trained(everything);
    const before = await engine.readState();
    const bytes = engine.gpuBytes;
    const order = (surgery: Surgery) => ({ number: 1, surgery });
    await expect(engine.operate(everything, order({ undo: 1 }))).rejects.toThrow(
      'undo goes back 1 surgeries; 0 were done',
    );
    await expect(engine.operate(everything, order({ from: { default: [0, 1] } }))).rejects.toThrow(
      'layer 0 gets 7 slots, but the provenance names 2',
    );
    expect(await engine.readState()).toEqual(before);
    expect(engine.gpuBytes).toBe(bytes);
  });
});

it('keeps the lower of units that matter alike', () => {
  expect(keptUnits([1, 3, 1, 2, 1], 3)).toEqual([0, 1, 3]);
  expect(keptUnits([0, 0, 0], 2)).toEqual([0, 1]);
});
