/** `npm run analyse` without its device: what it reads, inspects and writes. */
import { writeFile } from 'node:fs/promises';
import { type FiguresJson, figureJson } from '../analysis/figureJson.ts';
import type { FigureInputs } from '../analysis/figures/figure.ts';
import { askFigure } from '../analysis/figures.ts';
import type { Inspection } from '../analysis/inspection.ts';
import { askProbe } from '../analysis/probes/ask.ts';
import { probeItems } from '../analysis/probes/items.ts';
import { tokensDiffer } from '../analysis/sameTokens.ts';
import { canAnswer } from '../analysis/standard.ts';
import { settingsInForce } from '../config/edit.ts';
import type { Experiment } from '../config/experiment.ts';
import { type DomainDocuments, validationIds } from '../data/documents.ts';
import type { OwnText } from '../data/ownText.ts';
import type { PreparedText } from '../data/types.ts';
import { type PassText, sequencesOf } from '../train/engine/passAsk.ts';
import { probeModel } from '../train/engine/probeModel.ts';
import type { Checkpoint } from '../train/session/checkpoint.ts';
import type { SessionDeps } from '../train/session/openRun.ts';
import { createSession, type Session } from '../train/session/session.ts';
import {
  type AnalyseArguments,
  parseArguments,
  STANDARD_FIGURES,
  USAGE,
} from './analyseArguments.ts';
import { exitCode } from './exitCode.ts';
import type { CliIo } from './io.ts';
import { openRunOrCheckpoint } from './openRunOrCheckpoint.ts';
import { readOwnText } from './ownFile.ts';
import { namedPassRequests } from './passRequests.ts';
import { encodeRaw, type RawPasses } from './rawInspection.ts';

/** What an analysis needs beside what a session does. */
export interface AnalyseDeps extends SessionDeps {
  /** The documents of an experiment's text by domain. */
  readDocuments(experiment: Experiment, own: OwnText | null): Promise<DomainDocuments[]>;
}

/** What `--out` holds. */
export interface Analysis {
  format: 1;
  figures: Record<string, FiguresJson>;
  probes?: Record<string, unknown>;
}

/** A run with its text, opened for questions. */
interface Opened {
  session: Session;
  text: PreparedText;
  /** In force at the checkpoint's next step, as the model is inspected. */
  settings: Experiment;
}

/** A text in sequences of at most so many tokens; says what is left out. */
function textBatches(text: PreparedText, own: OwnText, most: number, io: CliIo): PassText {
  const tokens = Uint32Array.from(text.tokenizer.encode(own.text));
  if (tokens.length < 2) throw new Error(`${own.name} has ${tokens.length} tokens; 2 are needed`);
  const { batches, S } = sequencesOf(tokens, most);
  const rest = tokens.length - 1 - batches.length * S;
  if (rest > 0) io.stderr(`${own.name}: the last ${rest} tokens make no sequence of ${S}\n`);
  return { batches, S };
}

async function openSession(
  deps: SessionDeps,
  { experiment, state }: Checkpoint,
  text: PreparedText,
): Promise<Opened> {
  const known: SessionDeps = { ...deps, prepareText: async () => text };
  const session = await createSession(known, experiment, {
    emit: () => undefined,
    state,
    snapshotEvery: 0,
  });
  return { session, text, settings: settingsInForce(session.experiment, session.stepsTaken) };
}

/** The same batches under another checkpoint, in batches of the run's shape. */
async function baselineOf(
  path: string,
  { text, settings }: Opened,
  { n, B, S, ...of }: Inspection,
  io: CliIo,
  deps: SessionDeps,
): Promise<Inspection> {
  const { experiment, state } = await openRunOrCheckpoint(path, io);
  const difference = tokensDiffer(settings, experiment);
  if (difference !== null) throw new Error(`the baseline: ${difference}`);
  const { session } = await openSession(
    deps,
    { experiment: { ...experiment, batch: settings.batch }, state },
    text,
  );
  const cut = (values: Int32Array, b: number) => values.subarray(b * B * S, (b + 1) * B * S);
  const batches = Array.from({ length: n }, (_, b) => ({
    tokens: Uint32Array.from(cut(of.tokens, b)),
    targets: Uint32Array.from(cut(of.targets, b)),
    domains: Uint8Array.from(cut(of.domains, b)),
  }));
  try {
    const { inspection } = await session.inspect('pass', { of: { batches, S } });
    return { ...inspection, domainNames: of.domainNames };
  } finally {
    await session.dispose();
  }
}

const slotsOf = ({ layers }: Inspection) =>
  layers.map(({ layer, kinds }) => `${layer}:${kinds.length}`).join();

/** What figures are computed of. */
async function inputsOf(
  opened: Opened,
  of: PassText,
  { baseline: file }: AnalyseArguments,
  io: CliIo,
  deps: SessionDeps,
) {
  const { session, settings } = opened;
  const answer = await session.inspect('pass', { of });
  const { texts } = await session.inspect('vocabulary', null);
  const domainNames = 'batches' in of ? ['text'] : answer.inspection.domainNames;
  const inspection = { ...answer.inspection, domainNames };
  const { tau } = settings.router;
  const capacity = settings.evaluation.capacity && settings.router.capacity !== null;
  const inputs = { inspection, texts, tau, capacity };
  if (file === null) return inputs;
  const baseline = await baselineOf(file, opened, inspection, io, deps);
  const isSameModel = slotsOf(baseline) === slotsOf(inspection);
  return { ...inputs, baseline, ...(isSameModel && { reference: baseline }) };
}

async function figuresOf(
  { session }: Opened,
  of: PassText,
  inputs: FigureInputs,
  { requests, isNamed }: AnalyseArguments,
  io: CliIo,
): Promise<{ figures: Analysis['figures']; passes: RawPasses }> {
  const figures: Analysis['figures'] = {};
  const passes: RawPasses = {};
  for (const { as, request, routing = false } of requests) {
    if (!isNamed && !canAnswer(request, inputs)) continue;
    io.stderr(`figure ${as}\n`);
    const losses: Float32Array[] = [];
    let after: Inspection | null = null;
    const values = await askFigure(request, inputs, async (items) => {
      if (routing) after = (await session.inspect('pass', { of, whatIf: items })).whatIf;
      const ce = after?.ce ?? (await session.inspect('losses', { of, requests: [items] })).ce[0]!;
      losses.push(ce);
      return ce;
    });
    figures[as] = figureJson(values);
    if (losses.length > 0) passes[as] = { request, losses, after };
  }
  return { figures, passes };
}

/** What is asked for, with what a file asks for besides. */
async function withFile(given: AnalyseArguments, io: CliIo): Promise<AnalyseArguments> {
  const { requestsFile: file, requests } = given;
  if (file === null) return given;
  const more = namedPassRequests(file, await io.readFile(file), STANDARD_FIGURES);
  return { ...given, requests: [...requests, ...more] };
}

async function probesOf(
  opened: Opened,
  documents: readonly DomainDocuments[],
  { probes, seed }: AnalyseArguments,
  io: CliIo,
): Promise<Record<string, unknown>> {
  const { tokenizer } = opened.text;
  const items = probeItems(documents, {
    seed,
    items: {},
    S: opened.settings.batch.S,
    encode: (part) => tokenizer.encode(part),
    ids: await validationIds(tokenizer, documents),
  });
  const model = probeModel(tokenizer, (kind, ask) => opened.session.inspect(kind, ask));
  const results: Record<string, unknown> = {};
  for (const task of probes) {
    io.stderr(`probe ${task}\n`);
    results[task] = await askProbe(task, items, model);
  }
  return results;
}

async function run(wanted: AnalyseArguments, io: CliIo, deps: AnalyseDeps): Promise<void> {
  const given = await withFile(wanted, io);
  const checkpoint = await openRunOrCheckpoint(given.source, io);
  const { experiment } = checkpoint;
  const file = given.text === null ? null : await readOwnText(given.text);
  const usesOwn = (experiment.data.mix.own ?? 0) > 0;
  const own = usesOwn ? (file ?? checkpoint.own) : null;
  const options = { onProgress: () => undefined, signal: undefined };
  const text = await deps.prepareText(experiment, own, options);
  const opened = await openSession(deps, checkpoint, text);
  try {
    io.stderr(`${opened.session.report.adapter.description}\n`);
    const of: PassText =
      file === null || usesOwn
        ? { validation: null }
        : textBatches(text, file, opened.settings.batch.S, io);
    const inputs = await inputsOf(opened, of, given, io, deps);
    const { figures, passes } = await figuresOf(opened, of, inputs, given, io);
    const analysis: Analysis = { format: 1, figures };
    if (given.probes.length > 0) {
      const documents = await deps.readDocuments(experiment, own);
      analysis.probes = await probesOf(opened, documents, given, io);
    }
    await writeFile(given.out, JSON.stringify(analysis));
    if (given.raw !== null) await writeFile(given.raw, encodeRaw({ ...inputs, passes }));
  } finally {
    await opened.session.dispose();
  }
}

/** Runs the command on the devices of `deps`; resolves to its exit code. */
export async function analyseCommand(
  argv: readonly string[],
  io: CliIo,
  deps: AnalyseDeps,
): Promise<number> {
  return exitCode(io, USAGE, () => {
    const given = parseArguments(argv);
    return () => run(given, io, deps);
  });
}
