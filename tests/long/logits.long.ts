import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { Metrics } from '../../src/cli/metrics.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import { encodeLink } from '../../src/config/permalink.ts';

/** Logits of 512 MiB on every driver that this machine has, through the command. */

const LOGITS = 512 * 2 ** 20;
const DRIVERS = [
  ['SwiftShader', '/usr/lib/chromium/vk_swiftshader_icd.json'],
  ['lavapipe', '/usr/share/vulkan/icd.d/lvp_icd.json'],
].filter(([, file]) => existsSync(file!));

const LINK = encodeLink(
  applyChange(DEFAULTS_V1, {
    'batch.B': 8,
    'batch.S': 512,
    'model.V': 32_768,
    'model.D': 32,
    'model.L': 1,
    'model.H': 2,
    'model.Hkv': 2,
    'experts.slots': Array.from({ length: 4 }, () => ({ kind: 'ffn', hidden: 16 })),
    'tokenizer.kind': 'bytes',
    'evaluation.every': 0,
    'evaluation.sampleEvery': 0,
  }),
);

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'switchyard-long-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** `npm run experiment` in a process of its own, whose driver is chosen when it starts. */
function experiment(driver: string, out: string): Promise<{ code: number; errors: string }> {
  const child = spawn(
    process.execPath,
    ['src/cli/run.mjs', 'experiment', LINK, '--steps', '2', '--out', out],
    { cwd: root, env: { ...process.env, VK_ICD_FILENAMES: driver } },
  );
  let errors = '';
  child.stderr.on('data', (text) => {
    errors += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code: code ?? -1, errors }));
  });
}

describe.each(DRIVERS)('on %s', (_, driver) => {
  it('trains with logits of 512 MiB, at once or in chunks as large as the adapter binds', async () => {
    const out = join(folder, 'metrics.json');
    const { code, errors } = await experiment(driver!, out);
    expect(code, errors).toBe(0);
    const { adapter, needs, scalars }: Metrics = JSON.parse(readFileSync(out, 'utf8'));
    // Both drivers bind a power of two of bytes, and a token's logits are one.
    expect(needs.binding.bytes).toBe(Math.min(LOGITS, adapter.maxBindingBytes));
    // Untrained logits are all but equal; the second step has learnt from the first.
    const [first, second] = scalars.ce;
    expect(Math.abs(first! - Math.log(32_768))).toBeLessThan(0.05);
    expect(second).toBeLessThan(first!);
  });
});

it('has a driver to run on', () => {
  expect(DRIVERS.length).toBeGreaterThan(0);
});
