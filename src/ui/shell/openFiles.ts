/** Opening the files that a person gives. */
import { readExperimentFile } from '../../config/experimentFile.ts';
import { CONVERSION_JSON } from '../../runs/files/layout.ts';
import { bytesOf, readDirectory } from '../../runs/files/zipDirectory.ts';
import { createConversions } from '../../state/conversion/conversions.ts';
import type { Lab } from '../../state/lab.ts';
import { isBusy } from '../kit/conversion.ts';

/** Largest experiment file that is read: the fullest experiments are far smaller. */
const MAX_EXPERIMENT_BYTES = 16e6;

async function openExperiment({ commands, view }: Lab, file: File): Promise<void> {
  if (file.size > MAX_EXPERIMENT_BYTES)
    throw new RangeError(
      `${file.name} has ${file.size} bytes; experiments have at most ${MAX_EXPERIMENT_BYTES}.`,
    );
  const { experiment, problems } = readExperimentFile(file.name, await file.text());
  const isTaken = await commands.load(experiment, problems, file.name);
  if (isTaken && problems.length === 0) view.getState().say(`Opened ${file.name}`);
}

/** Opens a checkpoint; what one of another program does not tell is asked first. */
async function openCheckpoint(lab: Lab, file: File): Promise<void> {
  const given = new Uint8Array(await file.arrayBuffer());
  const bytes = await lab.runFiles.ownCheckpoint(given, file.name);
  if (bytes !== null) await lab.commands.restore(bytes, file.name);
}

/** Whether an archive holds a conversion; what is no archive at all is told by who opens runs. */
async function holdsConversion(file: File): Promise<boolean> {
  try {
    return (await readDirectory(bytesOf(file))).has(CONVERSION_JSON);
  } catch {
    return false;
  }
}

/** Takes a conversion in, and shows it where nothing else computes there. */
async function openConversion({ conversions, view }: Lab, file: File): Promise<void> {
  const store = conversions(createConversions);
  const from = view.getState().room;
  if (isBusy(store.getState()))
    throw new RangeError(`${file.name} was not opened: stop the conversion that is at work first.`);
  await store.getState().fromFile(new Uint8Array(await file.arrayBuffer()));
  const { failure } = store.getState();
  if (failure !== null) throw new RangeError(`${file.name}: ${failure}`);
  const { room, set, say } = view.getState();
  if (room === from) set({ room: 'convert', sought: { view: 'board' } });
  say(`Opened ${file.name}`);
}

/** Runs and conversions are archives both: their entries tell them apart. */
async function openArchive(lab: Lab, file: File): Promise<void> {
  if (await holdsConversion(file)) await openConversion(lab, file);
  else await lab.runFiles.open(file, file.name);
}

const OPENERS = {
  experiment: { ending: /\.json$/i, open: openExperiment },
  checkpoint: { ending: /\.safetensors$/i, open: openCheckpoint },
  runs: { ending: /\.zip$/i, open: openArchive },
} as const;

/** Opens a file as what it is said to be; what cannot be opened is told, and changes nothing. */
export async function openAs(kind: keyof typeof OPENERS, lab: Lab, file: File): Promise<void> {
  try {
    await OPENERS[kind].open(lab, file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const isNamed = reason.startsWith(file.name);
    lab.view.getState().say(isNamed ? reason : `${file.name} could not be read: ${reason}`);
  }
}

/** Opens a file as what its name says that it is. */
export async function openByName(lab: Lab, file: File): Promise<void> {
  const kinds = Object.keys(OPENERS) as (keyof typeof OPENERS)[];
  const kind = kinds.find((kind) => OPENERS[kind].ending.test(file.name));
  if (kind !== undefined) return openAs(kind, lab, file);
  const where =
    'Curves go to “Add CSV…” under the loss, a text to train on to “Your own text” in the settings.';
  lab.view
    .getState()
    .say(
      `${file.name} was not opened: experiments end in .json, checkpoints in .safetensors, runs and conversions in .zip. ${where}`,
    );
}
