/** `npm run doctor`: what this machine computes on, what it lacks, and whether it computes right. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { productFile } from '../data/productFiles.ts';
import { webgpuSubject } from '../golden/webgpuSubject.ts';
import { type NodeDevice, requestNodeDevice } from '../gpu/adapter.node.ts';
import { errorMessage } from '../train/session/errors.ts';
import { driverError, driverFiles } from './doctorDrivers.ts';
import {
  explainOpenError,
  loadedFrom,
  missingOf,
  type System,
  thisSystem,
} from './doctorSystem.ts';
import { goldenCommand } from './goldenCases.ts';
import type { CliIo } from './io.ts';

export const USAGE = `Usage: npm run doctor -- [no arguments]
Prints the adapter with its driver, features and limits, names what is missing, and runs ten golden
cases. Exit code 1 when something is missing or a case fails, 2 for wrong usage.
`;

/** Of every paper those that run fastest, and a network without experts. */
export const DOCTOR_CASES = [
  'dense',
  'moe-top2-renormalized',
  'equalres',
  'modse',
  'moepp',
  'tcmoe',
  'tcmoe-null-selected',
  'adaptive',
  'ladimo-policy',
  'ladimo-split',
] as const;

/** Limits that decide which experiments fit and how kernels are dispatched. */
const LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupsPerDimension',
] as const satisfies (keyof GPUSupportedLimits)[];

export interface DoctorDeps {
  system: System;
  requestDevice(): Promise<NodeDevice>;
  /** Driver files that the Vulkan loader reads. */
  driverFiles(): string[];
}

const row = (name: string, value: string) => `${name.padEnd(9)} ${value}\n`;

function describeMachine({ node, glibc }: System): string {
  const { version } = JSON.parse(readFileSync(productFile('package.json'), 'utf8'));
  const libc = glibc === undefined ? '' : `, ${glibc === null ? 'no glibc' : `glibc ${glibc}`}`;
  return (
    row('program', `Switchyard ${version}`) +
    row('machine', `${process.platform} ${process.arch}, Node ${node}${libc}`)
  );
}

/** The adapter's own limits, and in brackets what the device was given where that is less. */
function limitOf(name: (typeof LIMITS)[number], { adapter, device }: NodeDevice): string {
  const [has, given] = [adapter.limits[name], device.limits[name]];
  return `${name} ${has}${given === has ? '' : ` (in use: ${given})`}`;
}

function describeAdapter(node: NodeDevice, files: readonly string[]): string {
  const { vendor, architecture, device, description } = node.adapter.info;
  const loader = loadedFrom('libvulkan.so.1');
  const named = [vendor, architecture, device].filter((part) => part !== '').join(', ');
  return [
    row('adapter', `${named}${node.isSoftware ? ' (a program on the processor)' : ''}`),
    row('driver', description),
    ...(loader === null ? [] : [row('loader', loader)]),
    ...files.map((file) => row('file', file)),
    row('features', [...node.adapter.features].sort().join(', ')),
    row('in use', [...node.device.features].sort().join(', ')),
    ...LIMITS.map((name) => row('limit', limitOf(name, node))),
  ].join('');
}

/** Why there is no adapter, as far as the driver files tell. */
function driverProblems({ system, driverFiles }: DoctorDeps): string[] {
  const files = driverFiles();
  if (files.length === 0 && system.glibc !== undefined)
    return [
      'no Vulkan driver: no file in vulkan/icd.d of /etc or /usr/share, and none in ' +
        "VK_ICD_FILENAMES; install the GPU's driver, or mesa-vulkan-drivers 25 or newer",
    ];
  const problems = files.map((file) => ({ file, problem: driverError(file, system) }));
  return problems.map(({ file, problem }) => `${file}: ${problem ?? 'gives no adapter'}`);
}

const casePath = (name: string) => fileURLToPath(productFile(`tests/fixtures/goldens/${name}`));

/** Runs the command; resolves to its exit code. */
export async function doctorCommand(
  argv: readonly string[],
  io: CliIo,
  deps: DoctorDeps,
): Promise<number> {
  if (argv.length > 0) {
    io.stderr(USAGE);
    return 2;
  }
  const say = (problems: readonly string[]) =>
    io.stdout(problems.map((problem) => row('missing', problem)).join(''));
  io.stdout(describeMachine(deps.system));
  const missing = missingOf(deps.system);
  say(missing);
  let node: NodeDevice;
  try {
    node = await deps.requestDevice();
  } catch (error) {
    say([explainOpenError(errorMessage(error))]);
    // Drivers are looked up by what is missing, if something is: its absence explains enough.
    if (missing.length === 0) say(driverProblems(deps));
    return 1;
  }
  try {
    io.stdout(describeAdapter(node, deps.driverFiles()));
    const adapterClass = node.isSoftware ? 'software' : 'gpu';
    const code = await goldenCommand(DOCTOR_CASES.map(casePath), io, async () =>
      webgpuSubject(node.device, { adapterClass }),
    );
    return missing.length > 0 ? 1 : code;
  } finally {
    node.close();
  }
}

/** @returns exit code: 0, 1 when something is missing or a case fails, 2 for wrong usage */
export function main(argv: readonly string[], io: CliIo): Promise<number> {
  return doctorCommand(argv, io, {
    system: thisSystem(),
    requestDevice: () => requestNodeDevice(),
    driverFiles: () => (process.platform === 'linux' ? driverFiles() : []),
  });
}
