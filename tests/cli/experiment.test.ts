import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { experimentCommand } from '../../src/cli/experimentRun.ts';
import type { Metrics } from '../../src/cli/metrics.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { encodeLink } from '../../src/config/permalink.ts';
import { writeShare } from '../../src/links/share.ts';
import { heardIo } from '../support/heardIo.ts';
import { EXPLODING_LR } from '../train/fakeEngine.ts';
import { harness, lossesOfRun, TINY } from '../train/support.ts';

const folder = mkdtempSync(join(tmpdir(), 'experiment-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string) => join(folder, name);

async function command(...argv: string[]) {
  const { io, errors } = heardIo();
  const code = await experimentCommand(argv, io, harness().deps);
  return { code, errors: errors() };
}

function metrics(name: string): Metrics {
  return JSON.parse(readFileSync(path(name), 'utf8'));
}

const EVENTS: Experiment['events'] = [[4, { 'optimizer.lr': 0.02 }]];
const EXPERIMENT = { ...TINY, events: EVENTS };

it('writes the telemetry of a link, and of the experiment in it again', async () => {
  const link = `https://host/lab/#${encodeLink(EXPERIMENT)}`;
  expect(await command(link, '--steps', '12', '--out', path('a.json'))).toMatchObject({ code: 0 });
  const first = metrics('a.json');
  expect(first.scalars.ce).toEqual(await lossesOfRun(EXPERIMENT, 12));
  expect(first.scalars.lr[3]).toBeCloseTo(0.016);
  expect(first.experiment.events).toEqual(EVENTS);
  expect(first.loads.map(({ layer }) => layer)).toEqual([0, 1]);
  const [loads] = first.loads;
  expect(loads!.assignments).toHaveLength(12);
  expect(loads!.assignments[0]).toEqual([
    [2, 2, 2, 2],
    [2, 2, 2, 2],
  ]);
  expect(loads!.domains[11]).toEqual(Array.from({ length: 4 }, () => [0, 0]));

  expect((await command(path('a.json'), '--steps', '12', '--out', path('b.json'))).code).toBe(0);
  expect(metrics('b.json').scalars).toEqual(first.scalars);
});

it('trains the first run of a link that compares several, and says so, or the one asked for', async () => {
  const other = { ...TINY, optimizer: { ...TINY.optimizer, lr: 0.03 } };
  const link = `https://host/#${writeShare({ experiments: [TINY, other], results: [null, null] })}`;
  const trained = async (...side: string[]) => {
    const { code, errors } = await command(link, ...side, '--steps', '3', '--out', path('s.json'));
    return { code, errors, lr: metrics('s.json').experiment.optimizer.lr };
  };
  const first = await trained();
  expect(first).toMatchObject({ code: 0, lr: TINY.optimizer.lr });
  expect(first.errors).toContain(
    'The link holds 2 runs: run 1 is trained; --side N takes another, 1 to 2.',
  );
  const second = await trained('--side', '2');
  expect(second).toMatchObject({ code: 0, lr: 0.03 });
  expect(second.errors).toContain('The link holds 2 runs: run 2 is trained.');
  const out = ['--out', path('none.json')];
  expect(await command(link, '--side', '3', ...out)).toMatchObject({
    code: 1,
    errors: expect.stringContaining('--side 3: the link holds 2 runs; 1 to 2 are possible'),
  });
  expect(await command('v=1', '--side', '2', ...out)).toMatchObject({
    code: 1,
    errors: expect.stringContaining('--side 2: the link holds 1 run; 1 to 1 are possible'),
  });
  expect(await command(link, '--side', '9', ...out)).toMatchObject({
    code: 2,
    errors: expect.stringContaining('--side 9 is not a whole number from 1 to 8'),
  });
  expect(await command(path('s.json'), '--side', '1', ...out)).toMatchObject({
    code: 1,
    errors: expect.stringContaining('--side N is for links'),
  });
});

it('adds the routing of the last batch, and goes on from a checkpoint', async () => {
  writeFileSync(path('e.json'), JSON.stringify(EXPERIMENT));
  const half = ['--steps', '6', '--out', path('half.json'), '--checkpoint', path('c.safetensors')];
  expect((await command(path('e.json'), ...half)).code).toBe(0);
  const rest = ['--steps', '12', '--routing', '--out', path('rest.json')];
  expect((await command(path('c.safetensors'), ...rest)).code).toBe(0);
  const { firstStep, scalars, routing } = metrics('rest.json');
  expect(firstStep).toBe(7);
  expect(scalars.ce).toEqual((await lossesOfRun(EXPERIMENT, 12)).slice(6));
  expect(routing).toMatchObject({ step: 12, domains: [0, 0, 0, 0, 1, 1, 1, 1] });
  expect(routing!.tokens).toHaveLength(8);
  const [layer] = routing!.layers;
  expect(layer!.selected).toHaveLength(8);
  expect(layer!.gates[0]).toEqual([0.5, 0.5]);
  expect(layer!.dropped[7]).toEqual([0, 0]);
});

it('fails with the reason, and with what was trained so far, at a step that is not finite', async () => {
  const wrong = { ...TINY, events: [[5, { 'optimizer.lr': EXPLODING_LR }]] };
  writeFileSync(path('w.json'), JSON.stringify(wrong));
  const { code, errors } = await command(
    path('w.json'),
    '--steps',
    '9',
    '--out',
    path('w.out.json'),
  );
  expect(code).toBe(1);
  expect(errors).toMatch(/stopped: Step 5/);
  const { scalars, stopped } = metrics('w.out.json');
  expect(scalars.ce).toEqual([...(await lossesOfRun(TINY, 4)), null]);
  expect(stopped).toMatchObject({ kind: 'nonFinite', step: 5 });
});

it('trains on a text alone where the mix has none', async () => {
  writeFileSync(path('own.txt'), 'abc');
  writeFileSync(path('t.json'), JSON.stringify(TINY));
  const { code, errors } = await command(
    ...[path('t.json'), '--steps', '1', '--out', path('t.out.json'), '--text', path('own.txt')],
  );
  expect(code).toBe(0);
  expect(errors).toMatch(/"own.txt" is used alone/);
  expect(metrics('t.out.json').experiment.data.mix).toEqual({ own: 1 });
});

it.each([
  [[], /0 experiments given/],
  [['a', 'b', '--out', 'x'], /2 experiments given/],
  [['v=1'], /--out FILE is needed/],
  [['v=1', '--out', 'x', '--steps', '1.5'], /--steps 1.5 is not a whole number/],
  [['v=1', '--out', 'x', '--nonsense'], /nonsense/],
])('says what is wrong with the arguments %j', async (argv, message) => {
  const { code, errors } = await command(...argv);
  expect(code).toBe(2);
  expect(errors).toMatch(message);
  expect(errors).toMatch(/^Usage:/m);
});

it('refuses a link with a value out of range, and a file that is not there', async () => {
  const refused = await command('v=1&D=-4', '--out', path('x.json'));
  expect(refused.code).toBe(1);
  expect(refused.errors).toMatch(/-4/);
  const missing = await command(path('none.json'), '--out', path('x.json'));
  expect(missing.code).toBe(1);
  expect(missing.errors).toMatch(/none\.json/);
});
