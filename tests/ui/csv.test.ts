import { describe, expect, it } from 'vitest';
import { type FileRun, MAX_ROWS, readCurves } from '../../src/state/csv/read.ts';
import type { Curve } from '../../src/state/curve.ts';
import { tokensAlong } from '../../src/state/curve.ts';
import type { Quantity } from '../../src/state/keptRuns.ts';
import { seriesCsv } from '../../src/ui/kit/charts/exporters.ts';
import type { Series } from '../../src/ui/kit/charts/series.ts';
import { MAX_FILE_BYTES, readAway } from '../../src/ui/kit/curveFiles/readAway.ts';

function read(text: BlobPart, name = 'a.csv'): Promise<FileRun[]> {
  return readCurves(new Blob([text]), name, () => {});
}

/** Points of a curve as pairs. */
function points(curve: Curve | undefined): [number, number][] {
  if (curve === undefined) return [];
  return Array.from(curve.values, (value, i) => [curve.steps?.[i] ?? curve.firstStep + i, value]);
}

async function readOne(text: BlobPart, quantity: Quantity = 'ce', name?: string) {
  const [run, ...others] = await read(text, name);
  expect(others).toEqual([]);
  return points(run?.columns[quantity]);
}

const NAN = Number.NaN;

describe('files of other programs', () => {
  it('reads Lightning: one row for training, one for validation', async () => {
    const text = 'epoch,step,train_loss,val_loss\n0,49,2.31,\n0,49,,2.20\n1,99,1.90,\n1,99,,1.88\n';
    expect(await readOne(text)).toEqual([
      [49, 2.31],
      [99, 1.9],
    ]);
    expect(await readOne(text, 'validation')).toEqual([
      [49, 2.2],
      [99, 1.88],
    ]);
  });

  it('reads TensorBoard, with steps that are logged twice', async () => {
    const text = 'Wall time,Step,Value\n1.7e9,10,4\n1.7e9,20,3\n1.7e9,20,2.9\n1.7e9,30,2\n';
    const [run] = await read(text, 'run-x-tag-train_loss.csv');
    expect(points(run?.columns.ce)).toEqual([
      [10, 4],
      [20, 2.9],
      [30, 2],
    ]);
    expect(run?.repeated).toBe(1);
    expect(await readOne(text, 'validation', 'run-x-tag-val_loss.csv')).toHaveLength(3);
    expect(await readOne(text, 'lr', 'run-x-tag-learning_rate.csv')).toHaveLength(3);
  });

  it('reads Weights & Biases: a curve for each run, whose bounds are passed over', async () => {
    const runs = await read(
      '"Step","a, 1 - train/loss","a, 1 - train/loss__MIN","a, 1 - train/loss__MAX","b - x - train/loss","b - x - train/loss__MIN"\n' +
        '"0","4.5","4","5","",""\n"10","","","","3.5","3"\n"20","3","3","3","2.5","2"\n',
    );
    expect(runs.map(({ name, columns }) => [name, points(columns.ce)])).toEqual([
      [
        'a, 1',
        [
          [0, 4.5],
          [20, 3],
        ],
      ],
      [
        'b - x',
        [
          [10, 3.5],
          [20, 2.5],
        ],
      ],
    ]);
  });

  it.each([
    ['quoted numbers', '"step","loss"\n"0","4.2"\n"1","4"\n'],
    ['_step', '_step,loss\n0,4.2\n1,4\n'],
    ['semicolons and decimal commas', 'step;loss\n0;4,2\n1;4\n'],
    ['tabs', 'step\tloss\n0\t4.2\n1\t4'],
    ['CR alone', 'step,loss\r0,4.2\r1,4\r'],
    ['CR LF and LF mixed', 'step,loss\r\n0,4.2\n1,4\r\n'],
    ['blank lines', '\n\nstep,loss\n\n0,4.2\n , \n\n1,4\n\n'],
    ['other columns, capitals, spaces', 'note, Step , Train Loss\nx, 0 , 4.2\n"y,\nz",1,4\n'],
    ['falling steps', 'step,loss\n1,4\n0,4.2\n'],
    ['steps as decimals', 'step,loss\n0.0,4.2\n1.0,4\n'],
    ['rows with cells left out', 'step,loss,lr\n0,4.2\n1,4\n'],
  ])('reads %s', async (_, text) => {
    expect(await readOne(text)).toEqual([
      [0, 4.2],
      [1, 4],
    ]);
  });

  it('reads UTF-8 and UTF-16, with their marks', async () => {
    const text = 'step,é漢 - loss\n0,4.2\n';
    const units = Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
    const little = new Uint8Array([0xff, 0xfe, ...units.flatMap((u) => [u & 255, u >> 8])]);
    const big = new Uint8Array([0xfe, 0xff, ...units.flatMap((u) => [u >> 8, u & 255])]);
    for (const file of [text, `\uFEFF${text}`, little, big]) {
      expect((await read(file))[0]?.name).toBe('é漢');
    }
  });

  it('takes every way to write no finite number for a gap, and an empty cell for nothing', async () => {
    const cells = ['inf', '-inf', 'Infinity', '-Infinity', 'nan', 'NaN', 'NA', '1e999'];
    const rows = cells.map((cell, i) => `${i},${cell}`);
    expect(await readOne(`step,loss\n${rows.join('\n')}\n8,\n9,2\n`)).toEqual([
      ...cells.map((_, i) => [i, NAN]),
      [9, 2],
    ]);
  });
});

describe('a resumed run', () => {
  it('counts from its first step on, in all of its columns', async () => {
    const [run] = await read(
      'step,loss,val_loss\n50,5,\n100,4,6\n110,3.9,\n150,3,5\n100,3.8,\n110,3.7,\n',
    );
    expect(points(run?.columns.ce)).toEqual([
      [50, 5],
      [100, 3.8],
      [110, 3.7],
    ]);
    expect(points(run?.columns.validation)).toEqual([]);
    expect(run).toMatchObject({ resumedAt: [100], repeated: 0 });
  });

  it('may begin again below all that was logged, even after one row', async () => {
    const [run] = await read('step,loss\n100,9\n50,4\n60,3\n');
    expect(points(run?.columns.ce)).toEqual([
      [50, 4],
      [60, 3],
    ]);
    expect(run?.resumedAt).toEqual([50]);
    const [twice] = await read('step,loss\n10,4\n30,2.5\n20,3\n40,2\n15,1\n');
    expect(points(twice?.columns.ce)).toEqual([
      [10, 4],
      [15, 1],
    ]);
    expect(twice?.resumedAt).toEqual([20, 15]);
  });
});

it('keeps a file sparse that reaches to ten million', async () => {
  const [run] = await read('step,loss,val_loss\n0,4,5\n10000000,2,3\n');
  expect(run?.columns.ce?.values).toHaveLength(2);
  expect(run?.columns.validation?.steps).toBe(run?.columns.ce?.steps);
});

it('reads tokens, and places other columns by them', async () => {
  const [run] = await read('step,tokens,loss,val_loss\n10,1000,4,\n20,3000,3,\n25,,,3\n40,,,2\n');
  const { tokens, validation, ce } = run?.columns ?? {};
  if (!tokens || !validation || !ce) throw new Error('three columns');
  expect(Array.from(tokensAlong(ce, tokens))).toEqual([1000, 3000]);
  expect(Array.from(tokensAlong(validation, tokens))).toEqual([4000, 7000]);
  expect(Array.from(tokensAlong({ ...ce, firstStep: 5, steps: null }, tokens))).toEqual([500, 600]);
});

describe('refusals', () => {
  it.each([
    ['', /line 1: it is empty/],
    ['step,accuracy\n1,2', /line 1: its columns are step, accuracy; it needs step/],
    ['loss\n1', /it needs step/],
    ['step,loss', /no lines/],
    ['step,loss\n1,\n', /hold no values/],
    ['step,loss,loss\n1,2,3', /line 1: two columns are called loss/],
    ['step,loss\n1,2\nx,3', /line 3: step 'x'/],
    ['step,loss\n1.5,2', /line 2: step '1.5' is not a whole number from 0 to 1000000000000/],
    ['step,loss\n-1,2', /line 2: step '-1'/],
    ['step,loss\n1,high', /line 2: loss 'high' is not a number/],
    ['step,loss\n1,0x10', /line 2: loss '0x10' is not a number/],
    ['"a\nb",step,loss\n\nx,1,2\n"p\nq",2,z', /line 5: loss 'z'/],
    ['step,loss\n1,2,3', /line 2: it has 3 cells; the header has 2/],
    ['step,loss\n1,2\n"2,3', /line 3: a quoted cell does not end/],
    ['step,loss\n1,2\n"2"x,3', /line 3: a quoted cell/],
    ['step,tokens,loss\n1,500,2\n2,400,2', /line 3: tokens 400 do not fit 500/],
    ['s\0t\0e\0p\0', /line 1: it holds a zero character/],
    [
      new Uint8Array([...new TextEncoder().encode('step,loss\n1,2\nx'), 0x92]),
      /line 3: it holds bytes that are no UTF-8/,
    ],
  ])('refuses %j and says why', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message);
  });

  it('names both numbers for a file of too many bytes, without reading it, or of too many rows', async () => {
    const { signal } = new AbortController();
    const large = { size: MAX_FILE_BYTES + 1, name: 'a.csv' } as File;
    await expect(readAway(large, () => {}, signal)).rejects.toThrow(
      'it has 32,000,001 bytes; at most 32,000,000 are read',
    );
    const rows = Array.from({ length: MAX_ROWS + 5 }, (_, i) => `${i},1\n`).join('');
    await expect(read(`step,loss\n${rows}`)).rejects.toThrow(
      'it has 1,000,005 rows; at most 1,000,000 are read',
    );
  });
});

it('reads exactly what the page exports', async () => {
  const ce = Float32Array.of(4.1, NAN, 3.3);
  const owner = {};
  const line = { label: '', color: '', owner, firstStep: 1, values: ce };
  const strange = ['Run 1, 30 steps', 'a "b"\n; c - d', '…1,000…', 'x&ltimes', ' - train'];
  const series: Series[] = [
    ...strange.flatMap((name, i): Series[] => [
      {
        ...line,
        key: `${name} - train`,
        steps: [0, 7, 10_000_000],
        values: [0.1 + i, 1e-320, -1 / 3],
        tokens: { title: `${name} - tokens`, at: (k) => 64 * k },
      },
      { ...line, key: `${name} - smoothed`, isDerived: true },
      { ...line, key: `${name} - validation`, steps: [7], values: [Math.PI] },
    ]),
    { ...line, key: 'train' },
    { ...line, key: 'smoothed', values: [1, 2, 3] },
    { ...line, key: 'validation', steps: [2], values: [2.5] },
  ];
  const runs = await read([...seriesCsv(series)].join(''), 'mine.csv');
  expect(runs.map(({ name }) => name)).toEqual([...strange.map((name) => name.trim()), null]);
  for (const [i, run] of runs.slice(0, -1).entries()) {
    expect(points(run.columns.ce)).toEqual([
      [0, 0.1 + i],
      [7, 1e-320],
      [10_000_000, -1 / 3],
    ]);
    expect(points(run.columns.validation)).toEqual([[7, Math.PI]]);
    expect(points(run.columns.tokens)).toEqual([
      [0, 0],
      [7, 64],
      [10_000_000, 128],
    ]);
  }
  expect(points(runs.at(-1)?.columns.ce)).toEqual([...ce].map((value, i) => [i + 1, value]));
  expect(points(runs.at(-1)?.columns.validation)).toEqual([[2, 2.5]]);
});
