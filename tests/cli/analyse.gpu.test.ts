import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { figureJson, valueJson } from '../../src/analysis/figureJson.ts';
import { figureValues } from '../../src/analysis/figures.ts';
import { standardRequests } from '../../src/analysis/standard.ts';
import { main } from '../../src/cli/analyse.ts';
import type { Analysis } from '../../src/cli/analyseRun.ts';
import { main as train } from '../../src/cli/experiment.ts';
import { decodeRaw, type RawInspection } from '../../src/cli/rawInspection.ts';
import { engineConfig } from '../../src/config/edit.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { inspect } from '../../src/reference/inspection.ts';
import { copyTensors } from '../../src/reference/tensors.ts';
import { readRuns } from '../../src/runs/files/readRuns.ts';
import { decodeCheckpoint } from '../../src/train/session/checkpoint.ts';
import { TINY } from '../train/support.ts';

/** The command on a device: a run on a text of its own, against the reference and its own routing. */

const folder = mkdtempSync(join(tmpdir(), 'analyse-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string) => join(folder, name);
const io = {
  stdout: () => {},
  stderr: () => {},
  readFile: (file: string) => readFile(file, 'utf8'),
};

const SENTENCES = [
  'The miller took the old lantern, and nobody in the long village asked who lit the lantern. ',
  'A girl of nine forgot her letter; the keeper did not find the letter! ',
];
const TEXT = Array.from(
  { length: 40 },
  (_, i) => `${SENTENCES[i % 2]}\n${i} + 7 = ${i + 7}\n${i} * 3 = ${3 * i}\n`,
).join('');

const OWN: Experiment = {
  ...TINY,
  model: { ...TINY.model, D: 16, V: null },
  tokenizer: { kind: 'bytes', size: 256 },
  batch: { B: 2, S: 24 },
  data: { ...TINY.data, mix: { own: 1 }, validationShare: 0.3, hash: null },
  evaluation: { ...TINY.evaluation, batches: 2 },
};

/** Trains and analyses; `more` is given to the analysis. */
async function analysed(name: string, experiment: Experiment, ...more: string[]) {
  writeFileSync(path('own.txt'), TEXT);
  writeFileSync(path(`${name}.json`), JSON.stringify(experiment));
  const [model, text] = [path(`${name}.safetensors`), ['--text', path('own.txt')]];
  const run = ['--steps', '8', '--out', path(`${name}.metrics.json`), '--checkpoint', model];
  expect(await train([path(`${name}.json`), ...run, ...text], io)).toBe(0);
  const files = ['--out', path(`${name}.out.json`), '--raw', path(`${name}.raw`)];
  expect(await main([model, ...files, ...text, ...more], io)).toBe(0);
  const analysis: Analysis = JSON.parse(readFileSync(path(`${name}.out.json`), 'utf8'));
  const raw = decodeRaw(readFileSync(path(`${name}.raw`)));
  return { analysis, raw, checkpoint: decodeCheckpoint(readFileSync(model)) };
}

/** Holds what is written to the reference's pass over the same tokens in float64. */
function expectReference(
  { inspection, capacity }: RawInspection,
  { experiment, state }: ReturnType<typeof decodeCheckpoint>,
): void {
  const { n, B, S, tokens, targets, domains, domainNames } = inspection;
  const cut = (values: Int32Array, b: number) => values.subarray(b * B * S, (b + 1) * B * S);
  const batches = Array.from({ length: n }, (_, b) => ({
    tokens: cut(tokens, b),
    targets: cut(targets, b),
    domains: cut(domains, b),
  }));
  const params = copyTensors(state.parameters, 'float64');
  const config = engineConfig(experiment, 256);
  const { inspection: want } = inspect({ params, batches }, config, { capacity, domainNames });
  inspection.ce.forEach((ce, u) => {
    expect(ce).toBeCloseTo(want.ce[u]!, 4);
  });
  expect(inspection.layers.map(({ layer, W }) => [layer, W])).toEqual(
    want.layers.map(({ layer, W }) => [layer, W]),
  );
  inspection.layers.forEach((layer, i) => {
    const equal = layer.selected.filter((slot, at) => slot === want.layers[i]!.selected[at]).length;
    // Two logits may be closer than rounding.
    expect(equal / layer.selected.length).toBeGreaterThan(0.98);
  });
}

function expectRaw({ figures }: Analysis, raw: RawInspection): void {
  for (const { as, request } of standardRequests(1)) {
    if (['difficult', 'saturation'].includes(request.figure)) continue;
    const values = figureValues(request, { ...raw, losses: raw.passes[as]?.losses ?? [] });
    expect(JSON.parse(JSON.stringify(figureJson(values))), as).toEqual(figures[as]);
  }
}

it('analyses slots of every kind, with contributions and all probe tasks', async () => {
  const { analysis, raw, checkpoint } = await analysed(
    'kinds',
    {
      ...OWN,
      router: { ...OWN.router, gate: 'softmax', gatingResidual: true },
      experts: {
        slots: [
          { kind: 'ffn', hidden: 8 },
          { kind: 'ffn', hidden: 16 },
          { kind: 'negated', of: 1 },
          { kind: 'zero' },
          { kind: 'copy' },
          { kind: 'constant' },
        ],
        sharedHidden: 0,
      },
    },
    ...['--probes', 'all'],
  );
  expectReference(raw, checkpoint);
  expectRaw(analysis, raw);
  expect(analysis.figures.contribution).toMatchObject({ negative: expect.any(Number) });
  const { lastWord, arithmetic, induction } = analysis.probes as Record<string, { of: number }>;
  for (const task of [lastWord, arithmetic, induction]) expect(task!.of).toBeGreaterThan(0);
});

it('analyses top-p routing with capacity in evaluation', async () => {
  const { analysis, raw, checkpoint } = await analysed('topp', {
    ...OWN,
    router: { ...OWN.router, selection: 'topp', P: 0.6, capacity: 0.9 },
    evaluation: { ...OWN.evaluation, capacity: true },
  });
  expectReference(raw, checkpoint);
  expectRaw(analysis, raw);
  expect(raw.capacity).toBe(true);
  expect(analysis.figures.drops!.layers).toMatchObject({ 0: { rate: expect.any(Number) } });
});

it('gives the rows that the run had of the same batch while it trained', async () => {
  const experiment = { ...OWN, evaluation: { ...OWN.evaluation, every: 25, batches: 1 } };
  writeFileSync(path('own.txt'), TEXT);
  writeFileSync(path('rows.json'), JSON.stringify(experiment));
  const text = ['--text', path('own.txt')];
  const until = async (steps: string) => {
    const model = path(`rows-${steps}.safetensors`);
    const files = ['--run', path('rows.zip'), '--checkpoint', model];
    expect(await train([path('rows.json'), '--steps', steps, ...files, ...text], io)).toBe(0);
    return model;
  };
  const [early, late] = [await until('25'), await until('50')];
  const figuresOf = async (model: string, ...more: string[]): Promise<Analysis['figures']> => {
    expect(await main([model, '--out', path('rows.out.json'), ...text, ...more], io)).toBe(0);
    return JSON.parse(readFileSync(path('rows.out.json'), 'utf8')).figures;
  };
  // Saturation is of the earlier row, the later one being the reference.
  const figures = await figuresOf(late);
  const { saturation } = await figuresOf(early, '--baseline', late);
  const { runs, problems } = await readRuns(readFileSync(path('rows.zip')));
  expect(problems).toEqual([]);
  const rows = (await runs[0]!.parts()).figures;
  expect(rows.map(({ step }) => step)).toEqual([25, 50]);
  const { values, layers } = rows[1]!;
  const expectEqual = (own: object, layer: string | null) => {
    for (const [name, value] of Object.entries(own)) {
      const [figure, field] = name.split('.') as [string, string];
      const of = figure === 'saturation' ? saturation : figures[figure];
      const told = layer === null ? of : (of!.layers as Record<string, object>)[layer];
      expect(valueJson(value), name).toEqual((told as Record<string, unknown>)[field]);
    }
  };
  expectEqual(values, null);
  expect(layers).toHaveLength(2);
  for (const { layer, values: own } of layers) expectEqual(own, String(layer));
});

it('analyses a model without MoE layers: what has no routing, and nothing else', async () => {
  const dense: Experiment = { ...OWN, model: { ...OWN.model, arrangement: 'dense' } };
  const { analysis, raw, checkpoint } = await analysed('dense', dense);
  expectReference(raw, checkpoint);
  expectRaw(analysis, raw);
  const { figures } = analysis;
  const known = Object.keys(figures).filter((as) => Object.keys(figures[as]!).length > 0);
  expect(known).toEqual(['domains', 'classes', 'deciles', 'bits', 'tokens']);
});
