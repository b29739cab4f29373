import { counted } from '../../../config/plural.ts';
import type { ProbeInterval } from '../../../state/probeInterval.ts';
import { Button } from '../../kit/Button.tsx';
import { formatCount } from '../../kit/format.ts';
import { useLab, useRun } from '../../kit/useLab.tsx';
import { WholeNumber } from '../../kit/WholeNumber.tsx';

/** How far the tasks that are asked have come. */
function Progress({ done, total }: { done: number; total: number }) {
  if (total === 0) return <span>The items are made</span>;
  return (
    <>
      <progress max={total} value={done} aria-label="Items of the probe tasks" />
      <span className="num" aria-hidden="true">
        {formatCount(done)} of {counted(total, 'item')}
      </span>
    </>
  );
}

/** Asks now, or every so many steps; one button begins and ends it, so that it keeps the focus. */
export function Controls({
  value: { every, items, seed },
  set,
}: {
  value: ProbeInterval;
  set: (part: Partial<ProbeInterval>) => void;
}) {
  const { probes } = useLab().commands;
  const probing = useRun((s) => s.probing);
  const canAsk = useRun((s) => s.report !== null && s.phase !== 'opening' && s.phase !== 'failed');
  const isAsking = probing !== null;
  return (
    <div className="probes-controls">
      <Button
        className="btn small"
        isOff={!isAsking && !canAsk}
        onClick={() => void (isAsking ? probes.cancel() : probes.ask({ items, seed }))}
      >
        {isAsking ? 'Cancel' : 'Ask now'}
      </Button>
      <div className="probes-fields">
        <span>every</span>
        <WholeNumber
          label="Steps between two times that probe tasks are asked, 0 for never"
          value={every}
          min={0}
          max={1_000_000}
          change={(steps) => set({ every: steps })}
        />
        <span>{every === 0 ? 'steps: never' : 'steps'}</span>
      </div>
      <div className="probes-fields">
        <span>items</span>
        <WholeNumber
          label="Items of each task and domain, at most"
          value={items}
          min={1}
          max={10_000}
          change={(most) => set({ items: most })}
        />
      </div>
      <div className="probes-fields">
        <span>seed</span>
        <WholeNumber
          label="Seed of the items"
          value={seed}
          min={0}
          max={2 ** 32 - 1}
          change={(next) => set({ seed: next })}
        />
      </div>
      <div className="probes-progress">{isAsking && <Progress {...probing} />}</div>
    </div>
  );
}
