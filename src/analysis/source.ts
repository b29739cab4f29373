import type { Experiment, SlotKind } from '../config/experiment.ts';
import type { LayerSpace, ScalarName } from '../config/telemetry.ts';
import type { FiguresAt } from './followed.ts';
import type { LoadBin, LoadHistory } from './loadHistory.ts';
import type { ProbesAt } from './probes/probesAt.ts';
import type { Seam } from './seams.ts';

/** Steps from the first to the last, both included. */
export type StepRange = readonly [first: number, last: number];

/** What is known of a run without its records. */
export interface RunHead {
  /** Changes with every run. */
  id: string;
  /** With the events so far; what would run, before a run is open. */
  experiment: Experiment;
  status: 'planned' | 'open' | 'done' | 'failed';
  /** What was found when the text was read; null before. */
  text: RunText | null;
  /** Where it went to another program and came back. */
  seams?: readonly Seam[] | undefined;
}

export interface RunText {
  vocabulary: number;
  /** Entropy of the training tokens, in nats. */
  unigramEntropy: number;
  /** Names of the kinds of text that are told apart. */
  domains: readonly string[];
}

/**
 * Lines over steps: the scalars; `validation`, its cross entropy, and `generated`, the same by the rule
 * that texts are gone on with; kept assignments to slots that
 * compute per token, of a layer by its place among the MoE layers or of all; the part of all
 * assignments that goes to slots of a kind; dropped assignments.
 */
export type LineName =
  | ScalarName
  | 'validation'
  | 'generated'
  | 'drops'
  | `computing.${number | 'mean'}`
  | `share.${SlotKind}`;

export interface Line {
  /** Stands for the line as it grows: another one is another line. */
  owner: object;
  /** Step of the first value. */
  firstStep: number;
  /** Steps of all values, where they are not every step from the first. */
  steps?: ArrayLike<number>;
  /** A view that is valid until the run goes on. */
  values: ArrayLike<number>;
}

/** Text that a model wrote. */
export interface SampledText {
  step: number;
  prompt: string;
  text: string;
  temperature: number;
}

/** What is read from a model now and then, by kind. */
export interface Inspections {
  samples: { answer: readonly SampledText[] };
}
export type InspectionKind = keyof Inspections;

/** One run as views read it: the live one and a stored one answer alike. */
export interface RunSource {
  readonly head: RunHead;
  /** Last step that is recorded, 0 before the first. */
  readonly step: number;
  /** Counts the changes of all records. */
  readonly version: number;
  /** Calls back whenever head, step or version is another; returns how to stop. */
  subscribe(listener: () => void): () => void;
  line(name: LineName): Line;
  /** The expert spaces of the MoE layers at a step; null: at the last one. */
  spaces(step: number | null): readonly LayerSpace[];
  /** A layer's loads at some steps, in the bin that holds the first of them; null: the latest. */
  loads(layer: number, steps: StepRange | null): LoadBin | null;
  /** A layer's loads over all steps; null for a layer without any. */
  history(layer: number): Pick<LoadHistory, 'bins' | 'stride' | 'latest'> | null;
  inspection<K extends InspectionKind>(kind: K): Inspections[K]['answer'] | null;
  /** Figures over training time, in order of steps (`figureLine` draws them); none where evaluation or every MoE layer is off. */
  figuresOver(): readonly FiguresAt[];
  /** Answers to the probe tasks, in order of steps. */
  probesOver(): readonly ProbesAt[];
}
