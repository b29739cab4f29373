/** One scale for what runs beside each other draw of the same figure: equal colours and lengths are equal numbers. */
import { createContext, useContext, useEffect, useId, useMemo, useSyncExternalStore } from 'react';
import { FigureContext } from './context.ts';

export type Span = readonly [least: number, most: number];

/** Spans of drawings by what they draw, and who draws it. */
export class SharedSpans {
  readonly #spans = new Map<string, Map<string, Span>>();
  readonly #joint = new Map<string, Span>();
  readonly #listeners = new Set<() => void>();

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The span of all that is drawn under a name; undefined before anything is. */
  jointOf(name: string): Span | undefined {
    return this.#joint.get(name);
  }

  /** Says what somebody draws, or with null that it is drawn no more. */
  put(name: string, who: string, span: Span | null): void {
    const spans = this.#spans.get(name) ?? new Map<string, Span>();
    this.#spans.set(name, spans);
    if (span === null) spans.delete(who);
    else spans.set(who, span);
    const all = [...spans.values()];
    const joint: Span = [
      Math.min(...all.map(([low]) => low)),
      Math.max(...all.map(([, top]) => top)),
    ];
    const before = this.#joint.get(name);
    if (before?.[0] === joint[0] && before[1] === joint[1]) return;
    if (all.length === 0) this.#joint.delete(name);
    else this.#joint.set(name, joint);
    for (const listener of this.#listeners) listener();
  }
}

/** Where runs stand beside each other: their spans. */
export const SharedSpanContext = createContext<SharedSpans | null>(null);

const ALONE = new SharedSpans();

/**
 * The span of a scale that is the same for the same figure of all runs beside each other.
 * @param name what is drawn
 * @param own the span of these numbers; null where the scale does not follow them
 * @returns `own` where a run stands alone
 */
export function useSharedSpan(name: string, own: Span | null): Span | null {
  const shared = useContext(SharedSpanContext);
  const who = useId();
  const [low, high] = own ?? [null, null];
  useEffect(() => {
    if (shared === null || low === null || high === null) return;
    shared.put(name, who, [low, high]);
    return () => shared.put(name, who, null);
  }, [shared, name, who, low, high]);
  const spans = shared ?? ALONE;
  const joint = useSyncExternalStore(spans.subscribe, () => spans.jointOf(name));
  return own === null ? null : (joint ?? own);
}

/**
 * The span of an axis of a figure, the same for the runs beside each other.
 * @param what which axis of which drawing, as a figure has several
 * @param own least and most of this drawing's axis
 */
export function useAxisSpan(what: string, own: Span): Span {
  const { title } = useContext(FigureContext);
  const [low, high] = useSharedSpan(`${title}, ${what}`, own) ?? own;
  return useMemo(() => [low, high], [low, high]);
}
