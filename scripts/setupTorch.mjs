// @ts-check
/** Installs PyTorch for the tests of what is handed over to it; without it they are reported as not run. */
import { spawnSync } from 'node:child_process';
import { canUseApt, install } from './apt.mjs';

const hasTorch = () =>
  spawnSync('/usr/bin/python3', ['-c', 'import torch'], { stdio: 'ignore' }).status === 0;

if (!hasTorch() && canUseApt()) install(['python3-torch']);
if (!hasTorch()) process.stderr.write('setup: PyTorch is missing: its tests are not run.\n');
