import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { experimentCommand } from '../../src/cli/experimentRun.ts';
import type { Metrics } from '../../src/cli/metrics.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { gpuDevice } from '../../src/train/device/gpuDevice.ts';
import type { TrainingDevice } from '../../src/train/device/trainingDevice.ts';
import { decodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import { conversionLab } from '../runs/conversions/lab.ts';
import { useDevice } from '../support/gpu.ts';
import { heardIo } from '../support/heardIo.ts';
import { fakeText, TINY } from '../train/support.ts';

const device = useDevice();
const folder = mkdtempSync(join(tmpdir(), 'ladimo-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string) => join(folder, name);

let trainingDevice: TrainingDevice | null = null;

async function command(...argv: string[]) {
  const { io, errors } = heardIo();
  trainingDevice ??= gpuDevice(device(), { description: 'test', isSoftware: true });
  const one = trainingDevice;
  const code = await experimentCommand(argv, io, {
    requestDevice: async () => one,
    prepareText: async (experiment) => fakeText(experiment),
  });
  return { code, errors: errors() };
}

function write(name: string, json: unknown): string {
  writeFileSync(path(name), JSON.stringify(json));
  return path(name);
}

function metrics(name: string): Metrics {
  return JSON.parse(readFileSync(path(name), 'utf8'));
}

const DENSE: Experiment = { ...TINY, model: { ...TINY.model, arrangement: 'dense' } };
const SETTINGS = { layers: [1], N: 2, K: 1, sample: 32, batch: 8, steps: 6, profile: 16 };

it('trains the teacher, converts it, and goes on from the student and from the teacher', async () => {
  const teacher = write('dense.json', DENSE);
  const settings = write('settings.json', SETTINGS);
  const files = ['--checkpoint', path('t.safetensors'), '--student', path('s.safetensors')];
  const argv = [teacher, '--steps', '5', '--out', path('a.json'), '--ladimo', settings, ...files];
  argv.push('--conversion', path('c.zip'));
  expect(await command(...argv)).toMatchObject({ code: 0 });
  const first = metrics('a.json');
  expect(first.scalars.ce).toHaveLength(5);
  const { ladimo } = first;
  expect(ladimo?.settings).toMatchObject(SETTINGS);
  expect(ladimo?.layers[0]?.losses.mse).toHaveLength(6);
  expect(ladimo?.experiments.adaptive.router.policy).toEqual([null, { kind: 'top-2' }]);

  const { experiment } = decodeCheckpoint(readFileSync(path('s.safetensors')));
  expect(experiment).toEqual(ladimo?.experiments.student);
  const onward = [path('s.safetensors'), '--steps', '3', '--out', path('b.json')];
  expect(await command(...onward)).toMatchObject({ code: 0 });
  expect(metrics('b.json').loads.map(({ layer }) => layer)).toEqual([1]);

  const again = [path('t.safetensors'), '--steps', '5', '--out', path('c.json')];
  expect(await command(...again, '--ladimo', settings)).toMatchObject({ code: 0 });
  // The file opens elsewhere, where the link gives the same bits.
  const lab = conversionLab(device(), fakeText);
  const opened = await lab.room.fromFile(readFileSync(path('c.zip')));
  expect(opened.curves).toEqual(ladimo?.curves);
  expect(opened.state.policies[0]?.adaptive).toEqual(ladimo?.adaptive);
  const replayed = await lab.room.replay(ladimo?.link ?? '');
  const { state, curves } = await lab.room.goOn(replayed.state.id);
  expect(state.digest).toBe(ladimo?.digest);
  expect(curves).toEqual(ladimo?.curves);
  expect(ladimo?.students).toEqual(
    expect.arrayContaining(state.students.filter(({ layers }) => layers.length > 0)),
  );
  expect(await command(ladimo?.link ?? '', '--out', path('d.json'))).toMatchObject({ code: 0 });
  expect(metrics('d.json').ladimo?.curves).toEqual(curves);

  // A checkpoint tells nobody how it was trained.
  expect(metrics('c.json').ladimo).toEqual({ ...ladimo, link: null });
});

it('goes on with a conversion from a file, measures it further, and takes out one of its students', async () => {
  const choice = { layers: [1], K: 2 };
  const argv = [path('c.zip'), '--out', path('f.json'), '--recover', 'code:4', '--write', 'ab'];
  argv.push('--choice', JSON.stringify(choice), '--student', path('k.safetensors'));
  expect(await command(...argv)).toMatchObject({ code: 0 });
  const { ladimo } = metrics('f.json');
  const first = metrics('a.json').ladimo;
  expect(ladimo?.curves).toEqual(first?.curves);
  expect(ladimo?.link).toBe(first?.link);
  expect(ladimo?.domains[0]).toMatchObject({ domain: 'code', steps: 4 });
  expect(ladimo?.texts?.student.texts[0]).toMatchObject({ prompt: 'ab' });
  const { experiment } = decodeCheckpoint(readFileSync(path('k.safetensors')));
  expect(experiment.router.K).toBe(2);
  const wrong = await command('x.zip', '--out', 'y', '--choice', '{"layers": [1.5]}');
  expect(wrong.code).toBe(2);
  expect(wrong.errors).toContain('--choice {"layers": [1.5]}: student.layers.0');
});

it('refuses what does not fit before anything is trained', async () => {
  const wrong = write('wrong.json', { ...SETTINGS, layers: [7] });
  const argv = [write('dense.json', DENSE), '--out', path('d.json'), '--ladimo', wrong];
  const { code, errors } = await command(...argv);
  expect(code).toBe(1);
  expect(errors).toBe(`error: ${wrong}: ladimo: layer 7 does not exist; there are 0 to 1\n`);
  const fits = write('fits.json', { ...SETTINGS, layers: [1] });
  const asked = [path('dense.json'), '--out', path('d.json'), '--ladimo', fits];
  for (const [option, value, message] of [
    ['--choice', '{"layers": [0]}', 'layer 0 is not converted; it must be one of 1'],
    ['--choice', '{"layers": [1], "domain": "code"}', '--recover code does it'],
    ['--recover', 'dialogue:4', '--recover dialogue: ladimo: domain: "dialogue" is not in'],
  ] as const)
    expect((await command(...asked, option, value)).errors).toContain(message);
  expect((await command(path('dense.json'), '--out', 'x', '--student', 'y')).code).toBe(2);
});

it('names the file of settings that are not JSON, or say a thing twice', async () => {
  const argv = [write('dense.json', DENSE), '--out', path('e.json'), '--ladimo', path('bad.json')];
  writeFileSync(path('bad.json'), '{"layers": [1');
  expect((await command(...argv)).errors).toMatch(`error: ${path('bad.json')}: not JSON: `);
  writeFileSync(path('bad.json'), '{"layers": [1], "K": 1, "K": 2}');
  const { errors } = await command(...argv);
  expect(errors).toBe(`error: ${path('bad.json')}: ambiguous: "K" stands twice\n`);
});
