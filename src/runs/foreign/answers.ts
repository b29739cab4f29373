/** What a person tells of a checkpoint without an experiment, and what comes of it and of its shapes. */
import { checkConstraints } from '../../config/constraints.ts';
import { applyChange } from '../../config/edit.ts';
import type { Experiment, Slot, TokenizerConfig } from '../../config/experiment.ts';
import { slotsOfLayer } from '../../config/layers.ts';
import { counted, listed } from '../../config/plural.ts';
import { settingAt } from '../../config/schema.ts';
import type { Told } from './shapes.ts';

/** A checkpoint without an experiment, its tensors aside. */
export interface Foreign extends Told {
  /** Steps taken, where the file tells; else 0. */
  step: number;
  hasMoments: boolean;
  parameters: number;
}

const BYTE_ENTRIES = 256;
const MAX_BPE = 4096;

/** Settings that shapes do not tell, by their paths. */
export function askedOf({ headWidth, otherSlots, known }: Told): string[] {
  const hasMoe = known['model.arrangement'] !== 'dense';
  return [
    'tokenizer.kind',
    ...(headWidth === null ? ['model.H'] : []),
    'model.positions',
    ...(otherSlots === null ? [] : ['experts.slots']),
    ...(hasMoe ? ['router.selection', 'router.K', 'router.P', 'router.q', 'router.gate'] : []),
    'batch.B',
    'batch.S',
  ];
}

/** Slots of a layer in an order that is likely: FFN experts, constants, then the rest as null slots. */
export function likelySlots({ ffn, otherSlots }: Foreign): Slot[] {
  const { count = 0, constants = 0 } = otherSlots ?? {};
  return [
    ...ffn.map((hidden): Slot => ({ kind: 'ffn', hidden })),
    ...Array.from({ length: constants }, (): Slot => ({ kind: 'constant' })),
    ...Array.from({ length: count - constants }, (): Slot => ({ kind: 'zero' })),
  ];
}

/** Numbers of heads that the shapes allow. */
export function headsOf({ D, keyRows, headWidth }: Told): number[] {
  const all = Array.from({ length: Math.min(D, 128) }, (_, i) => i + 1);
  return all.filter((H) => {
    const Dh = D / H;
    const Hkv = keyRows / Dh;
    const fits = Number.isInteger(Dh) && Number.isInteger(Hkv) && H % Hkv === 0;
    return fits && (headWidth === null || headWidth === Dh);
  });
}

/**
 * Tokenizers whose entries a vocabulary could be, the likeliest first.
 * @throws RangeError with the reason where there is none
 */
export function tokenizersFor(V: number): TokenizerConfig['kind'][] {
  if (V > MAX_BPE)
    throw new RangeError(
      `no tokenizer here reads its ${counted(V, 'entry', 'entries')}: bytes have ${BYTE_ENTRIES}, byte pairs at most ${MAX_BPE.toLocaleString('en')}, and characters as many as the text has`,
    );
  if (V < BYTE_ENTRIES) return ['chars'];
  return V === BYTE_ENTRIES ? ['bytes', 'chars'] : ['bpe', 'bytes', 'chars'];
}

/** Heads of keys and values that go with so many heads. @throws RangeError where none do */
function keyHeads(foreign: Foreign, H: number): number {
  const possible = headsOf(foreign);
  if (!possible.includes(H))
    throw new RangeError(
      `H = ${H} heads do not fit D = ${foreign.D} and keys of ${foreign.keyRows}; ${possible.length === 0 ? 'no number does' : `those that do: ${listed(possible.map(String), ', ')}`}`,
    );
  return (foreign.keyRows * H) / foreign.D;
}

/** @throws RangeError for an expert space of other experts than the tensors are of */
function checkSlots({ ffn, otherSlots }: Foreign, { experts }: Experiment): void {
  if (otherSlots === null) return;
  const { count, constants, layer } = otherSlots;
  const slots = slotsOfLayer(experts, layer);
  const widths = slots.flatMap((slot) => (slot.kind === 'ffn' ? [slot.hidden] : []));
  const constant = slots.filter(({ kind }) => kind === 'constant').length;
  const isSame = widths.join() === ffn.join() && constant === constants;
  if (isSame && slots.length === ffn.length + count) return;
  throw new RangeError(
    `layer ${layer} has ${counted(ffn.length + count, 'slot')}, among them FFN experts of the widths ${listed(ffn.map(String), ', ') || 'none'} and ${counted(constants, 'constant expert')}; the expert space given has ${counted(slots.length, 'slot')}, the widths ${listed(widths.map(String), ', ') || 'none'} and ${counted(constant, 'constant expert')}`,
  );
}

/**
 * An experiment with what the shapes tell in the place of its own settings, from its start.
 * @param answers settings that the shapes do not tell; all others are its own too
 * @throws RangeError, as the end of a sentence, for what the shapes do not allow
 */
export function completed(foreign: Foreign, answers: Experiment): Experiment {
  const { D, V, headWidth } = foreign;
  const { kind, size } = answers.tokenizer;
  // As many characters as that a text may have; whether it has is seen when it is read.
  if (kind !== 'chars') tokenizersFor(V);
  const H = headWidth === null ? answers.model.H : D / headWidth;
  const experiment = applyChange(
    { ...answers, events: [] },
    {
      ...foreign.known,
      'model.H': H,
      'model.Hkv': keyHeads(foreign, H),
      'tokenizer.size': kind === 'bpe' ? Math.min(size, V) : size,
    },
  );
  checkSlots(foreign, experiment);
  const told = new Set([...Object.keys(foreign.known), 'model.H', 'model.Hkv']);
  const wrong = checkConstraints(experiment).filter(({ severity }) => severity === 'error');
  if (wrong.length > 0) {
    const named = wrong.map(({ path, message }) =>
      told.has(path) ? message : `${settingAt(path)?.label ?? path}: ${message}`,
    );
    throw new RangeError(listed(named));
  }
  return experiment;
}

/** What the shapes told, in one line. */
export function described({ known, parameters, D, keyRows }: Foreign): string {
  const value = (path: string) => known[path];
  const parts = [
    `V = ${value('model.V')}`,
    `D = ${D}`,
    `L = ${value('model.L')}`,
    `keys of ${keyRows}`,
    `${Array.isArray(value('model.arrangement')) ? `MoE layers ${value('model.arrangement')}` : value('model.arrangement')}`,
    value('model.tied') === true ? 'head tied' : 'head of its own',
    ...(value('model.denseHidden') === undefined ? [] : [`F = ${value('model.denseHidden')}`]),
  ];
  return `${counted(parameters, 'parameter')}; ${parts.join(', ')}`;
}
