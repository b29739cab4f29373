/** A student as a run of the library, like any other. */
import type { StudentChoice } from '../../train/ladimo/conversion.ts';
import { encodeCheckpoint } from '../../train/session/checkpoint.ts';
import { newRow } from '../newRow.ts';
import { NO_REPORTS, type RunRow } from '../record.ts';
import type { ConversionDeps } from './deps.ts';
import { openModel, studentOf } from './measure.ts';
import type { ConversionWork } from './work.ts';

/** What is told of the student in its note. */
function noteOf({ state }: ConversionWork, choice: StudentChoice): string {
  const { teacher, settings, name } = state;
  const { layers, domain = null, policy = null, K = null, seed = 0 } = choice;
  const { N } = settings;
  const router =
    policy === null
      ? `top-${K ?? settings.K}`
      : `adaptive router with p_u ${policy.pu}, p_e ${policy.pe}`;
  const parts = [
    `Made by the conversion “${name}” of “${teacher.name}” at step ${teacher.step}`,
    `layers ${layers.join(', ')} as ${N} experts each, ${router}`,
    ...(seed === 0 ? [] : [`seed ${seed}`]),
    ...(domain === null ? [] : [`trained on “${domain}”`]),
  ];
  return `${parts.join('; ')}.`;
}

/** @returns the run's id */
export async function assembleRun(
  deps: ConversionDeps,
  work: ConversionWork,
  { choice, name, signal }: { choice: StudentChoice; name: string | null; signal: AbortSignal },
): Promise<string> {
  const converter = await work.converter(signal);
  const model = await studentOf(work, converter, choice, signal);
  const session = await openModel(deps, work, model);
  const { report } = session;
  await session.dispose();
  const library = await deps.library();
  const { teacher, id: conversion } = work.state;
  const id = crypto.randomUUID();
  const beside = { parent: null, rows: await library.rows(), step: 0, now: deps.now() };
  const layers = [...choice.layers].sort((a, b) => a - b);
  const row: RunRow = {
    ...newRow(id, report, beside),
    name: name ?? `${teacher.name}, layers ${layers.join(', ')} converted`.slice(0, 500),
    note: noteOf(work, choice),
    status: 'done',
    parent: { id: conversion, step: teacher.step },
    conversion: { id: conversion, teacher: teacher.run, layers, student: { ...choice, layers } },
  };
  await library.put(row, { curves: {}, records: [], ...NO_REPORTS }, await work.ownText());
  const checkpoint = { ...model, experiment: report.experiment };
  await library.putCheckpoint(id, 0, encodeCheckpoint(checkpoint));
  await library.pin(id, 0, true);
  return id;
}
