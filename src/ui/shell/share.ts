import { count } from '../../config/count.ts';
import { parseExperiment } from '../../config/parse.ts';
import { encodeLink } from '../../config/permalink.ts';
import { experimentToShare, pendingPaths } from '../../state/configStore.ts';
import type { Lab } from '../../state/lab.ts';
import { askForFile, saveFile } from '../files.ts';

/** Largest experiment file that is read: the fullest experiments are far smaller. */
const MAX_EXPERIMENT_BYTES = 16e6;

/** Copies the link of the experiment, events included, and says what it leaves out. */
export async function copyLink({ config, run, view }: Lab): Promise<void> {
  const url = new URL(window.location.href);
  url.hash = encodeLink(experimentToShare(config.getState()));
  const waiting = pendingPaths(config.getState(), run.getState().step).length;
  const left =
    waiting > 0
      ? ` ${count(waiting, 'edit')} not applied yet ${waiting === 1 ? 'is' : 'are'} not in it.`
      : '';
  try {
    await navigator.clipboard.writeText(url.href);
    view.getState().say(`Link copied.${left}`);
  } catch {
    window.history.replaceState(null, '', url.hash);
    view.getState().say('The browser refused the clipboard; the link is in the address bar.');
  }
}

export function saveExperiment({ config }: Lab): void {
  const text = JSON.stringify(experimentToShare(config.getState()), null, 2);
  saveFile('switchyard-experiment.json', `${text}\n`, 'application/json');
}

export async function openExperiment({ commands, view }: Lab): Promise<void> {
  const file = await askForFile('.json,application/json');
  if (file === null) return;
  if (file.size > MAX_EXPERIMENT_BYTES) {
    view
      .getState()
      .say(`${file.name} has ${file.size} bytes; at most ${MAX_EXPERIMENT_BYTES} are read.`);
    return;
  }
  try {
    const { experiment, problems } = parseExperiment(JSON.parse(await file.text()));
    await commands.load(experiment, problems);
    if (problems.length === 0) view.getState().say(`Opened ${file.name}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    view.getState().say(`${file.name} is not an experiment: ${reason}`);
  }
}

export async function saveCheckpoint({ commands, run }: Lab): Promise<void> {
  const bytes = await commands.checkpoint();
  if (bytes === null) return;
  const name = `switchyard-step${run.getState().step}.safetensors`;
  saveFile(name, Uint8Array.from(bytes), 'application/octet-stream');
}

export async function openCheckpoint({ commands }: Lab): Promise<void> {
  const file = await askForFile('.safetensors');
  if (file !== null) await commands.restore(new Uint8Array(await file.arrayBuffer()));
}
