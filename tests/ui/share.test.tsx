import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, expect, it, vi } from 'vitest';
import { syntheticRun } from '../../bench/syntheticRuns.ts';
import { DEFAULTS_V1, TINY_SIZE } from '../../src/config/defaults.ts';
import { applyChange } from '../../src/config/edit.ts';
import { decodeLink, viewPairs } from '../../src/config/permalink.ts';
import { sharesOf } from '../../src/links/digest.ts';
import { decodeShare, encodeShare, writeShare } from '../../src/links/share.ts';
import { liveRun } from '../../src/state/liveRun.ts';
import { embedSnippet } from '../../src/ui/shell/embed.ts';
import { type TestLab, testLab } from '../state/support.ts';
import { fakeLibrary } from '../support/fakeLibrary.ts';
import { renderPage } from './render.tsx';

// Loaded on demand, here before any test's time begins.
import '../../src/state/commands/reproduce.ts';
import '../../src/state/readReceived.ts';
import '../../src/ui/shell/Received.tsx';

const EXPERIMENT = applyChange(DEFAULTS_V1, { ...TINY_SIZE, 'evaluation.every': 20 });
let copied: string[] = [];

beforeEach(() => {
  copied = [];
  vi.spyOn(navigator.clipboard, 'writeText').mockImplementation(async (text) => {
    copied.push(text);
  });
});

async function trained(steps: number): Promise<TestLab> {
  const test = await renderPage({ experiment: EXPERIMENT });
  await test.lab.commands.start();
  test.trainer.advance(steps);
  await test.lab.commands.pause();
  return test;
}

function fragmentOf(href: string): string {
  return href.slice(href.indexOf('#') + 1);
}

/** A snippet as elements, its frame as one that loads nothing. */
function parsed(snippet: string): Document {
  return new DOMParser().parseFromString(snippet.replaceAll('iframe', 'article'), 'text/html');
}

it('copies the link with the results of what was trained', async () => {
  await trained(60);
  fireEvent.click(screen.getByRole('button', { name: 'Copy link' }));
  await screen.findByText(/Link copied\. With it goes the curve of 60 steps\./);
  const { experiments, results, problems } = decodeShare(fragmentOf(copied[0] ?? ''));
  expect(problems).toEqual([]);
  expect(experiments[0]).toMatchObject({ model: { D: EXPERIMENT.model.D } });
  expect(results[0]).toMatchObject({
    lastStep: 60,
    version: '0.1.0',
    adapter: { description: 'NVIDIA ada-lovelace', isSoftware: false },
  });
  expect(results[0]?.adapter?.needs.total).toBeGreaterThan(1e6);
  expect(results[0]?.loads.length).toBeGreaterThan(0);
});

it('shares from a sheet: link, runs beside it, snippet with caption and alt text', async () => {
  const { lab } = await trained(40);
  fireEvent.click(await screen.findByRole('button', { name: 'Keep run' }));
  lab.view.getState().set({ sheet: 'share' });
  const sheet = within(await screen.findByRole('dialog'));
  const link = () => sheet.getByLabelText<HTMLTextAreaElement>('Link').value;
  expect(decodeShare(fragmentOf(link())).experiments).toHaveLength(1);
  fireEvent.click(sheet.getByRole('checkbox', { name: /1 run drawn beside it/ }));
  expect(decodeShare(fragmentOf(link())).results.map((result) => result?.lastStep)).toEqual([
    40, 40,
  ]);
  fireEvent.click(sheet.getByRole('button', { name: 'Copy link' }));
  await waitFor(() => expect(copied).toEqual([link()]));

  fireEvent.click(sheet.getByText('Embed in another page'));
  fireEvent.change(sheet.getByLabelText('Caption'), {
    target: { value: 'A "run" <of> mine & co' },
  });
  const snippet = sheet.getByLabelText<HTMLTextAreaElement>('Snippet').value;
  expect(snippet).toMatch(/^<figure>\s+<iframe /);
  const page = parsed(snippet);
  const frame = page.querySelector('figure > article');
  expect(page.querySelector('figcaption')?.textContent).toBe('A "run" <of> mine & co');
  expect(frame?.getAttribute('title')).toMatch(/Training loss over 40 steps, from \d\.\d+ to \d/);
  const inside = fragmentOf(frame?.getAttribute('src') ?? '');
  expect(viewPairs(inside).get('room')).toBe('embed');
  expect(decodeLink(inside).problems).toEqual([]);
});

it('saves the run as a zip file where it is kept, else its experiment', async () => {
  const library = fakeLibrary([syntheticRun(0, 60, Date.now())]);
  const { lab } = await renderPage({ experiment: EXPERIMENT, library });
  const saved: string[] = [];
  vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:x');
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function (
    this: HTMLAnchorElement,
  ) {
    saved.push(this.download);
  });
  const write = vi.spyOn(lab.runFiles, 'write').mockResolvedValue(new Blob(['zip']));
  act(() => lab.view.getState().set({ sheet: 'share' }));
  const sheet = await screen.findByRole('dialog', { name: 'Share' });
  const save = () => fireEvent.click(within(sheet).getByRole('button', { name: 'Save as a file' }));
  save();
  await waitFor(() => expect(saved).toEqual(['switchyard-experiment.json']));
  expect(write).not.toHaveBeenCalled();
  act(() =>
    lab.run.getState().set({
      recording: { id: 'synthetic-0', step: 60, checkpoint: null, failure: null, tooLarge: null },
    }),
  );
  save();
  await waitFor(() => expect(saved[1]).toBe('switchyard-run.zip'));
  expect(write).toHaveBeenCalledWith(['synthetic-0'], { checkpoints: 'last', ownText: false });
  vi.restoreAllMocks();
});

it('escapes whatever stands in a snippet', () => {
  const evil = '"><script>attacked=1</script>';
  const page = parsed(embedSnippet({ href: `https://x.org/#${evil}`, caption: evil, alt: evil }));
  expect(page.querySelectorAll('script')).toHaveLength(0);
  expect(page.querySelector('article')?.getAttribute('title')).toBe(evil);
});

/** The link of a run of so many steps, as another page copies it. */
async function sent(steps: number): Promise<string> {
  const { lab, trainer } = await testLab({ experiment: EXPERIMENT });
  await lab.commands.start();
  trainer.advance(steps);
  return encodeShare([liveRun(lab, sharesOf)]);
}

it('shows what a link brought, reproduces it and saves the receipt', async () => {
  const { lab, trainer } = await renderPage({ fragment: await sent(60) });
  const brought = within(await screen.findByRole('region', { name: 'Runs of the link' }));
  brought.getByText('Shared run');
  brought.getByText(/^60 steps · NVIDIA Ada Lovelace · version 0\.1\.0 · needs [\d.]+ MiB/);
  const status = brought.getByRole('status');
  expect(status.textContent).toBe('');
  const legend = within(screen.getByLabelText('Training charts')).getAllByText('Shared run');
  expect(legend.length).toBeGreaterThan(0);
  // Nothing was trained here: lines without a point are not listed, and the loads are the link's.
  expect(
    screen.getByLabelText('Training charts').querySelector('.chart .legend')?.textContent,
  ).not.toContain('smoothed');
  const load = within(screen.getByRole('region', { name: 'Load by layer and slot' }));
  load.getByText('Shared run, at its end');
  const shares = lab.received.getState().runs[0]!.result!.loads[0]!.shares;
  const told = `${(shares[1]! / 10).toFixed(1)} % of the assignments`;
  expect(
    load.getAllByTitle(new RegExp(`^Layer \\d+, slot 1 .*: ${told}, `)).length,
  ).toBeGreaterThan(0);

  fireEvent.click(brought.getByRole('button', { name: 'Reproduce Shared run' }));
  await waitFor(() => expect(lab.run.getState().phase).toBe('running'));
  expect(status.textContent).toMatch(/trains to step 60/);
  trainer.advance(60);
  await waitFor(() =>
    expect(status.textContent).toMatch(/^Bit-identical: every loss from step 1 to 60/),
  );
  const saved = vi.spyOn(URL, 'createObjectURL').mockReturnValue('blob:receipt');
  fireEvent.click(brought.getByRole('button', { name: 'Save the receipt' }));
  const blob = saved.mock.calls[0]?.[0] as Blob;
  expect(JSON.parse(await blob.text())).toMatchObject({
    format: 'switchyard-receipt',
    verdict: 'identical',
    sender: { version: '0.1.0' },
  });
  fireEvent.click(brought.getByRole('button', { name: 'Put the runs of the link away' }));
  await waitFor(() =>
    expect(screen.queryByRole('region', { name: 'Runs of the link' })).toBeNull(),
  );
});

it('says what a run needs that this adapter does not allow', async () => {
  const { experiments, results } = decodeShare('v=1&D=64');
  const needs = { buffer: 2 ** 40, binding: 1, total: 2 ** 41 };
  const result = {
    name: '<b>large</b>',
    version: '9',
    adapter: { description: 'x', isSoftware: true, needs },
    firstStep: 1,
    lastStep: 1,
    digest: '0'.repeat(16),
    fixed: [{ step: 1, bits: 0 }],
    training: { low: 1, quantum: 0, steps: [1], levels: [1] },
    validation: { low: 0, quantum: 0, steps: [], levels: [] },
    loads: [{ layer: 0, shares: [500, 500] }],
  };
  expect(results).toEqual([null]);
  await renderPage({ fragment: writeShare({ experiments, results: [result] }) });
  const brought = within(await screen.findByRole('region', { name: 'Runs of the link' }));
  brought.getByText('<b>large</b>');
  brought.getByText(/^needs a buffer of .+; this adapter allows 2\.0+ GiB$/);
  brought.getByText('x (software)', { exact: false });
});

it('says that a link was cut, and what Start would run', async () => {
  const { lab } = await renderPage({ fragment: 'c=ABCDEFGH&v=1&D=64' });
  const sheet = within(await screen.findByRole('dialog'));
  sheet.getByText('This link was cut or changed on its way');
  sheet.getByText(/its check sum is that of another text/);
  sheet.getByRole('button', { name: 'Start the default experiment' });
  expect(lab.config.getState().experiment).toEqual(DEFAULTS_V1);
});
