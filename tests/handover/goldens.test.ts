import { expect, it } from 'vitest';
import { PYTHON, runPython } from './torch.ts';

/** The model that is handed over holds every golden case of training: logits, routing, gradients, steps. */
it.skipIf(PYTHON === null)(
  'PyTorch passes the golden cases of training',
  async () => {
    const args = ['tests/handover/goldens.py', 'src/handover/python', 'tests/fixtures/goldens'];
    const { code, out } = await runPython(args, { cwd: '.' });
    const lines = out.trim().split('\n');
    expect(lines.filter((line) => !/: ok, \d+ comparisons$/.test(line))).toEqual([]);
    expect(code).toBe(0);
    expect(lines.length).toBeGreaterThanOrEqual(25);
  },
  120_000,
);
