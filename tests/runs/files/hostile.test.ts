import { deflateSync, strToU8, unzipSync, zipSync } from 'fflate';
import { beforeAll, describe, expect, it } from 'vitest';
import { readRuns } from '../../../src/runs/files/readRuns.ts';
import { crc32 } from '../../../src/runs/files/zipRead.ts';
import { bytesOfRuns, madeRun } from './support.ts';

let good: Uint8Array;
let entries: Record<string, Uint8Array>;
beforeAll(async () => {
  const text = { name: 'own.txt', text: 'some text of a person' };
  good = await bytesOfRuns([await madeRun('a', text), await madeRun('b')]);
  entries = unzipSync(good);
});

/** All that a file is refused for, as one text; nothing of it may have come in. */
async function refusal(bytes: Uint8Array): Promise<string> {
  const { runs, problems } = await readRuns(bytes);
  expect(runs).toEqual([]);
  expect(problems.length).toBeGreaterThan(0);
  return problems.map(({ path, message }) => `${path} ${message}`).join('\n');
}

/** The file with entries of other contents (null: without them), its check sums right. */
function changed(change: Record<string, Uint8Array | null>): Uint8Array {
  const all = { ...entries, ...change };
  return zipSync(
    Object.fromEntries(
      Object.entries(all).filter((entry): entry is [string, Uint8Array] => entry[1] !== null),
    ),
  );
}

/** The file with another `a/run.json`. */
function withJson(change: (json: Record<string, never>) => void): Uint8Array {
  const json = JSON.parse(new TextDecoder().decode(entries['a/run.json']));
  change(json);
  return changed({ 'a/run.json': strToU8(JSON.stringify(json)) });
}

/** One entry as an archive, written by hand: what its directory tells need not be so. */
function crafted(
  name: string,
  data: Uint8Array,
  told: Partial<{
    size: number;
    flags: number;
    method: number;
    attributes: number;
    crc: number;
  }> = {},
): Uint8Array {
  const packed = deflateSync(data);
  const title = strToU8(name);
  const { flags = 0, method = 8, attributes = 0 } = told;
  const { size = data.length, crc = crc32(data) } = told;
  const local = new DataView(new ArrayBuffer(30));
  local.setUint32(0, 0x04034b50, true);
  local.setUint16(8, method, true);
  local.setUint16(26, title.length, true);
  const central = new DataView(new ArrayBuffer(46));
  central.setUint32(0, 0x02014b50, true);
  central.setUint8(5, 3);
  central.setUint16(8, flags, true);
  central.setUint16(10, method, true);
  central.setUint32(16, crc, true);
  central.setUint32(20, packed.length, true);
  central.setUint32(24, size, true);
  central.setUint16(28, title.length, true);
  central.setUint32(38, attributes * 65536, true);
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, 1, true);
  end.setUint16(10, 1, true);
  end.setUint32(12, 46 + title.length, true);
  end.setUint32(16, 30 + title.length + packed.length, true);
  const parts = [local, title, packed, central, title, end];
  return Uint8Array.from(
    parts.flatMap((part) => [...(part instanceof DataView ? new Uint8Array(part.buffer) : part)]),
  );
}

describe('an archive', () => {
  it.each([
    '../run.json',
    'a/../../run.json',
    '/etc/run.json',
    'C:/run.json',
    'a\\..\\run.json',
    'a//run.json',
    './run.json',
    'a/\u0000/run.json',
    `${'a/'.repeat(200)}run.json`,
  ])('is refused for the name %j', async (name) => {
    expect(await refusal(crafted(name, strToU8('{}')))).toMatch(
      /leads out of|backslash, colon|empty part|has 408 characters; at most 256/,
    );
  });

  it.each([
    ['is encrypted', { flags: 1 }, /"run.json" is encrypted/],
    ['is packed otherwise', { method: 12 }, /by method 12; read are 0 \(stored\) and 8/],
    ['is a link', { attributes: 0xa1ff }, /is no plain file/],
    ['has another check sum', { crc: 1 }, /is damaged: its check sum is [0-9a-f]+.* has 1$/],
    ['unpacks to less', { size: 9 }, /declares 9 bytes and unpacks to 2$/],
    ['unpacks to more', { size: 1 }, /declares 1 bytes and unpacks to 2 or more/],
  ])('is refused where an entry %s', async (_, told, message) => {
    expect(await refusal(crafted('run.json', strToU8('{}'), told))).toMatch(message);
  });

  it('is refused as a bomb by what it declares, with both numbers', async () => {
    const bomb = crafted('run.json', strToU8('{}'), { size: 0xffff_ffff });
    expect(await refusal(bomb)).toMatch(
      /its 1 entry declare 4,294,967,295 bytes; of [\d,]+ packed ones at most 268,\d{3},\d{3}/,
    );
  });

  it('is refused as a bomb by what it unpacks to, soon after that is more than it declares', async () => {
    const bomb = crafted('run.json', new Uint8Array(30_000_000), { size: 1000 });
    expect(bomb.length).toBeLessThan(40_000);
    const said = await refusal(bomb);
    const [, bytes = ''] = /declares 1,000 bytes and unpacks to ([\d,]+) or more/.exec(said) ?? [];
    expect(Number(bytes.replaceAll(',', ''))).toBeGreaterThan(1000);
    expect(Number(bytes.replaceAll(',', ''))).toBeLessThan(5_000_000);
  });

  it('is refused for entries larger than their kind', async () => {
    const big = crafted('run.json', new Uint8Array(33_000_000));
    expect(await refusal(big)).toMatch(/declares 33,000,000 bytes; at most 32,000,000 are read/);
  });

  it('is refused where two entries take the same bytes', async () => {
    const bytes = zipSync({ 'a/run.json': strToU8('{}'), 'b/run.json': strToU8('{}') });
    const view = new DataView(bytes.buffer);
    const second = bytes.findLastIndex(
      (_, i) => i + 4 <= bytes.length && view.getUint32(i, true) === 0x02014b50,
    );
    view.setUint32(second + 42, 0, true);
    expect(await refusal(bytes)).toMatch(/takes 4 bytes from byte 0 on, where 0 are left/);
  });

  it('is refused where a name stands twice, in any case of its letters', async () => {
    const bytes = zipSync({ 'a/run.json': strToU8('{}'), 'A/run.json': strToU8('{}') });
    expect(await refusal(bytes)).toMatch(/stands twice/);
  });

  it('is refused where it is cut, anywhere', async () => {
    for (let i = 0; i < 60; i++) {
      const cut = good.subarray(0, Math.floor((i / 60) * good.length));
      expect(await refusal(cut)).toMatch(/no zip file|its end is missing/);
    }
  });

  it('gives nothing where one byte of one of its runs is wrong', async () => {
    const at = good.length >> 1;
    const bad = good.slice();
    bad[at] = bad[at]! ^ 1;
    expect(await refusal(bad)).toMatch(/damaged|cannot be unpacked|unpacks to/);
  });

  it.each([
    [
      'no zip file',
      strToU8('This is a text, and not short of the bytes of an archive’s end.'),
      /no zip/,
    ],
    ['no run', zipSync({ 'notes.txt': strToU8('x') }), /holds no run: none of its 1 entries/],
    ['nothing', zipSync({}), /holds no run/],
  ])('is refused for being %s', async (_, bytes, message) => {
    expect(await refusal(bytes)).toMatch(message);
  });
});

/** What is said of run a, where run b comes in all the same. */
async function ofRunA(bytes: Uint8Array): Promise<string> {
  const { runs, problems } = await readRuns(bytes);
  expect(runs.map(({ row }) => row.id)).toEqual(['b']);
  return problems.map(({ path, message }) => `${path} ${message}`).join('\n');
}

describe('a run', () => {
  it.each([
    'a/metrics.parquet',
    'a/routing.parquet',
    'a/validation.json',
    'a/samples.json',
    'a/checkpoints/step-6.safetensors',
  ])('is refused without its %s, which is named', async (name) => {
    expect(await ofRunA(changed({ [name]: null }))).toBe(`${name} is missing`);
  });

  it('is refused without its text, which is named', async () => {
    const name = Object.keys(entries).find((entry) => entry.startsWith('texts/'))!;
    expect(await ofRunA(changed({ [name]: null }))).toBe(`${name} is missing`);
    expect(await ofRunA(changed({ [name]: strToU8('another') }))).toMatch(
      /^texts\/\S+ it has the SHA-256/,
    );
  });

  it('is refused with the checkpoint of another step', async () => {
    const [six, ten] = [6, 10].map((step) => `a/checkpoints/step-${step}.safetensors`);
    expect(await ofRunA(changed({ [six!]: entries[ten!]! }))).toMatch(/it is of step 10, not 6/);
  });

  it.each([
    ['{', /a\/run.json not JSON/],
    ['[]', /a\/run.json format: is missing/],
    ['3', /a\/run.json 3 is no object/],
    ['{"row":{},"row":{}}', /ambiguous: "row" stands twice/],
    ['{"__proto__":{"x":1}}', /has the key "__proto__"/],
    ['{"row":{"constructor":1}}', /row has the key "constructor"/],
    [`{"row":${'['.repeat(100)}${']'.repeat(100)}}`, /nested more than 32 deep/],
    ['"\ud800"', /a\/run.json/],
  ])('is refused for the JSON %s', async (json, message) => {
    expect(await ofRunA(changed({ 'a/run.json': strToU8(json) }))).toMatch(message);
  });

  it('is refused for the first value out of range, which is named with what is allowed', async () => {
    type Json = { format: unknown; segments: never[]; row: Record<string, unknown> };
    const tell = (change: (json: Json) => void) =>
      ofRunA(withJson((json) => change(json as never)));
    const row = (values: Record<string, unknown>) =>
      tell((json) => Object.assign(json.row, values));
    expect(await tell((json) => Object.assign(json, { format: 'switchyard-run-2' }))).toMatch(
      /format: "switchyard-run-2" cannot be read; this program reads switchyard-run-1/,
    );
    expect(await row({ format: 2 })).toMatch(/row.format: 2 cannot be read.*format 1/);
    expect(await row({ id: '../x' })).toMatch(/row.id: "..\/x" is not allowed; it must be 1 to 64/);
    expect(await row({ steps: -1 })).toMatch(
      /row.steps: -1 is not allowed; it must be a number from 0/,
    );
    expect(await row({ status: 'gone' })).toMatch(/row.status: "gone".*one of open, done, failed/);
    expect(await row({ extra: 1 })).toMatch(/row.extra/);
    expect(await row({ last: { price: { step: 1, value: 1 } } })).toMatch(/row.last.price/);
    expect(await row({ last: { ce: { step: 1, value: 'much' } } })).toMatch(/row.last.ce.value/);
    expect(await row({ experiment: { version: 1, model: { D: -1 } } })).toMatch(
      /row.experiment: .*-1 is not allowed/,
    );
    expect(await row({ tags: Array(101).fill('x') })).toMatch(/row.tags: .*list of at most 100/);
    expect(await row({ name: 'x'.repeat(501) })).toMatch(/row.name: .*at most 500 characters/);
    expect(await tell((json) => json.segments.pop())).toMatch(
      /routing.parquet it has 76 rows; the run's steps have 28/,
    );
    expect(await tell((json) => Object.assign(json.segments[1]!, { firstStep: 6 }))).toMatch(
      /row 29 is of step, layer and slot 5, 0, 0, not 6, 0, 0/,
    );
    expect(await tell((json) => Object.assign(json.segments[1]!, { firstStep: 2 }))).toMatch(
      /segments overlap/,
    );
  });

  it('does not change anything that objects inherit', async () => {
    await readRuns(changed({ 'a/run.json': strToU8('{"__proto__":{"polluted":1}}') }));
    expect({}).not.toHaveProperty('polluted');
  });

  it('stands once, and beside it what is none is named', async () => {
    const { runs, problems } = await readRuns(
      changed({ 'b/run.json': entries['a/run.json']!, 'notes.txt': strToU8('x') }),
    );
    expect(runs).toHaveLength(1);
    expect(problems).toContainEqual({
      path: 'notes.txt',
      message: 'is no part of a run',
      severity: 'warning',
    });
  });
});
