import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { PRESETS } from '../../src/config/presets.ts';
import { fileSource } from '../../src/data/fileSource.ts';
import { prepareText } from '../../src/data/prepare.ts';
import { readSafetensors } from '../../src/data/safetensors.ts';
import { requestNodeDevice } from '../../src/gpu/adapter.node.ts';
import { handover } from '../../src/handover/handover.ts';
import { DeviceSource } from '../../src/train/device/deviceSource.ts';
import { gpuDevice } from '../../src/train/device/gpuDevice.ts';
import { decodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import type { SessionEvent } from '../../src/train/session/events.ts';
import { createSession } from '../../src/train/session/session.ts';
import { over } from '../support/continued.ts';
import { casesOf } from '../support/long.ts';
import { saved, small, worst } from './folder.ts';
import { PYTHON, type Ran, runGroup, runPython } from './torch.ts';

/** A run goes on in PyTorch with the logits and losses that it would have had here. */

const folder = mkdtempSync(join(tmpdir(), 'handover-'));
const devices = new DeviceSource(async () => {
  const node = await requestNodeDevice();
  return gpuDevice(node.device, node);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await devices.destroy();
});

const [BEFORE, AFTER] = [5, 10];
/** A model per paper and three of the balancing lab, which go on in every number of processes. */
const FIRST = [
  'modse-pairs',
  'moepp-8+4',
  'tcmoe',
  'equalres-1dense-shared',
  'ladimo-student',
  'bal-deepseek-v3',
  'bal-olmoe',
  'bal-longcat-flash',
];
const SAMPLE = ['moepp-8+4'];
const REST = PRESETS.map(({ id }) => id).filter((id) => !FIRST.includes(id));
const NAMES = casesOf([...FIRST, ...REST], SAMPLE);
type Group = readonly [processes: number, ...more: string[]];
const TWO: readonly Group[] = [[2, '--shard']];
const GROUPS = casesOf<readonly Group[]>([[2], ...TWO, [4], [4, '--shard']], TWO);

type Records = Extract<SessionEvent, { type: 'steps' }>['records'];
interface Here {
  records: Records[];
  /** Of the first batch that is handed over. */
  logits: ArrayLike<number>;
}

/** Trains to the hand-over, writes its folder, and tells how the run goes on here. */
async function handedOver(preset: string, cwd: string): Promise<Here> {
  const experiment = small(preset);
  const text = await prepareText(experiment, fileSource(), null);
  let records: Records[] = [];
  const emit = (event: SessionEvent) => {
    if (event.type === 'steps') records.push(event.records);
  };
  const deps = { requestDevice: () => devices.get(), prepareText: async () => text };
  const session = await createSession(deps, experiment, { emit, snapshotEvery: 0 });
  await session.runTo(BEFORE);
  const checkpoint = decodeCheckpoint(await session.checkpoint());
  const { tensors } = await session.inspect('tensors', { names: ['logits'] });
  records = [];
  await session.runTo(BEFORE + AFTER);
  await session.dispose();
  mkdirSync(cwd);
  for (const [name, bytes] of handover(checkpoint, { text, batches: AFTER }))
    writeFileSync(join(cwd, name), bytes);
  return { records, logits: tensors.get('logits')!.data };
}

const ARGUMENTS = ['train.py', '--steps', `${AFTER}`, '--batches', 'batches.safetensors'];

/** What `train.py` saved; the file is moved away, so that the next call begins anew. */
function trained(cwd: string, ran: readonly Ran[]) {
  expect(ran.map(({ code, out }) => (code === 0 ? 0 : out))).toEqual(ran.map(() => 0));
  const file = join(cwd, 'continued.safetensors');
  const { history } = saved(cwd);
  const { elsewhere, state } = decodeCheckpoint(readFileSync(file));
  expect(state.step).toBe(BEFORE + AFTER);
  renameSync(file, join(cwd, 'last.safetensors'));
  return { history, elsewhere: elsewhere! };
}

const apart = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.max(0, ...Array.from(a, (value, i) => Math.abs(value - b[i]!)));

/** Part of all assignments that stand in another place, and the largest difference of a mean of p. */
function loadsApart(here: readonly Records[], there: Records) {
  const joined = (layer: number, name: 'assignments' | 'meanProb') =>
    here.flatMap(({ layers }) => [...layers[layer]![name]]);
  const layers = there.layers.map((of, l) => {
    const counts = joined(l, 'assignments');
    const moved = counts.reduce((sum, n, i) => sum + Math.abs(n - of.assignments[i]!), 0) / 2;
    const all = counts.reduce((sum, n) => sum + n, 0);
    return { moved: moved / all, meanProb: apart(joined(l, 'meanProb'), of.meanProb) };
  });
  return {
    moved: Math.max(0, ...layers.map(({ moved }) => moved)),
    meanProb: Math.max(0, ...layers.map(({ meanProb }) => meanProb)),
  };
}

it.skipIf(PYTHON === null).each(NAMES)(
  '%s has the same losses in PyTorch, by one process and by several',
  async (preset) => {
    const cwd = join(folder, preset);
    const here = await handedOver(preset, cwd);
    const told: Record<string, number> = {};

    const { code, out } = await runPython([resolve('tests/handover/logits.py')], { cwd });
    expect(code, out).toBe(0);
    const { tensors } = readSafetensors(readFileSync(join(cwd, 'logits.safetensors')));
    told.logits = apart(here.logits, tensors.get('logits')!.data);

    const one = trained(cwd, [await runPython(ARGUMENTS, { cwd })]);
    expect(one.history).toHaveLength(AFTER);
    for (const name of ['ce', 'total', 'gradNorm'] as const)
      told[name] = worst(
        one.history.map((row) => row[name]),
        over(here.records, name),
      );
    Object.assign(told, loadsApart(here.records, one.elsewhere));

    const groups = FIRST.includes(preset) ? GROUPS : TWO;
    for (const [n, ...more] of groups) {
      const same = trained(cwd, await runGroup(n, [...ARGUMENTS, ...more], cwd));
      told[[n, ...more].join(' ')] = worst(
        same.history.map(({ total }) => total),
        one.history.map(({ total }) => total),
      );
    }
    const line = Object.entries(told).map(([name, value]) => `${name} ${value.toExponential(1)}`);
    if (NAMES !== SAMPLE) console.log(`${preset}: ${line.join(', ')}`);
    for (const name of ['logits', 'ce', 'total', 'gradNorm', 'meanProb'])
      expect(told[name], name).toBeLessThan(1e-4);
    expect(told.moved, 'assignments').toBeLessThan(1e-3);
    for (const group of groups) expect(told[group.join(' ')], group.join(' ')).toBeLessThan(1e-5);
  },
  1_800_000,
);
