import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { main } from '../../src/cli/handover.ts';
import { engineConfig } from '../../src/config/edit.ts';
import { fileSource } from '../../src/data/fileSource.ts';
import type { HandoverAsk } from '../../src/handover/options.ts';
import { handoverThread } from '../../src/handover/thread.ts';
import { encodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import { initialState } from '../../src/train/session/modelState.ts';
import { importsOf, reachable, textOf } from '../support/sourceTree.ts';
import { ON_OWN, OWN } from './ownRun.ts';

/** What the page hands over is what the command writes, byte by byte. */

const HOME = { base: 'https://lab.example/', origin: 'https://lab.example' };

const folder = mkdtempSync(join(tmpdir(), 'handed-'));
const checkpointFile = join(folder, 'at.safetensors');
let checkpoint: Uint8Array;

beforeAll(() => {
  const state = initialState(engineConfig(ON_OWN, 256), 0.02, 1);
  for (const [name, { shape, data }] of state.parameters)
    for (const moments of [state.firstMoments, state.secondMoments])
      moments.set(name, { shape, data: data.map(Math.abs) });
  checkpoint = encodeCheckpoint({ experiment: ON_OWN, state: { ...state, step: 7 } });
  writeFileSync(checkpointFile, checkpoint);
  writeFileSync(join(folder, OWN.name), OWN.text);
});
afterAll(() => rmSync(folder, { recursive: true }));

const { zip } = handoverThread(() => fileSource());
const io = {
  stdout: () => {},
  stderr: () => {},
  readFile: (path: string) => readFile(path, 'utf8'),
};

async function zipped(ask: HandoverAsk): Promise<Record<string, Uint8Array>> {
  const blob = await zip({ checkpoint, own: OWN, parent: null }, ask, HOME);
  return unzipSync(new Uint8Array(await blob.arrayBuffer()));
}

const ASKS: readonly (readonly [HandoverAsk, readonly string[]])[] = [
  [{ as: null, batches: 3 }, ['--batches', '3']],
  [{ as: 'mixtral', batches: 0 }, ['--as', 'mixtral']],
];

it.each(ASKS)('writes %o as the command does', async (ask, options) => {
  const out = join(folder, `${ask.as}`);
  const argv = [checkpointFile, '--out', out, '--text', join(folder, OWN.name), ...options];
  expect(await main(argv, io)).toBe(0);
  const files = await zipped(ask);
  const names = readdirSync(out);
  expect(names.length).toBeGreaterThanOrEqual(6);
  expect(Object.keys(files).sort()).toEqual(names.map((name) => `switchyard-step7/${name}`).sort());
  for (const name of names)
    expect(
      Buffer.from(files[`switchyard-step7/${name}`]!).equals(readFileSync(join(out, name))),
      name,
    ).toBe(true);
});

it('refuses in words what a class cannot express', async () => {
  await expect(zipped({ as: 'llama', batches: 0 })).rejects.toThrow(
    /^LlamaForCausalLM cannot express this experiment:\nmodel\.arrangement is "full"; LlamaForCausalLM needs "dense"/,
  );
});

it('leaves the programs to the thread: the page loads none of them at its start', () => {
  const loaded = [...reachable(['src/ui/main.tsx'], 'static').keys()];
  expect(loaded.filter((path) => /^src\/handover\/(?!options)/.test(path))).toEqual([]);
  expect(importsOf('src/handover/openWorker.ts').some(({ isWorker }) => isWorker)).toBe(true);
  expect(textOf('src/handover/handover.ts')).toContain('model.py?raw');
});
