/** `npm run bench`: speed on this machine's GPU; `bench` measures. */
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { writeDevicesPage } from '../../bench/deviceFiles.ts';
import { installPeers } from '../../bench/peers.ts';
import type { Runner } from '../../bench/runner.ts';
import { type ShapeName, USUAL_SHAPES } from '../../bench/shapes.ts';
import { SUBJECTS } from '../../bench/subject.ts';
import { PARTS, type PartName, runSuite, type SuiteOptions } from '../../bench/suite.ts';
import { markdownOf } from '../../bench/table.ts';
import { isPacked } from '../data/productFiles.ts';
import type { CliIo } from './io.ts';

export const USAGE = `Usage: npm run bench -- [--json] [--peers] [--runner chromium|node]
         [--rounds N] [--steps N] [--shape S|M|L]… [--only PART,…]
  --json    writes JSON and nothing else to standard output; else a table
  --peers   installs TensorFlow.js and jax-js under bench/peers and measures them too
  --shape   S and M unless asked for; L fills a large GPU
  --runner  a browser, where there is one, or Dawn in Node
  --rounds  rounds that medians are taken over, 1 to 1000 (default 3)
  --steps   most steps in one round, 1 to 1000 (default 10)
  --only    of ${PARTS.join(', ')}
       npm run bench -- --devices
  --devices measures nothing: writes docs/devices.md anew from bench/devices
`;

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1000)
    throw new RangeError(`--${name} ${text} is not a whole number from 1 to 1000`);
  return value;
}

/** The names as what they name. @throws RangeError for one that is not among `known` */
function among<T extends string>(option: string, names: readonly string[], known: readonly T[]) {
  return names.map((name) => {
    const found = known.find((one) => one === name);
    if (found === undefined)
      throw new RangeError(`--${option} ${name} is none of ${known.join(', ')}`);
    return found;
  });
}

interface Wanted extends SuiteOptions {
  devices: boolean;
  json: boolean;
  runner: Runner['name'];
}

const SHAPE_NAMES: readonly ShapeName[] = ['S', 'M', 'L'];

/** A packed runner has no browser to drive, and nothing that drives one. */
async function usualRunner(): Promise<Runner['name']> {
  if (isPacked) return 'node';
  const { findBrowser } = await import('../../scripts/browser.mjs');
  return findBrowser() === null ? 'node' : 'chromium';
}

async function readArguments(argv: readonly string[]): Promise<Wanted> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      devices: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      peers: { type: 'boolean', default: false },
      runner: { type: 'string', default: await usualRunner() },
      rounds: { type: 'string', default: '3' },
      steps: { type: 'string', default: '10' },
      shape: { type: 'string', multiple: true, default: [...USUAL_SHAPES] },
      only: { type: 'string', default: PARTS.join(',') },
    },
  });
  const [runner = 'node'] = among('runner', [values.runner], ['chromium', 'node'] as const);
  if (isPacked && runner === 'chromium')
    throw new RangeError('--runner chromium needs the repository: a packed runner has only node');
  if (values.peers && runner === 'node')
    throw new RangeError('--peers needs --runner chromium: the peers run in a browser');
  return {
    devices: values.devices,
    json: values.json,
    runner,
    subjects: values.peers ? SUBJECTS : ['ours'],
    rounds: positive('rounds', values.rounds),
    steps: positive('steps', values.steps),
    shapes: among('shape', values.shape, SHAPE_NAMES),
    parts: among<PartName>('only', values.only.split(','), PARTS),
  };
}

async function openRunner({ runner, subjects }: Wanted, log: (text: string) => void) {
  if (runner === 'node') return (await import('../../bench/runner.node.ts')).nodeRunner();
  if (subjects.length > 1) await installPeers(log);
  const { chromiumRunner } = await import('../../bench/runner.chromium.ts');
  return chromiumRunner(subjects, log);
}

/** The processor, which is what a software adapter runs on. */
function machine(): string {
  const cores = cpus();
  return `${cores.length} × ${cores[0]?.model.trim() || 'an unnamed processor'}`;
}

/** @returns exit code: 0, or 2 for wrong usage */
export async function main(argv: readonly string[], io: CliIo): Promise<number> {
  let wanted: Wanted;
  try {
    wanted = await readArguments(argv);
  } catch (error) {
    io.stderr(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return 2;
  }
  if (wanted.devices) {
    io.stderr(`${writeDevicesPage()} is written\n`);
    return 0;
  }
  const runner: Runner = await openRunner(wanted, io.stderr);
  try {
    const report = await runSuite({
      ...wanted,
      runner,
      machine: machine(),
      log: (line) => io.stderr(`${line}\n`),
    });
    const table = markdownOf(report);
    if (wanted.json) {
      io.stderr(table);
      io.stdout(`${JSON.stringify(report, null, 2)}\n`);
    } else {
      io.stdout(table);
    }
    return 0;
  } finally {
    await runner.close();
  }
}
