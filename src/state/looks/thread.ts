/** Inspections and the figures that are computed of them, wherever that happens. */
import type { FigureInputs } from '../../analysis/figures/figure.ts';
import {
  type FigureRequest,
  type FigureValues,
  figureValues,
  passesOf,
} from '../../analysis/figures.ts';
import type { Inspection, Intervention } from '../../analysis/inspection.ts';

/** What figures know of an inspection beside itself. */
export type Held = Pick<FigureInputs, 'tau' | 'capacity' | 'texts'> & { inspection: Inspection };

/** The values of a request, or why there are none. */
export type Outcome = { result: FigureValues; refusal: null } | { result: null; refusal: string };

export interface FiguresThread {
  /** Takes the place of what was held under the name; its texts stay where none are given. */
  hold(name: string, held: Held): Promise<void>;
  drop(name: string): Promise<void>;
  /** Figures of one inspection; `other` is that of the same tokens under another model. */
  compute(
    name: string,
    other: string | null,
    requests: readonly FigureRequest[],
  ): Promise<Outcome[]>;
  /** Passes with interventions that a request needs the losses of. */
  passes(name: string, request: FigureRequest): Promise<readonly (readonly Intervention[])[]>;
  /** The values of a request once its passes were made. @throws RangeError for what is refused */
  finish(
    name: string,
    request: FigureRequest,
    losses: readonly Float32Array[],
  ): Promise<FigureValues>;
}

function slotsDiffer(a: Inspection, b: Inspection): boolean {
  const slots = ({ layers }: Inspection) =>
    layers.map(({ layer, kinds }) => `${layer}:${kinds.length}`).join();
  return slots(a) !== slots(b);
}

function tokensDiffer(a: Inspection, b: Inspection): boolean {
  return a.tokens.length !== b.tokens.length || a.tokens.some((id, u) => id !== b.tokens[u]);
}

/** Why a request cannot be answered; null where it can. */
function refusalOf(request: FigureRequest, inputs: FigureInputs): string | null {
  const { inspection, baseline, reference, tau = 0 } = inputs;
  switch (request.figure) {
    case 'difficult':
      return baseline === undefined ? 'Choose a run to compare with: it is the baseline.' : null;
    case 'saturation':
      if (baseline === undefined)
        return 'Choose a run or an earlier checkpoint to compare with: it is the reference.';
      return reference === undefined ? 'The other model has other slots.' : null;
    case 'load':
      return request.weights === 'tau' && !(tau > 0)
        ? 'The ideal loads of τ need τ above 0.'
        : null;
    default:
      return inspection.ce.length === 0 ? 'Nothing was inspected.' : null;
  }
}

/** @throws Error for a name that nothing is held under */
export function createFiguresThread(): FiguresThread {
  const all = new Map<string, Held>();

  function heldAs(name: string): Held {
    const held = all.get(name);
    if (held === undefined) throw new Error(`No inspection is held as "${name}".`);
    return held;
  }

  function inputsOf(name: string, other: string | null): FigureInputs {
    const held = heldAs(name);
    const second = other === null ? undefined : all.get(other)?.inspection;
    if (second === undefined || tokensDiffer(held.inspection, second)) return held;
    const isSame = !slotsDiffer(held.inspection, second);
    return { ...held, baseline: second, ...(isSame ? { reference: second } : {}) };
  }

  return {
    async hold(name, held) {
      const { texts = all.get(name)?.texts, ...rest } = held;
      all.set(name, { ...rest, ...(texts === undefined ? {} : { texts }) });
    },
    async drop(name) {
      all.delete(name);
    },
    async compute(name, other, requests) {
      const inputs = inputsOf(name, other);
      return requests.map((request): Outcome => {
        const refusal = refusalOf(request, inputs);
        if (refusal !== null) return { result: null, refusal };
        try {
          return { result: figureValues(request, inputs), refusal: null };
        } catch (error) {
          // One that cannot be answered leaves the others theirs.
          if (!(error instanceof RangeError)) throw error;
          return { result: null, refusal: error.message };
        }
      });
    },
    passes: async (name, request) => passesOf(request, heldAs(name)),
    finish: async (name, request, losses) => figureValues(request, { ...heldAs(name), losses }),
  };
}
