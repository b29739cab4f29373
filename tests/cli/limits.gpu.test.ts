import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { experimentCommand } from '../../src/cli/experimentRun.ts';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import { encodeLink } from '../../src/config/permalink.ts';
import { gpuDevice } from '../../src/train/device/gpuDevice.ts';
import { useDevice } from '../support/gpu.ts';
import { heardIo } from '../support/heardIo.ts';

const folder = mkdtempSync(join(tmpdir(), 'limits-'));
afterAll(() => rmSync(folder, { recursive: true }));
const heldToDefaults = useDevice(
  () => [],
  () => ({}),
);

it('refuses expert activations of 512 MiB on a device with the default limits, before it reads a text', async () => {
  const wide = applyChange(DEFAULTS_V1, {
    'batch.B': 8,
    'batch.S': 512,
    'model.D': 32,
    'model.L': 1,
    'experts.slots': Array.from({ length: 4 }, () => ({ kind: 'ffn', hidden: 8192 })),
  });
  const { io, errors } = heardIo();
  const described = { description: 'test', isSoftware: true };
  const code = await experimentCommand(
    [encodeLink(wide), '--steps', '2', '--out', join(folder, 'out.json')],
    io,
    {
      requestDevice: async () => gpuDevice(heldToDefaults(), described),
      prepareText: () => Promise.reject(new Error('the text was read')),
    },
  );
  expect(code).toBe(1);
  expect(errors()).toBe(
    'error: Expert pre-activations: 512.0 MiB in one buffer, but this adapter binds at most ' +
      '128.0 MiB. Make the model or the batch smaller.\n',
  );
});
