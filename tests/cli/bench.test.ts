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
  const { code, out } = await run(['--json', '--rounds', '2', '--steps', '1', '--shape', 'S']);
  expect(code).toBe(0);
  const { train, gpuMemory, runner } = JSON.parse(out);
  expect(runner).toBe('node');
  expect(train.S.ours.msPerStep).toBeGreaterThan(0);
  expect(train.S.ours.objectsCreated).toBe(0);
  expect(train.S.ours.submits).toBe(1);
  expect(train.S.ours.dispatches).toBeLessThanOrEqual(90);
  expect(Math.abs(gpuMemory.measuredBytes / gpuMemory.estimatedBytes - 1)).toBeLessThan(0.1);
});

test('refuses what it does not know', async () => {
  expect(await run(['--rounds', '0'])).toMatchObject({ code: 2, out: '' });
  expect((await run(['--shape', 'XL'])).err).toContain('XL');
});
