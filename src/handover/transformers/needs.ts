/** What a class of `transformers` asks of an experiment, setting by setting. */
import { getPath } from '../../config/edit.ts';
import type { EngineConfig, Experiment, Slot } from '../../config/experiment.ts';
import { isMoeLayer, slotsOfLayer } from '../../config/layers.ts';

/** The settings in force at the hand-over, and what the engine is built from. */
export interface Subject {
  settings: Experiment;
  config: EngineConfig;
}

/** A setting that a class fixes, or ties to others. */
export interface Need {
  path: string;
  /** What the class needs, as it follows "needs". */
  needs: string;
  holds(subject: Subject): boolean;
  /** The value where it is not the setting's own. */
  value?(subject: Subject): string;
}

/** Layers with a router, in order. */
export function moeLayers({ model }: EngineConfig): number[] {
  return Array.from({ length: model.L }, (_, l) => l).filter((l) => isMoeLayer(model, l));
}

/** R and the width of all experts, where every MoE layer has the same and nothing else; null elsewhere. */
export function evenExperts(config: EngineConfig): { R: number; hidden: number } | null {
  const spaces = moeLayers(config).map((l) => slotsOfLayer(config.experts, l));
  const [first] = spaces[0] ?? [];
  if (first?.kind !== 'ffn') return null;
  const R = spaces[0]?.length ?? 0;
  const isEven = spaces.every(
    (slots) =>
      slots.length === R &&
      slots.every((slot) => slot.kind === 'ffn' && slot.hidden === first.hidden),
  );
  return isEven ? { R, hidden: first.hidden } : null;
}

const slotText = (slot: Slot) =>
  slot.kind === 'ffn' ? `ffn of width ${slot.hidden}` : `${slot.kind}`;

/** "layer 0: 8 × ffn of width 256, 2 × zero"; layers that are alike stand together. */
function spacesText({ config }: Subject): string {
  const layersOf = new Map<string, number[]>();
  for (const l of moeLayers(config)) {
    const counts = new Map<string, number>();
    for (const slot of slotsOfLayer(config.experts, l))
      counts.set(slotText(slot), (counts.get(slotText(slot)) ?? 0) + 1);
    const text = [...counts].map(([kind, n]) => `${n} × ${kind}`).join(', ');
    layersOf.set(text, [...(layersOf.get(text) ?? []), l]);
  }
  const spaces = [...layersOf];
  if (spaces.length === 1) return spaces[0]?.[0] ?? '';
  return spaces.map(([text, layers]) => `layers ${layers.join(', ')}: ${text}`).join('; ');
}

/** A setting that has to be one of some values. */
export function oneOf(
  path: string,
  ...values: readonly (string | number | boolean | null)[]
): Need {
  const words = values.map((value) => JSON.stringify(value)).join(' or ');
  return {
    path,
    needs: words,
    holds: ({ settings }) => values.some((value) => value === (getPath(settings, path) ?? null)),
  };
}

/** Of every class: rotary positions, and no norm of keys alone. */
export const ATTENTION: readonly Need[] = [
  oneOf('model.positions', 'rope'),
  oneOf('model.keyNorm', false),
];

const even: Need = {
  path: 'experts.slots',
  needs: 'the same number of FFN experts of one width in every MoE layer, and no other slots',
  holds: ({ config }) => evenExperts(config) !== null,
  value: spacesText,
};

/** Of every class with experts: the K best of equal ones, by logits of one linear map, with nothing dropped. */
export const ROUTING: readonly Need[] = [
  oneOf('router.selection', 'topk'),
  oneOf('router.bias', false),
  oneOf('router.noise', false),
  oneOf('router.gatingResidual', false),
  {
    path: 'evaluation.capacity',
    needs: 'false, since it drops nothing',
    holds: ({ settings: { router, evaluation } }) =>
      router.capacity === null || !evaluation.capacity,
  },
  {
    path: 'router.pool',
    needs: 'null, or no pool in evaluation',
    holds: ({ config: { router } }) => router.pool === null || router.pool.evaluation === null,
  },
  even,
];

/** Of a router whose scores are a softmax and choose by themselves. */
export const SOFTMAX: readonly Need[] = [
  oneOf('router.score', 'softmax'),
  oneOf('router.routeScale', 1),
  oneOf('router.biasRule', null),
];

/** Among FFN experts alone these gates are the same. */
export const RENORMALIZED = ['renormalized', 'renormalizedWithoutZero', 'renormalizedWithNull'];

export function hasMoe(
  needs: string,
  isAllowed: (layers: readonly number[], L: number) => boolean,
): Need {
  return {
    path: 'model.arrangement',
    needs,
    holds: ({ config }) => isAllowed(moeLayers(config), config.model.L),
  };
}

/** What stands in a class's way, one sentence for each setting; empty where nothing does. */
export function obstacles(needs: readonly Need[], name: string, subject: Subject): string[] {
  return needs
    .filter((need) => !need.holds(subject))
    .map(({ path, needs: wanted, value }) => {
      const now = value?.(subject) ?? JSON.stringify(getPath(subject.settings, path) ?? null);
      return `${path} is ${now}; ${name} needs ${wanted}`;
    });
}
