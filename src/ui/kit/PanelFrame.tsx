import { type ReactNode, type Ref, useContext } from 'react';
import { Explain } from './Explain.tsx';
import { AboutContext, useMissing, usePlace } from './place.ts';

interface PanelFrameProps {
  ref?: Ref<HTMLElement>;
  className?: string;
  /** Beside the title: what the view is set to. */
  beside?: ReactNode;
  /** A word on what is shown: steps, units. */
  sub?: ReactNode;
  /** Buttons at the end of the head. */
  tools?: ReactNode;
  children: ReactNode;
}

/**
 * Title, explanation and tools of a view over its content; in the content's place what the view
 * lacks, where it lacks something.
 */
export function PanelFrame({ ref, className, beside, sub, tools, children }: PanelFrameProps) {
  const place = usePlace();
  const missing = useMissing(place);
  const about = useContext(AboutContext);
  const { title, heading = title } = place.row;
  return (
    <section
      ref={ref}
      className={className === undefined ? 'panel' : `panel ${className}`}
      aria-label={title}
    >
      <header>
        <h2>{about === null ? heading : <Explain about={about}>{heading}</Explain>}</h2>
        {missing === null && beside}
        {missing === null && <span className="sub num">{sub}</span>}
        {missing === null && <div className="tools">{tools}</div>}
      </header>
      <div className="content">
        {missing === null ? children : <p className="empty">{missing}</p>}
      </div>
    </section>
  );
}

/** Holds a view's place while its code loads, so that nothing moves. */
export function LoadingPlace({ rows }: { rows: number }) {
  return <div className="panel" style={{ height: `${rows * ROW_PX}px` }} aria-busy="true" />;
}

/** Height of a row of a view's place. */
const ROW_PX = 10;
