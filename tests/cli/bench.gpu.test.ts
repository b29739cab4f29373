import { expect, test } from 'vitest';
import { main } from '../../src/cli/bench.ts';

function run(argv: string[]) {
  const said = { out: '', err: '' };
  const io = {
    stdout: (text: string) => {
      said.out += text;
    },
    stderr: (text: string) => {
      said.err += text;
    },
    readFile: () => Promise.reject(new Error('the benchmark reads no file')),
  };
  return main(argv, io).then((code) => ({ code, ...said }));
}

test('measures whole steps and writes nothing but JSON', async () => {
  const only = ['--shape', 'S', '--only', 'train,kernels,gpuMemory,inspect'];
  const short = ['--rounds', '1', '--steps', '1', ...only];
  const { code, out } = await run(['--json', '--runner', 'node', ...short]);
  expect(code).toBe(0);
  const report = JSON.parse(out);
  const { train, runner, rounds, fmaGflops, copyGBs } = report;
  expect({ runner, rounds }).toEqual({ runner: 'node', rounds: 1 });
  expect(report.version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(report.date).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect(report.machine).toMatch(/^\d+ × ./);
  expect(Math.min(fmaGflops, copyGBs)).toBeGreaterThan(0);
  expect(train.S.ours.msPerStep).toBeGreaterThan(0);
  expect(train.S.ours.moeOverDense).toBeGreaterThan(0);
  expect(train.S.ours.firstStepMs).toBeGreaterThan(train.S.ours.msPerStep / 10);
  expect(train.S.ours.objectsCreated).toBe(0);
  expect(train.S.ours.dispatches).toBeLessThanOrEqual(90);
  expect(train.S.ours.losses).toHaveLength(3);
  expect(Object.keys(train.S)).toEqual(['ours']);

  const { kernels, gpuBusy, gpuMemory } = report;
  expect(kernels.S.length).toBeGreaterThan(20);
  expect(gpuBusy).toBeGreaterThan(0);
  expect(Math.abs(gpuMemory.measuredBytes / gpuMemory.estimatedBytes - 1)).toBeLessThan(0.1);
  expect(Object.keys(report.inspect.shapes)).toEqual(['S']);
  expect(report.inspect.ratio).toBe(report.inspect.shapes.S.ratio);
  expect(report.inspect.ratio).toBeGreaterThan(0);
  expect(report).not.toHaveProperty('matmul');
});

test('takes steps with every mechanism of the balancing lab', async () => {
  const short = ['--shape', 'S', '--rounds', '1', '--steps', '1', '--only', 'balancing'];
  const { out } = await run(['--json', '--runner', 'node', ...short]);
  const report = JSON.parse(out);
  const [plain, ...mechanisms] = report.balancing;
  expect([plain.mechanism, plain.addedShare]).toEqual(['plain', 0]);
  // At most two kernels in each of two layers for a bias, three for a loss.
  for (const { mechanism, ms, overPlain, addedShare, dispatches } of mechanisms) {
    expect(
      [ms, overPlain].every((time) => time > 0),
      mechanism,
    ).toBe(true);
    expect(addedShare, mechanism).not.toBe(0);
    const isBias = ['none', 'sign', 'quantile'].includes(mechanism);
    expect(dispatches - plain.dispatches, mechanism).toBeLessThanOrEqual(2 * (isBias ? 2 : 3));
  }
});

test.each([
  [['--rounds', '0'], '--rounds 0 is not a whole number from 1 to 1000'],
  [['--shape', 'XL'], '--shape XL is none of S, M'],
  [['--runner', 'deno'], '--runner deno is none of chromium, node'],
  [['--only', 'train,speed'], '--only speed is none of train, moeForward, matmul'],
  [['--peers', '--runner', 'node'], '--peers needs --runner chromium'],
])('refuses %j', async (argv, message) => {
  const { code, out, err } = await run(argv);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(message);
  expect(err).toContain('Usage');
});
