import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { isRouterParameter } from '../../src/config/balancing.ts';
import { createBpeTokenizer } from '../../src/data/tokenizers/bpe.ts';
import { saved, small, stateAt, writeFolder } from './folder.ts';
import { PYTHON, runGroup, runPython } from './torch.ts';

/** What `train.py` keeps, and where it stops instead of training something else. */

const folder = mkdtempSync(join(tmpdir(), 'train-on-'));
afterAll(() => rmSync(folder, { recursive: true }));

const place = (name: string) => join(folder, name);
const onBook = (steps: number) => ['train.py', '--steps', `${steps}`, '--text', 'book.txt'];
const onBatches = (steps: number) => [
  ...['train.py', '--steps', `${steps}`],
  ...['--batches', 'batches.safetensors'],
];
const EXPERIMENT = small('bal-qwen3');

it.skipIf(PYTHON === null)(
  'carries the moments of a frozen router along',
  async () => {
    const cwd = place('frozen');
    const frozen = small('bal-qwen3', { 'router.frozen': true });
    writeFolder(cwd, frozen, { state: stateAt(frozen, 10, 0.5) });
    const { code, out } = await runPython(onBook(1), { cwd });
    expect(code, out).toBe(0);
    const { tensors } = saved(cwd);
    const moments = [...tensors].filter(([name]) => /^moment[12]\./.test(name));
    for (const [name, { data }] of moments)
      expect(
        data.every((x) => x === 0.5),
        name,
      ).toBe(isRouterParameter(name));
  },
  120_000,
);

it.skipIf(PYTHON === null)(
  'wants the moments of a model that has taken steps',
  async () => {
    const cwd = place('torn');
    writeFolder(cwd, EXPERIMENT, { state: stateAt(EXPERIMENT, 10) });
    rmSync(join(cwd, 'moments.safetensors'));
    const { code, out } = await runPython(onBook(1), { cwd });
    expect([code, out]).toEqual([1, expect.stringMatching(/no file .* has the moments of "embed/)]);
    expect(existsSync(join(cwd, 'continued.safetensors'))).toBe(false);
  },
  120_000,
);

it.skipIf(PYTHON === null)(
  'goes on from its own model alone, whatever events it passed over',
  async () => {
    const cwd = place('other');
    const parent = { id: 'a', step: 0, name: 'first' };
    const ahead = {
      ...EXPERIMENT,
      events: [
        [2, { 'optimizer.lr': 0.1 }],
        [9, { 'optimizer.lr': 0.2 }],
      ] as const,
    };
    writeFolder(cwd, ahead, { parent });
    for (const steps of [3, 4]) {
      const { code, out } = await runPython(onBook(steps), { cwd });
      expect(code, out).toBe(0);
    }
    const told = async () => {
      const { code, out } = await runPython(onBook(5), { cwd });
      expect([code, saved(cwd).step]).toEqual([1, 4]);
      return out;
    };
    writeFolder(cwd, ahead, { parent: { ...parent, id: 'b' } });
    expect(await told()).toMatch(/continued\.safetensors .* of two models: .* parent is another/);
    writeFolder(cwd, small('bal-qwen3', { 'optimizer.lr': 0.5 }), { parent });
    expect(await told()).toMatch(/experiment is another/);
  },
  120_000,
);

it.skipIf(PYTHON === null)(
  'says before the first step that the given batches do not suffice',
  async () => {
    const cwd = place('batches');
    writeFolder(cwd, EXPERIMENT, { state: stateAt(EXPERIMENT, 10), batches: 3 });
    const { code, out } = await runPython(onBatches(100), { cwd });
    expect([code, out]).toEqual([1, expect.not.stringContaining('step 11 ')]);
    expect(out).toMatch(/steps 11 to 110 are asked for; the given batches are of steps 11 to 13/);
    const whole = await runPython(onBatches(3), { cwd });
    expect(whole.code, whole.out).toBe(0);
    expect(saved(cwd).step).toBe(13);
  },
  120_000,
);

it.skipIf(PYTHON === null)(
  'saves the steps before one that is not finite, by several processes too',
  async () => {
    const cwd = place('infinite');
    writeFolder(cwd, small('bal-qwen3', { 'optimizer.lr': 1e30 }));
    const ran = await runGroup(2, onBook(20), cwd);
    for (const { code, out } of ran)
      expect([code, out]).toEqual([1, expect.stringContaining('step 2: the loss or the gradient')]);
    expect(saved(cwd).history.map(({ step }) => step)).toEqual([1]);
  },
  120_000,
);

/** Pairs that meet across form feed and NUL: the first divides documents, the second is a byte like others. */
const TEXT = 'an\fan\0an\f\fnan\0\0';
const BPE = createBpeTokenizer([
  [97, 110],
  [256, 0],
  [0, 256],
  [12, 256],
]);

it.skipIf(PYTHON === null)(
  'divides documents where the lab does',
  async () => {
    const tokenizer = { kind: 'bpe', merges: BPE.merges };
    const program = [
      'import json, sys',
      "sys.path.insert(0, 'src/handover/python')",
      'from train import encode',
      'print(json.dumps(encode(*map(json.loads, sys.argv[1:]))))',
    ];
    const args = ['-c', program.join('\n'), JSON.stringify(TEXT), JSON.stringify(tokenizer)];
    const { out } = await runPython(args, { cwd: '.' });
    expect(JSON.parse(out)).toEqual([...BPE.encode(TEXT)]);
  },
  120_000,
);
