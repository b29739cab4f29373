import type { ReactNode } from 'react';
import type { Explanation } from './explanation.ts';
import { Pop } from './Pop.tsx';

function Explained({ about }: { about: Explanation }) {
  return (
    <>
      <h3>{about.label}</h3>
      <p>{about.meaning}</p>
      {about.formula !== undefined && <p className="formula">{about.formula}</p>}
      <dl>
        {about.source !== undefined && (
          <>
            <dt>Source</dt>
            <dd>{about.source}</dd>
          </>
        )}
        {about.facts?.map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}

/** A word that opens its formula and meaning. */
export function Explain({
  about,
  children,
  className,
}: {
  about: Explanation;
  children: ReactNode;
  className?: string;
}) {
  const isMark = children === '?';
  const shown = typeof children === 'string' && !isMark ? children : undefined;
  return (
    <Pop
      className={className ?? (isMark ? 'explain mark' : 'explain')}
      // What is read must be in the name, so that it can be said to press it.
      label={`${shown ?? about.label}: explain`}
      boxLabel={about.label}
      contentClassName="pop"
      content={() => <Explained about={about} />}
    >
      {children}
    </Pop>
  );
}
