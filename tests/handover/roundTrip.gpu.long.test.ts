import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { main as analyse } from '../../src/cli/analyse.ts';
import { main as train } from '../../src/cli/experiment.ts';
import { main as handover } from '../../src/cli/handover.ts';
import { readRuns } from '../../src/runs/files/readRuns.ts';
import { decodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import { over } from '../support/continued.ts';
import { casesOf } from '../support/long.ts';
import { saved, small } from './folder.ts';
import { PYTHON, runGroup } from './torch.ts';

/** A run that is begun here, goes on in PyTorch on two processes, and comes back. */

const folder = mkdtempSync(join(tmpdir(), 'round-'));
afterAll(() => rmSync(folder, { recursive: true }));
let said = '';
const io = {
  stdout: () => {},
  stderr: (text: string) => {
    said += text;
  },
  readFile: (file: string) => readFile(file, 'utf8'),
};

const [BEFORE, THERE, AFTER] = [6, casesOf(100, 30), 5];
const END = BEFORE + THERE;

it.skipIf(PYTHON === null)(
  'comes back as a run of its own, with its history and its parent',
  async () => {
    const path = (name: string) => join(folder, name);
    // An event that lies ahead is passed over: the run has it no more.
    const events = [
      [3, { 'optimizer.lr': 0.002 }],
      [BEFORE + 4, { 'optimizer.lr': 0.1 }],
      [END + 2, { 'optimizer.lr': 0.001 }],
    ] as const;
    const experiment = { ...small('moepp-8+4', { 'optimizer.totalSteps': 500 }), events };
    writeFileSync(path('run.json'), JSON.stringify(experiment));
    const begun = [path('run.json'), '--steps', `${BEFORE}`, '--run', path('begun.zip')];
    expect(await train(begun, io)).toBe(0);
    const [parent] = (await readRuns(readFileSync(path('begun.zip')))).runs;
    expect(await handover([path('begun.zip'), '--out', path('there')], io)).toBe(0);
    writeFileSync(path('book.txt'), readFileSync('docs/model.md'));
    const args = ['train.py', '--steps', `${THERE}`, '--text', path('book.txt'), '--shard'];
    const ran = await runGroup(2, args, path('there'));
    expect(ran.map(({ code, out }) => (code === 0 ? 0 : out))).toEqual([0, 0]);

    const file = join(path('there'), 'continued.safetensors');
    const { state } = decodeCheckpoint(readFileSync(file));
    const back = [file, '--steps', `${END + AFTER}`, '--at', `${END + 1}`];
    expect(await train([...back, '--run', path('back.zip')], io), said).toBe(0);
    expect(said).toContain(`steps ${BEFORE + 1} to ${END} were taken in PyTorch`);
    const [run] = (await readRuns(readFileSync(path('back.zip')))).runs;
    expect(run?.row).toMatchObject({
      parent: { id: parent?.row.id, step: BEFORE, name: 'begun' },
      seams: [
        { step: BEFORE, by: 'pytorch' },
        { step: END, by: 'here' },
      ],
      steps: END + AFTER,
    });
    expect(run?.row.experiment?.events).toEqual([events[0], events[2]]);
    const { records } = await run!.parts();
    const { history } = saved(path('there'));
    for (const name of ['ce', 'total', 'gradNorm', 'lr'] as const) {
      const all = over(records, name);
      expect(all).toHaveLength(THERE + AFTER);
      expect(all.slice(0, THERE)).toEqual(history.map((row) => Math.fround(row[name])));
    }
    // Bit for bit what the file has, and training goes on from it without a break.
    const still = ['--steps', `${END}`, '--out', path('still.json'), '--checkpoint', path('same')];
    expect(await train([file, ...still], io), said).toBe(0);
    expect(JSON.parse(readFileSync(path('still.json'), 'utf8')).firstStep).toBe(BEFORE + 1);
    expect(decodeCheckpoint(readFileSync(path('same'))).state).toEqual(state);
    const ce = over(records, 'ce');
    expect(Math.abs(ce[THERE]! - ce[THERE - 1]!)).toBeLessThan(0.5);
    expect(await analyse([file, '--out', path('figures.json')], io), said).toBe(0);

    // Handed over once more, it keeps what was trained there first.
    const again = path('again');
    expect(await handover([file, '--out', again], io), said).toBe(0);
    const more = ['train.py', '--steps', `${AFTER}`, '--text', path('book.txt')];
    const [once] = await runGroup(1, more, again);
    expect(once?.code, once?.out).toBe(0);
    const [first, both] = [file, join(again, 'continued.safetensors')].map(
      (name) => decodeCheckpoint(readFileSync(name)).elsewhere!,
    );
    expect(both).toMatchObject({ firstStep: BEFORE + 1, n: THERE + AFTER });
    expect(both!.scalars.slice(0, first!.scalars.length)).toEqual(first!.scalars);
    for (const [i, { assignments, meanGate }] of first!.layers.entries()) {
      const layer = both!.layers[i]!;
      expect(layer.assignments.slice(0, assignments.length)).toEqual(assignments);
      expect(layer.meanGate.slice(0, meanGate.length)).toEqual(meanGate);
    }
  },
  600_000,
);
