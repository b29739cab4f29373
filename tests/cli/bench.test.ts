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
  const short = ['--rounds', '2', '--steps', '1', '--shape', 'S', '--only', 'train'];
  const { code, out } = await run(['--json', '--runner', 'node', ...short]);
  expect(code).toBe(0);
  const { train, runner, rounds } = JSON.parse(out);
  expect({ runner, rounds }).toEqual({ runner: 'node', rounds: 2 });
  expect(train.S.ours.msPerStep).toBeGreaterThan(0);
  expect(train.S.ours.moeOverDense).toBeGreaterThan(0);
  expect(train.S.ours.firstStepMs).toBeGreaterThan(train.S.ours.msPerStep / 10);
  expect(train.S.ours.objectsCreated).toBe(0);
  expect(train.S.ours.dispatches).toBeLessThanOrEqual(90);
  expect(Object.keys(train.S)).toEqual(['ours']);
});

test.each([
  [['--rounds', '0'], '--rounds 0 is not a whole number from 1 to 1000'],
  [['--shape', 'XL'], '--shape XL is none of S, M'],
  [['--runner', 'deno'], '--runner deno is none of chromium, node'],
  [['--only', 'train,speed'], '--only speed is none of train'],
  [['--peers', '--runner', 'node'], '--peers needs --runner chromium'],
])('refuses %j', async (argv, message) => {
  const { code, out, err } = await run(argv);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toContain(message);
  expect(err).toContain('Usage');
});
