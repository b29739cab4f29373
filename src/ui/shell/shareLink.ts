/** Links with results, and what is made of them; loaded when something is shared. */
import { changedPaths } from '../../config/edit.ts';
import { decodeLink } from '../../config/permalink.ts';
import { counted } from '../../config/plural.ts';
import { type RunToShare, sharesOf } from '../../links/digest.ts';
import {
  encodeShare,
  MAX_RUNS,
  mostCharacters,
  type Shared,
  writeShare,
} from '../../links/share.ts';
import type { RunRow } from '../../runs/record.ts';
import { experimentToShare } from '../../state/configStore.ts';
import type { KeptRun } from '../../state/keptRuns.ts';
import type { Lab } from '../../state/lab.ts';
import { liveRun } from '../../state/liveRun.ts';
import { encodeView } from '../../state/viewLink.ts';
import { addressWith } from '../kit/address.ts';

export interface SharedLink {
  href: string;
  /** Whether its fragment has more characters than links should. */
  isTooLong: boolean;
  characters: number;
  most: number;
}

/**
 * A kept run of this page as one to be shared; null for one of which nobody knows the experiment.
 * @param row of it in the library, which knows what trained it
 */
function keptToShare({ name, link, columns }: KeptRun, row: RunRow | undefined): RunToShare | null {
  if (link === null || columns.ce === undefined) return null;
  const seriesOf = ({ firstStep, steps, values }: NonNullable<typeof columns.ce>) => ({
    firstStep,
    steps,
    values: Float32Array.from(values),
  });
  return {
    row: {
      name,
      version: row?.version ?? '',
      adapter: row?.adapter ?? null,
      experiment: decodeLink(link).experiment,
    },
    curves: {
      ce: seriesOf(columns.ce),
      ...(columns.validation && { validation: seriesOf(columns.validation) }),
    },
    loads: [],
  };
}

/** Runs drawn beside the live one that a link can hold. */
export function besides({ kept, library }: Lab): RunToShare[] {
  const { rows } = library.getState();
  return kept
    .getState()
    .runs.filter(({ isVisible }) => isVisible)
    .map((run) =>
      keptToShare(
        run,
        rows.find(({ id }) => id === run.id),
      ),
    )
    .filter((run) => run !== null)
    .slice(0, MAX_RUNS - 1);
}

interface What {
  /** The runs beside the live one too. */
  withBesides?: boolean;
  /** The room that the link opens; the one that is shown when absent. */
  room?: string;
}

/** Runs that a link brought, to be handed on as they came; null once something was made of them. */
function handedOn({ config, run, received }: Lab): Shared | null {
  const { runs } = received.getState();
  const [first] = runs;
  if (first === undefined || run.getState().metrics.length > 0) return null;
  const changed = changedPaths(first.experiment, experimentToShare(config.getState()));
  if (changed.some((path) => path !== 'data.hash')) return null;
  return {
    experiments: runs.map(({ experiment }) => experiment),
    results: runs.map(({ result }) => result),
  };
}

/** The link of the experiment as it is now, with its results where it was trained, here or elsewhere. */
export function sharedNow(lab: Lab, { withBesides = false, room }: What = {}): SharedLink {
  const { fields } = lab.view.getState();
  const shown = lab.view.getState();
  const view = encodeView(room === undefined ? shown : { ...shown, room }, fields);
  const runs = [liveRun(lab, sharesOf), ...(withBesides ? besides(lab) : [])];
  const handed = withBesides ? null : handedOn(lab);
  const fragment = handed === null ? encodeShare(runs, view) : writeShare(handed, view);
  const most = mostCharacters(handed?.experiments.length ?? runs.length);
  return {
    href: addressWith(fragment),
    isTooLong: fragment.length > most,
    characters: fragment.length,
    most,
  };
}

/** What an embedded run is called, and what it says to who does not see it. */
export function describeNow(lab: Lab): { caption: string; alt: string } {
  const { metrics, validation } = lab.run.getState();
  const n = metrics.length;
  const handed = handedOn(lab)?.results.flatMap((result) => result ?? []) ?? [];
  if (handed.length > 0)
    return {
      caption: 'Mixtures of experts: the loss over training.',
      alt: `Training loss of ${handed.map(({ name, lastStep }) => `${name || 'a run'} over ${counted(lastStep, 'step')}`).join(', ')}.`,
    };
  if (n === 0)
    return {
      caption: 'A mixture of experts, to be trained in the page.',
      alt: 'Training loss and load of every expert, before the first step.',
    };
  const losses = metrics.column('ce');
  const last = validation.at(-1);
  const held =
    last === undefined
      ? ''
      : `, ${last.ce.toFixed(3)} on text that it has not seen after ${counted(last.step, 'step')}`;
  const fall = `from ${losses[0]!.toFixed(3)} to ${losses[n - 1]!.toFixed(3)} nats per token`;
  return {
    caption: `A mixture of experts over ${counted(n, 'step')} of training: loss and load of every expert.`,
    alt: `Training loss over ${counted(n, 'step')}, ${fall}${held}; beside it the load of every expert.`,
  };
}
