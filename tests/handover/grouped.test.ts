import { expect, it } from 'vitest';
import { PYTHON, runPython } from './torch.ts';

/** Counted products, and times at 64 experts; the masked loop gives the same output. */
it.skipIf(PYTHON === null)(
  'PyTorch computes chosen experts alone',
  async () => {
    const args = ['tests/handover/grouped.py', 'src/handover/python'];
    const { out } = await runPython(args, { cwd: '.' });
    const { rows, assignments, error, size, speedup } = JSON.parse(out);
    expect(rows).toBe(assignments);
    expect(size).toBeGreaterThan(0.1);
    expect(error).toBeLessThan(1e-5 * size);
    expect(speedup).toBeGreaterThan(2);
  },
  60_000,
);
