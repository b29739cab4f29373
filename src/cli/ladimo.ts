/** `--ladimo` of `npm run experiment`: a dense model's layers become MoE (docs/model.md, "Dense → MoE conversion"). */
import { writeFile } from 'node:fs/promises';
import type { Experiment } from '../config/experiment.ts';
import { parseJson } from '../config/json.ts';
import { type LadimoSettings, parseLadimoSettings } from '../config/ladimoSettings.ts';
import { type ConversionReport, convert } from '../train/ladimo/convert.ts';
import type { Gpu } from '../train/ladimo/layerTrainer.ts';
import { studentExperiment } from '../train/ladimo/student.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../train/session/checkpoint.ts';
import { errorMessage } from '../train/session/errors.ts';
import type { OwnText } from '../train/session/events.ts';
import type { SessionDeps } from '../train/session/openRun.ts';
import type { CliIo } from './io.ts';

export const LADIMO_USAGE = `  --ladimo FILE      then convert layers of the dense model, as settings in JSON say:
                     {"layers": [2, 3], "N": 8, "K": 2, "gate": "softmax", "alpha": 0.1,
                     "start": "split" or "random", "sample": 32768, "batch": 32, "steps": 1000,
                     "optimizer": {"lr": 0.001}, "profile": 8192, "policy": {"pu": 0.25, "pe": 0.25}};
                     only layers are needed. Losses, validation and policy go to the metrics
  --student FILE     the converted model as a checkpoint
`;

/** What a conversion needs beside what a session does. */
export interface LadimoDeps extends SessionDeps {
  /** The device of `requestDevice` itself. */
  requestGpu?: () => Promise<Gpu>;
}

/** Metrics of a conversion: its report and the experiments of both students. */
export interface LadimoMetrics extends ConversionReport {
  experiments: { student: Experiment; adaptive: Experiment };
}

/**
 * Reads settings and holds them against the teacher before it is trained.
 * @throws Error that names the file and everything that was refused
 */
export async function readLadimoSettings(
  file: string,
  teacher: Experiment,
  io: CliIo,
): Promise<LadimoSettings> {
  const text = await io.readFile(file);
  try {
    const settings = parseLadimoSettings(parseJson(text));
    studentExperiment(teacher, settings);
    return settings;
  } catch (error) {
    throw new Error(`${file}: ${errorMessage(error)}`, { cause: error });
  }
}

/** Converts the model of a checkpoint; writes the student where a file is given for it. */
export async function runLadimo(
  bytes: Uint8Array,
  settings: LadimoSettings,
  { own, student: file }: { own: OwnText | null; student: string | null },
  io: CliIo,
  { requestGpu, prepareText }: LadimoDeps,
): Promise<LadimoMetrics> {
  if (!requestGpu) throw new Error('--ladimo needs a WebGPU device');
  const teacher = decodeCheckpoint(bytes);
  const options = { onProgress: () => undefined, signal: undefined };
  const text = await prepareText(teacher.experiment, own, options);
  const onProgress = (message: string) => io.stderr(`ladimo: ${message}\n`);
  const { report, student, adaptive } = await convert(await requestGpu(), teacher, settings, {
    text,
    onProgress,
  });
  if (file !== null) await writeFile(file, encodeCheckpoint(student));
  const experiments = { student: student.experiment, adaptive: adaptive.experiment };
  return { ...report, experiments };
}
