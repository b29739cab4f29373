import { expect, it } from 'vitest';
import { PYTHON, type Ran, runGroup, runPython } from './torch.ts';

const ARGUMENTS = ['tests/handover/goldens.py', 'src/handover/python', 'tests/fixtures/goldens'];

/** How many cases of training a process passed. */
function passed({ code, out }: Ran): number {
  const lines = out.trim().split('\n');
  expect(lines.filter((line) => !/: ok, \d+ comparisons$/.test(line))).toEqual([]);
  expect(code).toBe(0);
  return lines.length;
}

/** The model that is handed over holds every golden case of training: logits, routing, gradients, steps. */
it.skipIf(PYTHON === null)(
  'PyTorch passes the golden cases of training',
  async () => {
    const ran = await runPython(ARGUMENTS, { cwd: '.' });
    expect(passed(ran)).toBeGreaterThanOrEqual(38);
  },
  120_000,
);

/** Every mechanism with its experts in two processes: the same numbers, and no row more is computed. */
it.skipIf(PYTHON === null)(
  'PyTorch passes them with the experts divided between two processes',
  async () => {
    const ran = await runGroup(2, ARGUMENTS, '.');
    for (const one of ran) expect(passed(one)).toBeGreaterThanOrEqual(35);
  },
  120_000,
);
