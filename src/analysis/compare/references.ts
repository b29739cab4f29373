/** Values that compared runs are held against: of models that know nothing, and of controls among the runs. */
import { layerSelection } from '../../config/balancing.ts';
import { moeLayers } from '../../config/conditions.ts';
import { applyChange, experimentAtStep } from '../../config/edit.ts';
import type { Experiment } from '../../config/experiment.ts';
import type { MetricName, RunRow } from '../../runs/record.ts';
import { meanOf } from './fold.ts';
import type { ComparedRun } from './places.ts';

export interface ReferenceValue {
  id: 'uniform' | 'unigram' | 'hash' | 'frozen';
  label: string;
  value: number;
  /** What it means, in a sentence. */
  help: string;
}

/** Whether every MoE layer sends a token by its id alone. */
function hashesAll(e: Experiment): boolean {
  const layers = moeLayers(e);
  return layers.length > 0 && layers.every((l) => layerSelection(e, l) === 'hash');
}

const CONTROLS = [
  {
    id: 'hash',
    label: 'hash',
    help: 'End of the runs that select by hash in every MoE layer: what a router that learns has to beat',
    isOne: hashesAll,
  },
  {
    id: 'frozen',
    label: 'frozen router',
    help: 'End of the runs whose router is frozen: what a router that learns has to beat',
    isOne: (e: Experiment) => moeLayers(e).length > 0 && e.router.frozen,
  },
] as const;

/** Whether a run was a control at each of its steps. */
function wasOne({ experiment, steps }: RunRow, isOne: (e: Experiment) => boolean): boolean {
  if (experiment === null) return false;
  let now = experimentAtStep(experiment, 1);
  if (!isOne(now)) return false;
  for (const [at, change] of experiment.events) {
    if (at <= 1 || at > steps) continue;
    now = applyChange(now, change);
    if (!isOne(now)) return false;
  }
  return true;
}

/** The one value that all have; null where one has another, or none. */
function common(values: readonly (number | undefined)[]): number | null {
  const [first] = values;
  return first !== undefined && values.every((value) => value === first) ? first : null;
}

/** What the text alone gives, where all runs have the same. */
function ofText(runs: readonly ComparedRun[]): ReferenceValue[] {
  const vocabulary = common(runs.map(({ row }) => row.text?.vocabulary));
  const entropy = common(runs.map(({ row }) => row.text?.unigramEntropy));
  const uniform: ReferenceValue[] =
    vocabulary === null
      ? []
      : [
          {
            id: 'uniform',
            label: 'ln V',
            value: Math.log(vocabulary),
            help: 'Loss of a model that finds every token equally likely',
          },
        ];
  if (entropy === null) return uniform;
  const help =
    'Entropy of the training tokens: loss of a model that knows only how frequent each is';
  return [...uniform, { id: 'unigram', label: 'unigram', value: entropy, help }];
}

/** References of a metric: of losses of whole tokens those of the text too. */
export function referenceValues(
  metric: MetricName,
  runs: readonly ComparedRun[],
): ReferenceValue[] {
  const controls = CONTROLS.flatMap(({ id, label, help, isOne }): ReferenceValue[] => {
    const ends = runs.flatMap(({ row }) => {
      const value = wasOne(row, isOne) ? row.last[metric]?.value : undefined;
      return value === undefined || !Number.isFinite(value) ? [] : [value];
    });
    if (ends.length === 0 || ends.length === runs.length) return [];
    return [{ id, label, help, value: meanOf(ends).mean }];
  });
  return metric === 'ce' || metric === 'validation' ? [...ofText(runs), ...controls] : controls;
}
