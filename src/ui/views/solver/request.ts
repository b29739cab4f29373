/** From what a person asks of the solver to its request, and back to a change of the settings. */
import type { CostConfig } from '../../../accounting/layerGroups.ts';
import type { Candidate, Resource, SolveRequest } from '../../../accounting/solver.ts';
import { engineConfig } from '../../../config/edit.ts';
import type { Change, Experiment, Slot } from '../../../config/experiment.ts';
import { presetById } from '../../../config/presets.ts';
import { MAX_HIDDEN, MAX_SLOTS } from '../../../config/settings.ts';
import { vocabularyOf } from '../../kit/settingsShown.ts';

/** What the form of the solver holds; texts as typed, '' for what is left open. */
export interface Asked {
  hold: readonly Resource[];
  /** `current`, `dense`, or a preset's id. */
  reference: string;
  /** Hidden width of the dense model. */
  denseHidden: string;
  /** Activation rate in percent. */
  ra: string;
  K: string;
  experts: string;
  granularity: string;
  /** Widths, or ratios of widths, one per expert: "4.5, 0.5, 4, 1". */
  ratios: string;
  widths: string;
  shared: 'none' | 'matched' | 'keep';
  negated: boolean;
  /** Whether ∅, ⧉ and c slots of the settings stay. */
  extra: boolean;
  widthStep: string;
}

type Extra = Exclude<Slot, { kind: 'ffn' } | { kind: 'negated' }>;

function isExtra(slot: Slot): slot is Extra {
  return slot.kind !== 'ffn' && slot.kind !== 'negated';
}

export function askedAtFirst({ model, experts }: Experiment): Asked {
  return {
    hold: ['activeParameters'],
    reference: 'current',
    denseHidden: String(model.denseHidden),
    ra: '',
    K: '',
    experts: '',
    granularity: '',
    ratios: '',
    widths: '',
    shared: experts.sharedHidden > 0 ? 'keep' : 'none',
    negated: experts.slots.some(({ kind }) => kind === 'negated'),
    extra: true,
    widthStep: '1',
  };
}

/** @throws RangeError naming the field */
function numberOf(text: string, name: string): number | undefined {
  if (text.trim() === '') return undefined;
  const value = Number(text.replaceAll(',', ''));
  if (!Number.isFinite(value)) throw new RangeError(`${name}: “${text}” is not a number.`);
  return value;
}

function numbersOf(text: string, name: string): number[] | undefined {
  const parts = text.split(/[\s,;×x]+/).filter((part) => part !== '');
  if (parts.length === 0) return undefined;
  return parts.map((part) => numberOf(part, name) ?? Number.NaN);
}

/** Costs depend on the vocabulary; characters are counted once the text is read. */
function costConfig(experiment: Experiment, known: number | null): CostConfig {
  return engineConfig(experiment, vocabularyOf(experiment, known) ?? known ?? 0);
}

function tokensOf({ batch, optimizer }: Experiment): number {
  return batch.B * batch.S * optimizer.totalSteps;
}

function referenceOf(asked: Asked, experiment: Experiment, known: number | null) {
  if (asked.reference === 'current')
    return { config: costConfig(experiment, known), tokens: tokensOf(experiment) };
  if (asked.reference === 'dense') {
    const denseHidden = numberOf(asked.denseHidden, 'Dense hidden width') ?? 0;
    if (!Number.isInteger(denseHidden) || denseHidden < 1)
      throw new RangeError(`Dense hidden width ${denseHidden}: needed is a whole number from 1.`);
    const { model, ...rest } = costConfig(experiment, known);
    return {
      config: { ...rest, model: { ...model, denseHidden, arrangement: 'dense' as const } },
      tokens: tokensOf(experiment),
    };
  }
  const preset = presetById(asked.reference);
  if (preset === undefined) throw new RangeError(`There is no preset “${asked.reference}”.`);
  return { config: costConfig(preset.experiment, known), tokens: tokensOf(preset.experiment) };
}

/**
 * @param known entries of the vocabulary once the text was read
 * @throws RangeError in one sentence for what cannot be read
 */
export function solveRequest(
  asked: Asked,
  experiment: Experiment,
  known: number | null,
): SolveRequest {
  const ra = numberOf(asked.ra, 'Activation rate');
  const optional = {
    ra: ra === undefined ? undefined : ra / 100,
    K: numberOf(asked.K, 'K'),
    experts: numberOf(asked.experts, 'Experts'),
    granularity: numberOf(asked.granularity, 'Granularity'),
    ratios: numbersOf(asked.ratios, 'Ratios'),
    widths: numbersOf(asked.widths, 'Widths'),
  };
  const given = Object.entries(optional).filter(([, value]) => value !== undefined);
  const { slots, sharedHidden } = experiment.experts;
  return {
    template: costConfig(experiment, known),
    reference: referenceOf(asked, experiment, known),
    hold: asked.hold,
    target: {
      ...Object.fromEntries(given),
      shared: asked.shared === 'keep' ? sharedHidden : asked.shared,
      negated: asked.negated,
      extra: asked.extra ? slots.filter(isExtra) : [],
    },
    bounds: {
      ...{ maxExperts: MAX_SLOTS, maxSlots: MAX_SLOTS, maxWidth: 16_384, maxHidden: MAX_HIDDEN },
      widthStep: Number(asked.widthStep),
    },
  };
}

/** The settings that make the experiment what the solver found. */
export function changeOfCandidate({ config, steps }: Candidate, experiment: Experiment): Change {
  const { slots, sharedHidden } = config.experts;
  return {
    // Slots are JSON, which their interface type does not say.
    'experts.slots': slots.map((slot) => ({ ...slot })),
    ...(experiment.experts.perLayer === undefined ? {} : { 'experts.perLayer': null }),
    'experts.sharedHidden': sharedHidden,
    'router.K': config.router.K,
    'optimizer.totalSteps': steps,
  };
}
