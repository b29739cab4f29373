/** `npm run experiment` on a device that is none, in a folder of its own. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { experimentCommand } from '../../src/cli/experimentRun.ts';
import { heardIo } from '../support/heardIo.ts';
import { harness } from '../train/support.ts';

export function experimentLab({
  onText,
  ...options
}: {
  onText?: () => void;
  lastStep?: number;
} = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'experiment-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  return {
    path: (name: string) => join(folder, name),
    /** Names of what a call wrote beside its outputs and did not take away. */
    leftovers: () => readdirSync(folder).filter((name) => name.endsWith('.tmp')),
    /** @returns also how many models were made for training */
    async command(...argv: string[]) {
      const { io, errors } = heardIo();
      const { deps, devices } = harness(options);
      const prepareText: typeof deps.prepareText = (...asked) => {
        onText?.();
        return deps.prepareText(...asked);
      };
      const code = await experimentCommand(argv, io, { ...deps, prepareText });
      return { code, errors: errors(), models: devices.flatMap(({ engines }) => engines).length };
    },
  };
}
