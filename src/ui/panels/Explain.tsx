import { Popover } from 'radix-ui';
import type { ReactNode } from 'react';

export interface Explanation {
  label: string;
  meaning: string;
  formula?: string | undefined;
  source?: string | undefined;
  /** More rows: name and value. */
  facts?: readonly (readonly [name: string, value: string])[];
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
  return (
    <Popover.Root>
      <Popover.Trigger className={className ?? 'explain'} aria-label={`${about.label}: explain`}>
        {children}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="pop" sideOffset={6} collisionPadding={10}>
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
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
