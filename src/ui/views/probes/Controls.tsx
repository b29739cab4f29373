import { counted } from '../../../config/plural.ts';
import type { Side } from '../../../state/looks/looked.ts';
import type { ProbeInterval } from '../../../state/probeInterval.ts';
import type { ItemsAnswered } from '../../../worker/api.ts';
import { Button } from '../../kit/Button.tsx';
import { formatCount } from '../../kit/format.ts';
import { useInstruments, useStoredProbes } from '../../kit/instruments.ts';
import { useLab, useLibrary, useRun } from '../../kit/useLab.tsx';
import { WholeNumber } from '../../kit/WholeNumber.tsx';

/** How far the tasks that are asked have come; of a stored run under its name. */
function Progress({ name = '', done, total }: { name?: string } & ItemsAnswered) {
  const of = name && `${name}: `;
  if (total === 0) return <span>{of ? `${of}the items are made` : 'The items are made'}</span>;
  return (
    <>
      {of && <span className="probes-name">{of}</span>}
      <progress max={total} value={done} aria-label={`${of}Items of the probe tasks`} />
      <span className="num" aria-hidden="true">
        {formatCount(done)} of {counted(total, 'item')}
      </span>
    </>
  );
}

/** The live run as it is asked, and whether it can be. */
function useLiveProbes() {
  const probing = useRun((s) => s.probing);
  const canAsk = useRun((s) => s.report !== null && s.phase !== 'opening' && s.phase !== 'failed');
  return { probing, canAsk };
}

/** Whether a stored run can be asked: a checkpoint of it is there. */
export function useHasCheckpoint(side: Side | undefined): boolean {
  const id = side?.source.head.id;
  return useLibrary((s) => s.rows.some((row) => row.id === id && row.checkpoints.length > 0));
}

/**
 * Asks the sides now, or the live run every so many steps; one button begins and ends it, so that it keeps the
 * focus.
 */
export function Controls({
  sides,
  value: { every, items, seed },
  set,
}: {
  /** The run that is shown, and the one beside it. */
  sides: readonly Side[];
  value: ProbeInterval;
  set: (part: Partial<ProbeInterval>) => void;
}) {
  const { probes } = useLab().commands;
  const { storedProbes } = useInstruments();
  const { asking, problem } = useStoredProbes();
  const { probing, canAsk } = useLiveProbes();
  const isLive = sides[0]?.subject === 'live';
  const hasCheckpoint = useHasCheckpoint(sides[0]);
  const isAsking = asking !== null || (isLive && probing !== null);

  function ask(): void {
    if (isLive) void probes.ask({ items, seed });
    void storedProbes.getState().ask(sides, { items, seed });
  }
  function cancel(): void {
    if (isLive && probing !== null) void probes.cancel();
    storedProbes.getState().cancel();
  }
  return (
    <div className="probes-controls">
      <Button
        className="btn small"
        isOff={!isAsking && !(isLive ? canAsk : hasCheckpoint)}
        onClick={isAsking ? cancel : ask}
      >
        {isAsking ? 'Cancel' : 'Ask now'}
      </Button>
      {isLive && (
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
      )}
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
      <div className="probes-progress">
        {isLive && probing !== null && <Progress {...probing} />}
        {asking !== null && <Progress {...asking} />}
      </div>
      {problem !== null && (
        <p className="probes-problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
