import { counted } from '../../config/plural.ts';
import { experimentToShare, pendingPaths } from '../../state/configStore.ts';
import type { Lab } from '../../state/lab.ts';
import { linkToShare } from '../../state/viewLink.ts';
import { addressWith } from '../kit/address.ts';
import { askForFile, saveFile } from '../kit/files.ts';

/** The link of the open run with its results, where it has any; what is too long for one is told. */
async function linkNow(lab: Lab): Promise<{ href: string; with: string }> {
  const { config, run, view, received, library } = lab;
  const { metrics, recording } = run.getState();
  if (library.getState().rows.some((row) => row.id === recording?.id && row.conversion)) {
    const { studentLink } = await import('./studentLink.ts');
    const { href = null, says = '' } = (await studentLink(lab)) ?? {};
    if (href !== null) return { href, with: ` ${says}` };
  }
  const steps = metrics.length;
  const plain = addressWith(linkToShare(config.getState(), view.getState()));
  if (steps === 0 && received.getState().runs.length === 0) return { href: plain, with: '' };
  const { sharedNow } = await import('./shareLink.ts');
  const { href, isTooLong } = sharedNow(lab);
  const of = steps === 0 ? '' : ` With it goes the curve of ${counted(steps, 'step')}.`;
  if (!isTooLong) return { href, with: of };
  return { href: plain, with: ' The curve is too long for a link: share a file with it.' };
}

/** Copies the link of the experiment, events and what is shown included, and says what it leaves out. */
export async function copyLink(lab: Lab): Promise<void> {
  const { config, run, view } = lab;
  const link = await linkNow(lab);
  const waiting = pendingPaths(config.getState(), run.getState().step).length;
  const left =
    waiting > 0
      ? ` ${counted(waiting, 'edit')} not applied yet ${waiting === 1 ? 'is' : 'are'} not in it.`
      : '';
  try {
    await navigator.clipboard.writeText(link.href);
    view.getState().say(`Link copied.${link.with}${left}`);
  } catch {
    // The address bar has the link by itself, at once or as soon as the browser allows.
    view.getState().say('The browser refused the clipboard; the link is in the address bar.');
  }
}

export function saveExperiment({ config }: Lab): void {
  const text = JSON.stringify(experimentToShare(config.getState()), null, 2);
  saveFile('switchyard-experiment.json', `${text}\n`, 'application/json');
}

/** What opens files comes with the first of them. */
async function opening(lab: Lab, open: (files: typeof import('./openFiles.ts')) => Promise<void>) {
  try {
    await open(await import('./openFiles.ts'));
  } catch (error) {
    lab.view.getState().say(`The file was not opened: ${String(error)}`);
  }
}

export async function openExperiment(lab: Lab): Promise<void> {
  const file = await askForFile('.json,application/json');
  if (file !== null) await opening(lab, ({ openAs }) => openAs('experiment', lab, file));
}

export async function openCheckpoint(lab: Lab): Promise<void> {
  const file = await askForFile('.safetensors');
  if (file !== null) await opening(lab, ({ openAs }) => openAs('checkpoint', lab, file));
}

export async function openRuns(lab: Lab): Promise<void> {
  const file = await askForFile('.zip,application/zip');
  if (file !== null) await opening(lab, ({ openAs }) => openAs('runs', lab, file));
}

/** Opens files that were dropped on the page, one after the other. */
export async function openDropped(lab: Lab, files: readonly File[]): Promise<void> {
  for (const file of files) await opening(lab, ({ openByName }) => openByName(lab, file));
}

export async function saveCheckpoint({ commands, run }: Lab): Promise<void> {
  const bytes = await commands.checkpoint();
  if (bytes === null) return;
  const name = `switchyard-step${run.getState().step}.safetensors`;
  saveFile(name, Uint8Array.from(bytes), 'application/octet-stream');
}
