import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { applyChange, engineConfig } from '../../src/config/edit.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { decodeLink, encodeLink } from '../../src/config/permalink.ts';
import { readSafetensors, type SafeTensors, writeSafetensors } from '../../src/data/safetensors.ts';
import { encodeCheckpoint, initialState } from '../../src/train/session/checkpoint.ts';
import { exportedLosses, setField, shownStep, waitForStep } from '../support/pageRun.ts';
import { useSite } from '../support/site.ts';

const site = useSite();

const SMALL = applyChange(DEFAULTS_V1, {
  'model.D': 16,
  'model.L': 1,
  'model.H': 2,
  'model.Hkv': 2,
  'model.denseHidden': 16,
  'experts.slots': Array.from({ length: 4 }, () => ({ kind: 'ffn', hidden: 8 })),
  'batch.B': 1,
  'batch.S': 16,
  'data.mix': { arithmetic: 1 },
  'tokenizer.kind': 'bytes',
  'optimizer.warmup': 5,
  'optimizer.totalSteps': 100_000,
  'evaluation.every': 0,
  'evaluation.sampleEvery': 0,
});
const START = initialState(engineConfig(SMALL, 256), SMALL.initStd, SMALL.seeds.init);

interface Offer {
  name: string;
  bytes: Uint8Array;
  says: RegExp;
}

/** A checkpoint of the run's own model with something about it changed. */
function checkpoint(
  change: (tensors: SafeTensors, metadata: Record<string, string>) => void,
): Uint8Array {
  const { tensors, metadata } = readSafetensors(
    encodeCheckpoint({ experiment: SMALL, state: START }),
  );
  change(tensors, metadata);
  return writeSafetensors(tensors, metadata);
}

function spoilt(name: string, value: number): Uint8Array {
  return checkpoint((tensors) => {
    tensors.get(name)!.data[1] = value;
  });
}

function of(experiment: Experiment): Uint8Array {
  return checkpoint((_, metadata) => {
    metadata.experiment = JSON.stringify(experiment);
  });
}

function renamed(tensors: SafeTensors, from: string, to: string): void {
  const tensor = tensors.get(from)!;
  tensors.delete(from);
  tensors.set(to, tensor);
}

/** A header in which a tensor's name stands twice, over the same data. */
function doubled(): Uint8Array {
  const bytes = checkpoint(() => undefined);
  const text = new TextDecoder('latin1').decode(bytes.subarray(8));
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  const header = text.slice(0, length).trimEnd();
  const [entry = ''] = /"head\.weight":\{[^}]*\}/.exec(header) ?? [];
  const json = new TextEncoder().encode(`${header.slice(0, -1)},${entry}}`);
  const file = new Uint8Array(8 + json.length + bytes.length - 8 - length);
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true);
  file.set(json, 8);
  file.set(bytes.subarray(8 + length), 8 + json.length);
  return file;
}

const text = (content: string) => new TextEncoder().encode(content);
const json = (value: unknown) => text(JSON.stringify(value));

const EXPERIMENTS: readonly Offer[] = [
  { name: 'answer.json', bytes: text('42'), says: /is no experiment: it holds 42/ },
  { name: 'list.json', bytes: text('[]'), says: /is no experiment: it holds \[\]/ },
  { name: 'null.json', bytes: text('null'), says: /is no experiment: it holds null/ },
  { name: 'words.json', bytes: text('"words"'), says: /is no experiment: it holds "words"/ },
  { name: 'empty.json', bytes: text(''), says: /is not JSON/ },
  { name: 'cut.json', bytes: json(SMALL).subarray(0, 99), says: /is not JSON/ },
  { name: 'nothing.json', bytes: text('{}'), says: /is no experiment: .*it has nothing/ },
  {
    name: 'package.json',
    bytes: json({ name: 'x', version: '1.0.0', scripts: {} }),
    says: /is no experiment: it has none of model.*it has name, version, scripts/,
  },
  {
    name: 'tsconfig.json',
    bytes: json({ compilerOptions: { strict: true } }),
    says: /it has compilerOptions/,
  },
  {
    name: 'later.json',
    bytes: json({ ...SMALL, version: 9 }),
    says: /version 9 cannot be read; this program reads version 1/,
  },
  {
    name: 'wide.json',
    bytes: json({ version: 1, model: { D: 'wide' } }),
    says: /"wide" is not allowed; it must be a whole number from/,
  },
  {
    name: 'twice.json',
    bytes: text('{"version":1,"model":{"D":8,"D":16}}'),
    says: /is ambiguous: "D" stands twice/,
  },
  { name: 'runs.json', bytes: json([SMALL]), says: /is no experiment: it holds \[\{/ },
];

const CHECKPOINTS: readonly Offer[] = [
  { name: 'empty.safetensors', bytes: text(''), says: /a file of 0 bytes/ },
  { name: 'junk.safetensors', bytes: text('x'.repeat(99)), says: /the header claims/ },
  {
    name: 'cut.safetensors',
    bytes: checkpoint(() => undefined).subarray(0, -5),
    says: /ends at byte \d+ of \d+ bytes/,
  },
  { name: 'other.safetensors', bytes: writeSafetensors(new Map()), says: /its format is "none"/ },
  { name: 'doubled.safetensors', bytes: doubled(), says: /"head.weight" stands twice/ },
  {
    name: 'transposed.safetensors',
    bytes: checkpoint((tensors) => {
      const { shape, data } = tensors.get('head.weight')!;
      tensors.set('head.weight', {
        dtype: 'F32',
        shape: shape.toReversed(),
        data: Float32Array.from(data),
      });
    }),
    says: /"head.weight" has shape \[.*the model needs/,
  },
  {
    name: 'renamed.safetensors',
    bytes: checkpoint((tensors) => renamed(tensors, 'head.weight', 'tail.weight')),
    says: /"head.weight" is missing/,
  },
  {
    name: 'more.safetensors',
    bytes: checkpoint((tensors) =>
      tensors.set('more', { dtype: 'F32', shape: [1], data: new Float32Array(1) }),
    ),
    says: /no parameter "more"/,
  },
  {
    name: 'less.safetensors',
    bytes: checkpoint((tensors) => tensors.delete('moment1.head.weight')),
    says: /"moment1.head.weight" is missing/,
  },
  {
    name: 'whole.safetensors',
    bytes: checkpoint((tensors) =>
      tensors.set('final_norm.weight', { dtype: 'I32', shape: [16], data: new Int32Array(16) }),
    ),
    says: /has dtype I32, not F32/,
  },
  ...['', '-1', '1.5', '1e3'].map((step, i) => ({
    name: `step${i}.safetensors`,
    bytes: checkpoint((_, metadata) => {
      metadata.step = step;
    }),
    says: /its step is ".*"; it must be a whole number from 0/,
  })),
  {
    name: 'cursor.safetensors',
    bytes: checkpoint((_, metadata) => {
      metadata.dataCursor = '7';
    }),
    says: /its data cursor is 7, after step 0 it is 1/,
  },
  { name: 'nan.safetensors', bytes: spoilt('head.weight', NaN), says: /"head.weight" is NaN/ },
  { name: 'inf.safetensors', bytes: spoilt('embed.weight', Infinity), says: /is Infinity at/ },
  { name: 'm1.safetensors', bytes: spoilt('moment1.head.weight', NaN), says: /moment1.* is NaN/ },
  { name: 'm2.safetensors', bytes: spoilt('moment2.head.weight', NaN), says: /moment2.* is NaN/ },
  {
    name: 'below.safetensors',
    bytes: spoilt('moment2.head.weight', -1),
    says: /"moment2.head.weight" is -1 at element 1; it must be from 0 up/,
  },
  {
    name: 'rule.safetensors',
    bytes: of({ ...SMALL, model: { ...SMALL.model, H: 3 } }),
    says: /D = 16 is not a multiple of H = 3/,
  },
  {
    name: 'own.safetensors',
    bytes: of({ ...SMALL, data: { ...SMALL.data, mix: { own: 1 } } }),
    says: /a text of its own, which has to be given/,
  },
  {
    name: 'hash.safetensors',
    bytes: of({ ...SMALL, data: { ...SMALL.data, hash: 'a'.repeat(64) } }),
    says: /another text: it names the SHA-256 a+/,
  },
];

const OTHERS: readonly Offer[] = [
  { name: 'loss.csv', bytes: text('step,loss\n1,2\n'), says: /was not opened: .*Add CSV/ },
  { name: 'picture.png', bytes: text('PNG'), says: /was not opened: .*\.safetensors/ },
  { name: 'README', bytes: text('#'), says: /was not opened/ },
];

/** A packed link with a letter of another case, which unpacks to another experiment. */
function changedLink(): string {
  const events = Array.from({ length: 60 }, (_, i) => [i + 1, { 'optimizer.lr': (i + 1) / 1000 }]);
  const link = encodeLink(applyChange(SMALL, { events }));
  for (let i = link.indexOf('z=') + 2; i < link.length; i++) {
    const letter = link[i] ?? '';
    const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase();
    const changed = link.slice(0, i) + other + link.slice(i + 1);
    const { problems } = decodeLink(changed);
    if (problems.length === 1 && problems[0]?.path === 'link') return changed;
  }
  throw new Error('no letter of the link leads to another experiment');
}

/** Links that are refused at once. */
const LINKS: readonly (readonly [fragment: string, says: RegExp])[] = [
  ['v=9&D=64', /The link .*version 9 cannot be read/],
  ['v=1&z=!!!!', /The link .*"!" is no sign of a packed link/],
  ['v=1&z=AAAA', /The link .*cut short/],
  ['hello', /The link .*"hello" in the link has no value/],
  ['v=1&D=banana', /The link .*"banana" is not allowed/],
  ['v=1&x=9999x128', /The link .*"9999x128" is not allowed; it must be 1 to 64 slots/],
];

/** Links of which something can be taken: all that is wrong is told, and the run may stay. */
const PARTIAL: readonly (readonly [fragment: string, says: readonly RegExp[]])[] = [
  ['v=1&D=32&lr=-1&K=1000', [/-1 is not allowed; .*from/, /1000 is not allowed.*64/]],
  ['v=1&L=2&e=9:K=1;4:K=2', [/event 2 at step 4 stands after one at step 9/]],
  ['v=1&D=33', [/D = 33 is not a multiple of H = 4/]],
  ['v=1&n=20&wu=30&', [/warm-up W = 30 is longer/, /cut short/]],
  [changedLink(), [/packed link was changed on its way/]],
];

/** Drops files anywhere on the page, as a person does. */
async function drop(page: Page, files: readonly Omit<Offer, 'says'>[]): Promise<void> {
  const given = files.map(({ name, bytes }) => ({ name, bytes: [...bytes] }));
  await page.evaluate((dropped) => {
    const dataTransfer = new DataTransfer();
    for (const { name, bytes } of dropped)
      dataTransfer.items.add(new File([Uint8Array.from(bytes)], name));
    document.body.dispatchEvent(
      new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true }),
    );
  }, given);
}

/** Chooses a file in the menu. */
async function choose(page: Page, entry: RegExp, { name, bytes }: Offer): Promise<void> {
  await page.getByRole('button', { name: 'Files' }).click();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('menuitem', { name: entry }).click();
  const mimeType = 'application/octet-stream';
  await (await chooser).setFiles({ name, mimeType, buffer: Buffer.from(bytes) });
}

/** Notes all messages that the page shows from now on; returns how to read them. */
async function listen(page: Page): Promise<() => Promise<string[]>> {
  const said = await page.evaluateHandle(() => {
    const texts: string[] = [];
    const list = document.querySelector('.toasts');
    if (list === null) throw new Error('there is no list of messages');
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes)
        for (const node of addedNodes) texts.push(node.textContent ?? '');
    }).observe(list, { childList: true });
    return texts;
  });
  return () => said.jsonValue();
}

async function goTo(page: Page, fragment: string): Promise<void> {
  await page.evaluate((hash) => {
    window.location.hash = hash;
  }, fragment);
}

test('fifty bad files and links are refused by name and reason, and a run that trains never knows', async () => {
  const page = await site().open(`#${encodeLink(SMALL)}`);
  await page.getByRole('button', { name: 'Start' }).click();
  await waitForStep(page, 2);
  const address = await page.evaluate(() => window.location.hash);
  const said = await listen(page);
  const files = [...EXPERIMENTS, ...CHECKPOINTS, ...OTHERS];
  await choose(page, /Open a file/, files[0]!);
  await expect.poll(said, { timeout: 60_000 }).toHaveLength(1);
  await choose(page, /Load safetensors/, files[EXPERIMENTS.length]!);
  await expect.poll(said, { timeout: 60_000 }).toHaveLength(2);
  await drop(page, files);
  await expect.poll(said, { timeout: 100_000, interval: 500 }).toHaveLength(2 + files.length);
  for (const { name, says } of files) {
    const own = (await said()).filter((message) => message.startsWith(`${name} `));
    expect(own.join('\n'), name).toMatch(says);
  }
  let offered = 2 + files.length;

  for (const [fragment, says] of LINKS) {
    await goTo(page, fragment);
    await expect.poll(async () => (await said()).at(-1), { timeout: 30_000 }).toMatch(says);
    await page.waitForURL((url) => url.hash === address);
    offered += 1;
  }
  const dialog = page.getByRole('dialog');
  for (const [fragment, says] of PARTIAL) {
    await goTo(page, fragment);
    for (const reason of says) await dialog.getByText(reason).waitFor();
    await dialog.getByRole('button', { name: 'Keep the run' }).click();
    await page.waitForURL((url) => url.hash === address);
    offered += 1;
  }
  await goTo(page, encodeLink(applyChange(DEFAULTS_V1, { 'model.L': 3 })));
  await dialog.getByText(/Throw away [\d,]+ steps of training\?/).waitFor();
  await page.keyboard.press('Escape');
  await page.waitForURL((url) => url.hash === address);
  expect(offered).toBeGreaterThanOrEqual(50);

  const step = await shownStep(page);
  await waitForStep(page, step + 2);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Resume' }).waitFor();
  const disturbed = await exportedLosses(page);
  await page.getByRole('button', { name: 'Reset to step 0' }).click();
  await dialog.getByRole('button', { name: 'Reset' }).click();
  await page.getByRole('button', { name: 'Start' }).click();
  await waitForStep(page, disturbed.length);
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Resume' }).waitFor();
  const alone = await exportedLosses(page);
  const losses = (rows: typeof alone) => rows.slice(0, disturbed.length).map((row) => row.train);
  expect(losses(disturbed)).toEqual(losses(alone));
}, 600_000);

test('a browser that allows no change of the address for a while loses no edit', async () => {
  const page = await site().open(`#${encodeLink(SMALL)}`, async (context) => {
    await context.addInitScript(() => {
      const { replaceState } = window.history;
      const end = Date.now() + 3000;
      window.history.replaceState = (...state) => {
        if (Date.now() < end) throw new DOMException('too many calls', 'SecurityError');
        replaceState.apply(window.history, state);
      };
    });
  });
  await setField(page, 'Router', 'router.K', '3');
  await page.waitForURL(/K=3/);
  await page.reload();
  await page.locator('[data-path="router.K"] input:not([type="range"])').waitFor();
  expect(page.url()).toContain('K=3');
});
