import { readExperimentFile } from '../../config/experimentFile.ts';
import { counted } from '../../config/plural.ts';
import { experimentToShare, pendingPaths } from '../../state/configStore.ts';
import type { Lab } from '../../state/lab.ts';
import { linkToShare } from '../../state/viewLink.ts';
import { askForFile, saveFile } from '../kit/files.ts';

/** Largest experiment file that is read: the fullest experiments are far smaller. */
const MAX_EXPERIMENT_BYTES = 16e6;

/** Copies the link of the experiment, events and what is shown included, and says what it leaves out. */
export async function copyLink({ config, run, view }: Lab): Promise<void> {
  const url = new URL(window.location.href);
  url.hash = linkToShare(config.getState(), view.getState());
  const waiting = pendingPaths(config.getState(), run.getState().step).length;
  const left =
    waiting > 0
      ? ` ${counted(waiting, 'edit')} not applied yet ${waiting === 1 ? 'is' : 'are'} not in it.`
      : '';
  try {
    await navigator.clipboard.writeText(url.href);
    view.getState().say(`Link copied.${left}`);
  } catch {
    // The address bar has the link by itself, at once or as soon as the browser allows.
    view.getState().say('The browser refused the clipboard; the link is in the address bar.');
  }
}

export function saveExperiment({ config }: Lab): void {
  const text = JSON.stringify(experimentToShare(config.getState()), null, 2);
  saveFile('switchyard-experiment.json', `${text}\n`, 'application/json');
}

async function openExperimentFile({ commands, view }: Lab, file: File): Promise<void> {
  if (file.size > MAX_EXPERIMENT_BYTES)
    throw new RangeError(
      `${file.name} has ${file.size} bytes; experiments have at most ${MAX_EXPERIMENT_BYTES}.`,
    );
  const { experiment, problems } = readExperimentFile(file.name, await file.text());
  const isTaken = await commands.load(experiment, problems, file.name);
  if (isTaken && problems.length === 0) view.getState().say(`Opened ${file.name}`);
}

async function openCheckpointFile({ commands }: Lab, file: File): Promise<void> {
  await commands.restore(new Uint8Array(await file.arrayBuffer()), file.name);
}

/** What a dropped file is, by the end of its name. */
const OPENERS: readonly (readonly [
  ending: RegExp,
  open: (lab: Lab, file: File) => Promise<void>,
])[] = [
  [/\.json$/i, openExperimentFile],
  [/\.safetensors$/i, openCheckpointFile],
];

/** Runs one way of opening a file; what cannot be opened is said, and changes nothing. */
async function opening({ view }: Lab, file: File, open: () => Promise<void>): Promise<void> {
  try {
    await open();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isNamed = reason.startsWith(file.name);
    view.getState().say(isNamed ? reason : `${file.name} could not be read: ${reason}`);
  }
}

/** Opens files that were dropped on the page, one after the other. */
export async function openDropped(lab: Lab, files: readonly File[]): Promise<void> {
  for (const file of files) {
    const open = OPENERS.find(([ending]) => ending.test(file.name))?.[1];
    if (open !== undefined) await opening(lab, file, () => open(lab, file));
    else
      lab.view
        .getState()
        .say(
          `${file.name} was not opened: experiments end in .json, checkpoints in .safetensors. Curves go to “Add CSV…” under the loss, a text to train on to “Your own text” in the settings.`,
        );
  }
}

export async function openExperiment(lab: Lab): Promise<void> {
  const file = await askForFile('.json,application/json');
  if (file !== null) await opening(lab, file, () => openExperimentFile(lab, file));
}

export async function openCheckpoint(lab: Lab): Promise<void> {
  const file = await askForFile('.safetensors');
  if (file !== null) await opening(lab, file, () => openCheckpointFile(lab, file));
}

export async function saveCheckpoint({ commands, run }: Lab): Promise<void> {
  const bytes = await commands.checkpoint();
  if (bytes === null) return;
  const name = `switchyard-step${run.getState().step}.safetensors`;
  saveFile(name, Uint8Array.from(bytes), 'application/octet-stream');
}
