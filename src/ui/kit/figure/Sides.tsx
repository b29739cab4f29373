import { type ReactNode, useContext, useMemo, useState } from 'react';
import type { RunSource } from '../../../analysis/source.ts';
import { PlaceContext } from '../place.ts';
import { RunSwatch } from '../RunSwatch.tsx';
import { LevelContext } from './context.ts';
import { SharedSpanContext, SharedSpans } from './sharedSpan.ts';
import './figure.css';

/** One of the runs that are compared. */
export interface Side {
  key: string;
  name: string;
  /** Its place in the palette of runs; its place among the sides when absent. */
  place?: number;
  /** The run itself, which is the place's run for all that stands within. */
  source?: RunSource;
}

function InPlace({ source, children }: { source: RunSource | undefined; children: ReactNode }) {
  const outer = useContext(PlaceContext);
  const place = useMemo(
    () => (outer === null || source === undefined ? outer : { ...outer, source }),
    [outer, source],
  );
  return <PlaceContext value={place}>{children}</PlaceContext>;
}

/** The figures of one run, or of two beside each other, each under its run's name. */
export function Sides<S extends Side>({
  of,
  children,
}: {
  of: readonly S[];
  children: (side: S) => ReactNode;
}) {
  const [spans] = useState(() => new SharedSpans());
  const [only] = of;
  if (only !== undefined && of.length === 1)
    return (
      <div className="figure-sides">
        <InPlace source={only.source}>{children(only)}</InPlace>
      </div>
    );
  return (
    <div className="figure-sides two">
      {of.map((side, i) => (
        <section key={side.key} className="figure-side" aria-label={side.name}>
          <h3 className="figure-side-name">
            <RunSwatch place={side.place ?? i} />
            <span title={side.name}>{side.name}</span>
          </h3>
          <LevelContext value="h4">
            <SharedSpanContext value={spans}>
              <InPlace source={side.source}>{children(side)}</InPlace>
            </SharedSpanContext>
          </LevelContext>
        </section>
      ))}
    </div>
  );
}
