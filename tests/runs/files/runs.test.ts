import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { strFromU8, unzipSync } from 'fflate';
import { expect, it } from 'vitest';
import { SCALARS, TELEMETRY_FIELDS } from '../../../src/config/telemetry.ts';
import { sha256Hex } from '../../../src/data/textHash.ts';
import { readRuns } from '../../../src/runs/files/readRuns.ts';
import { runsZip, writeRuns } from '../../../src/runs/files/writeRuns.ts';
import { NO_REPORTS, type RunCurves, type RunParts } from '../../../src/runs/record.ts';
import { decodeCheckpoint } from '../../../src/train/session/checkpoint.ts';
import { harness, lossesOf, lossesOfRun, open, TINY } from '../../train/support.ts';
import {
  bytesOfRuns,
  curvesOfRecords,
  DOMAINS,
  EVERYTHING,
  type LayerShape,
  madeParts,
  madeRecords,
  madeRow,
  madeRun,
  type Stored,
  toWrite,
} from './support.ts';

/** All of a run, with its checkpoints by their check sums. */
async function whole(run: ReturnType<typeof toWrite>) {
  const checkpoints: [number, string][] = [];
  for (const { step } of run.row.checkpoints)
    checkpoints.push([step, await sha256Hex(Uint8Array.from(await run.checkpoint(step)))]);
  return { row: run.row, parts: await run.parts(), checkpoints, ownText: await run.ownText() };
}

const all = (runs: readonly ReturnType<typeof toWrite>[]) => Promise.all(runs.map(whole));

const plain = (parts: RunParts): Stored => ({
  row: madeRow('x'),
  parts,
  checkpoints: new Map(),
  ownText: null,
});

/** The parts of a run after they were in a file. */
async function throughFile(parts: RunParts): Promise<RunParts> {
  const { runs, problems } = await readRuns(await bytesOfRuns([plain(parts)]));
  expect(problems).toEqual([]);
  return runs[0]!.parts();
}

it('gives back runs as they were: rows, parts, checkpoints and own texts, bit for bit', async () => {
  const text = { name: 'my “text”.txt', text: 'abc äöü\n'.repeat(50) };
  const written = [
    await madeRun('run-1', text),
    await madeRun('run_2', text),
    await madeRun('run-3'),
  ];
  const { runs, problems } = await readRuns(await bytesOfRuns(written));
  expect(problems).toEqual([]);
  expect(await all(runs)).toEqual(await all(written.map(toWrite)));
});

it('reads a file as it reads bytes', async () => {
  const written = [await madeRun('a')];
  const blob = await writeRuns(written.map(toWrite), EVERYTHING);
  const { runs, problems } = await readRuns(blob);
  expect(problems).toEqual([]);
  expect(await all(runs)).toEqual(await all(written.map(toWrite)));
  const bytes = new Uint8Array(await blob.arrayBuffer());
  expect(await sha256Hex(bytes)).toBe(await sha256Hex(await bytesOfRuns(written)));
});

it('writes equal bytes for equal runs', async () => {
  const [a, b] = [await bytesOfRuns([await madeRun('a')]), await bytesOfRuns([await madeRun('a')])];
  expect(await sha256Hex(a)).toBe(await sha256Hex(b));
});

it('takes along what is asked for, and tells no more', async () => {
  const run = await madeRun('a', { name: 't', text: 'abc' });
  const bytes = await bytesOfRuns([run], { checkpoints: 'last', ownText: false });
  const names = Object.keys(unzipSync(bytes));
  expect(names.filter((name) => /checkpoint|text/.test(name))).toEqual([
    'a/checkpoints/step-10.safetensors',
  ]);
  const { runs, problems } = await readRuns(bytes);
  expect(problems).toEqual([]);
  expect(runs[0]!.row.checkpoints).toEqual(run.row.checkpoints.slice(1));
  expect(await runs[0]!.ownText()).toBeNull();
  const none = await bytesOfRuns([run], { checkpoints: 'none', ownText: false });
  expect((await readRuns(none)).runs[0]!.row.checkpoints).toEqual([]);
});

it('has an own text once for all its runs', async () => {
  const text = { name: 't', text: 'abc' };
  const bytes = await bytesOfRuns([await madeRun('a', text), await madeRun('b', text)]);
  const texts = Object.keys(unzipSync(bytes)).filter((name) => name.startsWith('texts/'));
  expect(texts).toEqual([`texts/${await sha256Hex(new TextEncoder().encode('abc'))}.txt`]);
});

it('reads a run whose folder lies deeper, or at the root', async () => {
  const { zipSync } = await import('fflate');
  const run = await madeRun('a', { name: 't', text: 'abc' });
  const entries = Object.entries(unzipSync(await bytesOfRuns([run])));
  const moved = (path: (name: string) => string) =>
    zipSync(Object.fromEntries(entries.map(([name, bytes]) => [path(name), bytes])));
  for (const bytes of [
    moved((name) => `export of today/${name}`),
    moved((name) => name.replace(/^a\//, '')),
  ]) {
    const { runs, problems } = await readRuns(bytes);
    expect(problems).toEqual([]);
    expect(await all(runs)).toEqual([await whole(toWrite(run))]);
  }
});

const float = fc.oneof(fc.float(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -0));

it('keeps any curves: sparse, with gaps, with what is no finite number', async () => {
  const curve = fc
    .uniqueArray(
      fc.oneof(fc.integer({ min: 0, max: 50 }), fc.double({ min: 0, max: 1e9, noNaN: true })),
      {
        minLength: 1,
        maxLength: 12,
      },
    )
    .chain((steps) =>
      fc.tuple(
        fc.constant(steps.map((step) => step + 0).sort((a, b) => a - b)),
        fc.array(float, { minLength: steps.length, maxLength: steps.length }),
      ),
    );
  const curves = fc.dictionary(fc.constantFrom('ce', 'gradNorm', 'validation', 'tokens'), curve);
  await fc.assert(
    fc.asyncProperty(curves, async (drawn) => {
      const made: RunCurves = {};
      for (const [name, [steps, values]] of Object.entries(drawn)) {
        const isDense = steps.every((step, i) => step === steps[0]! + i);
        made[name as keyof RunCurves] = {
          firstStep: steps[0]!,
          steps: isDense ? null : Float64Array.from(steps),
          values: Float32Array.from(values),
        };
      }
      const parts = { curves: made, records: [], ...NO_REPORTS };
      expect(await throughFile(parts)).toEqual(parts);
    }),
    { numRuns: 40 },
  );
});

it('keeps any telemetry: dense models, layers that differ, surgeries, gaps between', async () => {
  const layer = fc
    .record({ R: fc.integer({ min: 1, max: 6 }), W: fc.integer({ min: 1, max: 6 }) })
    .map(({ R, W }) => ({ R, W: Math.min(R, W) }));
  const segment = fc.record({
    gap: fc.integer({ min: 0, max: 3 }),
    n: fc.integer({ min: 1, max: 5 }),
    layers: fc.array(layer, { maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(segment, { maxLength: 4 }), async (segments) => {
      let step = 1;
      const records = segments.map(({ gap, n, layers }) => {
        const shapes: LayerShape[] = layers.map((shape, i) => ({ layer: 2 * i, ...shape }));
        const made = madeRecords(step + gap, n, shapes);
        step += gap + n;
        return made;
      });
      const parts = { curves: {}, records, ...NO_REPORTS };
      const back = await throughFile(parts);
      // Those that go on in the same space are one; the scalars of all are where they were.
      const steps = (of: typeof records) =>
        of.flatMap((one) =>
          Array.from({ length: one.n }, (_, i) => ({
            step: one.firstStep + i,
            scalars: [...one.scalars].slice(i * SCALARS.length, (i + 1) * SCALARS.length),
            layers: one.layers.map((loads) => ({
              ...loads,
              ...Object.fromEntries(
                TELEMETRY_FIELDS.map(({ name }) => {
                  const width = loads[name].length / one.n;
                  return [name, [...loads[name]].slice(i * width, (i + 1) * width)];
                }),
              ),
            })),
          })),
        );
      expect(steps([...back.records])).toEqual(steps(records));
      expect(back.records.length).toBeLessThanOrEqual(records.length);
    }),
    { numRuns: 40 },
  );
});

it('writes as CSV what stands in the tables', async () => {
  const run = await madeRun('a');
  const files = unzipSync(await bytesOfRuns([run]));
  const rows = (name: string): Record<string, string>[] =>
    parse(strFromU8(files[name]!), { columns: true });
  const metrics = rows('a/metrics.csv');
  expect(Object.keys(metrics[0]!)).toEqual(['step', ...SCALARS, 'validation']);
  expect(metrics.map(({ ce }) => Math.fround(Number(ce)))).toEqual([
    ...run.parts.curves.ce!.values,
  ]);
  expect(metrics.map(({ validation }) => validation)).toEqual(
    Array.from({ length: 10 }, (_, i) => ({ 2: '5.25', 6: '4.125' })[i] ?? ''),
  );
  const routing = rows('a/routing.csv');
  expect(routing).toHaveLength(4 * 7 + 6 * 8);
  const last = routing.at(-1)!;
  const { layers } = run.parts.records[1]!;
  expect([last.step, last.layer, last.slot]).toEqual(['10', '2', '2']);
  expect(Number(last.assignments_2)).toBe(layers[1]!.assignments.at(-1));
  expect(Number(last.domains_code)).toBe(layers[1]!.domains.at(-1));
  expect(Math.fround(Number(last.meanProb))).toBe(layers[1]!.meanProb.at(-1));
  expect(routing.find(({ layer }) => layer === '0')?.assignments_2).toBe('');
});

it('goes on from a checkpoint of a file as if it had never been in one', async () => {
  const run = await madeRun('a');
  const { runs } = await readRuns(await bytesOfRuns([run]));
  const { row } = runs[0]!;
  for (const { step } of row.checkpoints) {
    const { experiment, state } = decodeCheckpoint(await runs[0]!.checkpoint(step));
    const one = harness();
    const session = await open(experiment, one, { state });
    await session.runTo(20);
    const losses = await lossesOfRun({ ...TINY, events: experiment.events }, 20);
    expect(lossesOf(one.events, step + 1)).toEqual(losses.slice(step));
  }
});

it('refuses to write what would lead elsewhere, or is counted otherwise', async () => {
  const bad = (run: Stored) => async () => {
    for await (const _ of runsZip([toWrite(run)], EVERYTHING));
  };
  await expect(bad({ ...plain(madeParts([])), row: madeRow('../x') })).rejects.toThrow(
    '"../x" is no id of a run',
  );
  await expect(bad({ ...plain(madeParts([])), row: madeRow('x', { steps: -1 }) })).rejects.toThrow(
    /^"Run x.*" cannot be written: row.steps: -1 is not allowed/,
  );
  const records = [madeRecords(1, 2, [{ layer: 0, R: 2, W: 1 }])];
  const run = plain({ curves: curvesOfRecords(records, []), records, ...NO_REPORTS });
  const text = { ...run.row.text!, domains: [...DOMAINS, 'speeches'] };
  await expect(bad({ ...run, row: { ...run.row, text } })).rejects.toThrow(
    'layer 0 counts 2 domains; the run has 3',
  );
});
