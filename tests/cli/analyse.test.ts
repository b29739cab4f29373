import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { figureJson } from '../../src/analysis/figureJson.ts';
import { type FigureRequest, figureValues, passesOf } from '../../src/analysis/figures.ts';
import { standardRequests } from '../../src/analysis/standard.ts';
import { parseArguments } from '../../src/cli/analyseArguments.ts';
import { type AnalyseDeps, type Analysis, analyseCommand } from '../../src/cli/analyseRun.ts';
import { decodeRaw } from '../../src/cli/rawInspection.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { ownRun } from '../handover/ownRun.ts';
import { heardIo } from '../support/heardIo.ts';
import { harness, open, TINY } from '../train/support.ts';

const folder = mkdtempSync(join(tmpdir(), 'analyse-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = (name: string) => join(folder, name);

const { deps: plain } = harness();
/** Names of the own texts that the last command prepared. */
let texts: (string | null)[] = [];
const deps: AnalyseDeps = {
  ...plain,
  prepareText(experiment, own, options) {
    texts.push(own?.name ?? null);
    return plain.prepareText(experiment, own, options);
  },
  readDocuments: async () => [
    { name: 'prose', training: [], validation: ['abcd efgh '.repeat(40)] },
    { name: 'code', training: [], validation: ['hgfe dcba '.repeat(40)] },
  ],
};

async function command(...argv: string[]) {
  texts = [];
  const { io, errors } = heardIo();
  const code = await analyseCommand(argv, io, deps);
  return { code, errors: errors() };
}

const read = (name: string): Analysis => JSON.parse(readFileSync(path(name), 'utf8'));

async function checkpoint(name: string, experiment: Experiment, steps: number): Promise<string> {
  const session = await open(experiment, harness());
  await session.runTo(steps);
  writeFileSync(path(name), await session.checkpoint());
  await session.dispose();
  return path(name);
}

let run = '';
let earlier = '';
let other = '';
beforeAll(async () => {
  run = await checkpoint('run.safetensors', TINY, 4);
  earlier = await checkpoint('earlier.safetensors', TINY, 2);
  const slots = TINY.experts.slots.slice(0, 3);
  other = await checkpoint(
    'other.safetensors',
    { ...TINY, experts: { ...TINY.experts, slots } },
    2,
  );
});

describe('what is written', () => {
  it('is every figure that can be computed, and the same from the routing alone', async () => {
    const argv = ['--out', path('a.json'), '--raw', path('a.safetensors'), '--seed', '5'];
    expect((await command(run, ...argv)).errors).not.toMatch(/error/);
    const { format, figures } = read('a.json');
    expect(format).toBe(1);
    const raw = decodeRaw(readFileSync(path('a.safetensors')));
    const requests = standardRequests(5).filter(
      ({ request: { figure } }) => !['difficult', 'saturation'].includes(figure),
    );
    expect(Object.keys(figures)).toEqual(
      standardRequests(5).flatMap(({ as }) =>
        ['difficult', 'saturation'].includes(as) ? [] : [as],
      ),
    );
    for (const { as, request } of requests) {
      const values = figureValues(request, { ...raw, losses: raw.passes[as]?.losses ?? [] });
      expect(JSON.parse(JSON.stringify(figureJson(values))), as).toEqual(figures[as]);
    }
    const { inspection } = raw;
    expect([inspection.n, inspection.B, inspection.S]).toEqual([TINY.evaluation.batches, 2, 4]);
    expect(inspection.domainNames).toEqual(['prose', 'code']);
  });

  it('has the figures that a file asks for, and in the raw export what tokens lose in their passes', async () => {
    const requests: Record<string, FigureRequest> = {
      alone: { figure: 'pruning', rule: { by: 'lift', least: 1 }, layer: null },
      without: { figure: 'removal' },
      asked: {
        figure: 'interventions',
        items: [
          { type: 'keepOnly', layer: 1, slots: [0, 1] },
          { type: 'scale', layer: 1, token: 2, slot: 0, factor: -1 },
          { type: 'force', layer: 1, token: 3, rank: 0, slot: 0 },
        ],
        of: 2,
      },
    };
    const behind = { ...requests.asked, routing: true };
    writeFileSync(path('asked.json'), JSON.stringify({ ...requests, behind }));
    const files = ['--out', path('r.json'), '--raw', path('r.safetensors')];
    const asked = ['--figures', 'load', '--requests', path('asked.json')];
    expect((await command(run, ...files, ...asked)).errors).not.toMatch(/error/);
    const { figures } = read('r.json');
    expect(Object.keys(figures)).toEqual(['load', ...Object.keys(requests), 'behind']);
    const raw = decodeRaw(readFileSync(path('r.safetensors')));
    for (const [as, request] of Object.entries(requests)) {
      const { request: told, losses, after } = raw.passes[as]!;
      expect(told).toEqual(request);
      expect(after).toBeNull();
      expect(losses).toHaveLength(passesOf(request, raw).length);
      const values = figureValues(request, { ...raw, losses });
      expect(JSON.parse(JSON.stringify(figureJson(values))), as).toEqual(figures[as]);
    }
    // The routing behind interventions, where it is asked for.
    const { after, ...rest } = raw.passes.behind!;
    expect(rest).toEqual({ request: requests.asked, losses: raw.passes.asked!.losses });
    expect(figures.behind).toEqual(figures.asked);
    expect(after!.ce).toEqual(rest.losses[0]);
    const { W, selected } = after!.layers.find(({ layer }) => layer === 1)!;
    expect(selected[3 * W]).toBe(0);
    expect(after!.layers).not.toEqual(raw.inspection.layers);
    // Without such figures the export says nothing of passes.
    await command(run, ...files, '--figures', 'load');
    expect(decodeRaw(readFileSync(path('r.safetensors'))).passes).toEqual({});
  });

  it('compares with another state, which is a reference where it has the same slots', async () => {
    const argv = ['--out', path('b.json')];
    await command(run, ...argv, '--baseline', earlier);
    expect(read('b.json').figures.saturation).toMatchObject({ saturation: 1 });
    expect(read('b.json').figures.difficult).toHaveProperty('reduction');
    await command(run, ...argv, '--baseline', other);
    expect(read('b.json').figures).not.toHaveProperty('saturation');
    expect(read('b.json').figures).toHaveProperty('difficult');
    const { code, errors } = await command(
      ...[run, ...argv, '--baseline', other, '--figures', 'saturation'],
    );
    expect(code).toBe(1);
    expect(errors).toMatch(/a reference is needed/);
  });

  it('leaves out the load by τ where τ is 0, unless it is named', async () => {
    const none = { ...TINY, router: { ...TINY.router, tau: 0 } };
    const file = await checkpoint('none.safetensors', none, 1);
    expect((await command(file, '--out', path('n.json'))).code).toBe(0);
    expect(read('n.json').figures).not.toHaveProperty('loadTau');
    const { code, errors } = await command(file, '--out', path('n.json'), '--figures', 'loadTau');
    expect(code).toBe(1);
    expect(errors).toMatch(/τ = 0; it must be above 0/);
  });

  it('takes a text in sequences of the run’s length, and says what is left', async () => {
    writeFileSync(path('text.txt'), 'abcdefghab');
    const argv = ['--out', path('t.json'), '--raw', path('t.safetensors')];
    const { errors } = await command(
      run,
      ...argv,
      '--text',
      path('text.txt'),
      '--figures',
      'bits,load',
    );
    expect(errors).toMatch(/the last 1 tokens make no sequence of 4/);
    expect(Object.keys(read('t.json').figures)).toEqual(['load', 'bits']);
    const { inspection } = decodeRaw(readFileSync(path('t.safetensors')));
    expect([...inspection.tokens]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect([...inspection.targets]).toEqual([1, 2, 3, 4, 5, 6, 7, 0]);
    expect([inspection.n, inspection.B, inspection.S]).toEqual([2, 1, 4]);
    expect(inspection.domainNames).toEqual(['text']);
    writeFileSync(path('short.txt'), 'abc');
    await command(run, ...argv, '--text', path('short.txt'));
    expect(decodeRaw(readFileSync(path('t.safetensors'))).inspection.S).toBe(2);
    writeFileSync(path('none.txt'), 'a');
    const { code, errors: none } = await command(run, ...argv, '--text', path('none.txt'));
    expect([code, none]).toEqual([1, expect.stringMatching(/none.txt has 1 tokens; 2 are needed/)]);
  });

  it('is of the own text that a file of a run holds, unless another is given', async () => {
    const data = { ...TINY.data, mix: { own: 1 } };
    const own = { name: 'own.txt', text: 'abcdefgh'.repeat(40) };
    writeFileSync(path('own.zip'), await ownRun({ ...TINY, data }, 8, own));
    writeFileSync(path('mine.txt'), 'hgfedcba'.repeat(40));
    const argv = [path('own.zip'), '--out', path('o.json'), '--figures', 'load'];
    expect((await command(...argv)).code).toBe(0);
    expect(texts).toEqual(['own.txt']);
    expect((await command(...argv, '--text', path('mine.txt'))).code).toBe(0);
    expect(texts).toEqual(['mine.txt']);
    // Of a run on other texts it is the text that is inspected.
    await command(run, '--out', path('o.json'), '--text', path('mine.txt'), '--figures', 'load');
    expect(texts).toEqual([null]);
  });

  it('has the results of the probe tasks that are named', async () => {
    await command(
      run,
      '--out',
      path('p.json'),
      '--figures',
      'bits',
      '--probes',
      'induction,cloze4',
    );
    const { probes } = read('p.json');
    expect(Object.keys(probes!)).toEqual(['cloze4', 'induction']);
    // Ids a … h, and m = 2 at S = 4.
    expect(probes!.induction).toMatchObject({ of: 16, chance: 1 / 8 });
    await command(run, '--out', path('p.json'), '--figures', 'bits', '--probes', 'all');
    expect(Object.keys(read('p.json').probes!)).toHaveLength(5);
  });
});

describe('what is refused', () => {
  it.each([
    [[], /0 checkpoints given; one is needed/],
    [['a', 'b', '--out', 'c'], /2 checkpoints given/],
    [['a'], /--out FILE is needed/],
    [
      ['a', '--out', 'b', '--figures', 'load,some'],
      /--figures: there is no "some"; there are load, /,
    ],
    [['a', '--out', 'b', '--probes', 'some'], /--probes: there is no "some"; there are lastWord, /],
    [['a', '--out', 'b', '--seed=-1'], /--seed -1 is not a whole number/],
    [['a', '--out', 'b', '--seed', ''], /--seed {2}is not a whole number/],
    [['a', '--out', 'b', '--what'], /--what/],
  ])('wrong usage: %j', async (argv, message) => {
    const { code, errors } = await command(...argv);
    expect(code).toBe(2);
    expect(errors).toMatch(message);
    expect(errors).toMatch(/Usage: npm run analyse/);
  });

  it('a file that is no checkpoint, and a baseline whose tokens mean something else', async () => {
    writeFileSync(path('torn.safetensors'), 'x');
    const torn = await command(path('torn.safetensors'), '--out', path('x.json'));
    expect(torn).toMatchObject({
      code: 1,
      errors: expect.stringMatching(/torn.safetensors: .*1 byte/),
    });
    const model = { ...TINY.model, V: 256 };
    const bytes: Experiment = { ...TINY, model, tokenizer: { kind: 'bytes', size: 256 } };
    const elsewhere = await checkpoint('bytes.safetensors', bytes, 1);
    const { code, errors } = await command(run, '--out', path('x.json'), '--baseline', elsewhere);
    expect(code).toBe(1);
    expect(errors).toMatch(
      /the baseline: its tokenizer is bytes, the run's chars: their tokens differ/,
    );
  });

  it.each([
    ['[', /asked.json: not JSON/],
    ['{"load": {"figure": "removal"}}', /the name "load" is a figure's already/],
    ['{"a": {"figure": "bits"}}', /asked.json: a.figure: .*"removal".*"bits"/],
    ['{"a": {"figure": "contribution", "n": 0, "seed": 1}}', /a.n: .*>=1 .*0/],
    ['{"a": {"figure": "removal", "layer": 1}}', /a.layer: /],
    ['{"a": {"figure": "interventions", "items": [{"type": "force"}]}}', /a.items.0.layer: /],
    [
      '{"a": {"figure": "interventions", "items": [{"type": "keepOnly", "layer": 0, "slots": [99]}]}}',
      /Intervention 0 \(keepOnly\): slot 99 does not exist/,
    ],
  ])('requests of passes: %s', async (text, message) => {
    writeFileSync(path('asked.json'), text);
    const argv = ['--out', path('x.json'), '--requests', path('asked.json'), '--figures', 'load'];
    const { code, errors } = await command(run, ...argv);
    expect(code).toBe(1);
    expect(errors).toMatch(message);
  });

  it('nothing of an inspection file that is another file', () => {
    expect(() => decodeRaw(readFileSync(run))).toThrow('not "switchyard-inspection-1"');
  });
});

it('takes names with spaces, and draws by the seed', () => {
  const { requests, seed } = parseArguments([
    'a',
    '--out',
    'b',
    '--figures',
    'contribution, load',
    '--seed',
    '9',
  ]);
  expect(requests.map(({ as }) => as)).toEqual(['load', 'contribution']);
  expect(requests[1]!.request).toMatchObject({ seed: 9 });
  expect(seed).toBe(9);
});
