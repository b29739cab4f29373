/** An experiment of the same mechanism at another size. Weights cannot be scaled; settings can. */
import type { Experiment, Slot } from '../../config/experiment.ts';

export interface Size {
  /** Times widths, heads and hidden widths; the width of a head stays. */
  factor: number;
  /** Layers; null: as many as there are. */
  layers: number | null;
}

/** @throws RangeError for layers that are named one by one, which more layers have no rule for */
function deepened(experiment: Experiment, L: number): Experiment {
  const { model, router, experts } = experiment;
  const named = [
    typeof model.arrangement === 'string' ? null : 'model.arrangement',
    router.policy === null ? null : 'router.policy',
    experts.perLayer === undefined ? null : 'experts.perLayer',
  ].filter((path) => path !== null);
  if (L !== model.L && named.length > 0)
    throw new RangeError(
      `--layers ${L}: ${named.join(' and ')} ${named.length === 1 ? 'names' : 'name'} layers one by one, of ${model.L}`,
    );
  return { ...experiment, model: { ...model, L } };
}

/**
 * The experiment with its widths times a factor and another number of layers, at its start: without events.
 * @throws RangeError for a width that would not be whole, and for layers that cannot be added
 */
export function widened(experiment: Experiment, { factor, layers }: Size): Experiment {
  const times = (path: string, value: number): number => {
    const wide = value * factor;
    if (Number.isInteger(wide) && wide >= Math.min(value, 1)) return wide;
    throw new RangeError(
      `--scale ${factor}: ${path} is ${value} and would be ${wide}; whole numbers are needed`,
    );
  };
  const slots = (path: string, from: readonly Slot[]): Slot[] =>
    from.map((slot, i) =>
      slot.kind === 'ffn' ? { ...slot, hidden: times(`${path}.${i}.hidden`, slot.hidden) } : slot,
    );
  const { model, experts } = experiment;
  const { perLayer } = experts;
  const wide: Experiment = {
    ...experiment,
    model: {
      ...model,
      D: times('model.D', model.D),
      H: times('model.H', model.H),
      Hkv: times('model.Hkv', model.Hkv),
      denseHidden: times('model.denseHidden', model.denseHidden),
    },
    experts: {
      slots: slots('experts.slots', experts.slots),
      sharedHidden: times('experts.sharedHidden', experts.sharedHidden),
      ...(perLayer && {
        perLayer: Object.fromEntries(
          Object.entries(perLayer).map(([l, own]) => [l, slots(`experts.perLayer.${l}`, own)]),
        ),
      }),
    },
    events: [],
  };
  return deepened(wide, layers ?? model.L);
}
