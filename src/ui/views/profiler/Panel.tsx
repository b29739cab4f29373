import { useMemo, useState } from 'react';
import { useStore } from 'zustand';
import { counted } from '../../../config/plural.ts';
import type { Profile, ProfilerValues } from '../../../state/profiler.ts';
import { Button } from '../../kit/Button.tsx';
import type { Explanation } from '../../kit/explanation.ts';
import { saveFile } from '../../kit/files.ts';
import { formatCount, formatSeconds, formatSi } from '../../kit/format.ts';
import { DownloadIcon } from '../../kit/icons.tsx';
import { Menu } from '../../kit/Menu.tsx';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { useLab, useRun } from '../../kit/useLab.tsx';
import { DeviceBenchmark } from './DeviceBenchmark.tsx';
import { ExpertTable } from './ExpertTable.tsx';
import { memoryOf, phasesOf, profileCsv } from './figures.ts';
import { KernelTable } from './KernelTable.tsx';
import { MemoryTable } from './MemoryTable.tsx';
import { Summary } from './Summary.tsx';
import './profiler.css';

const STEPS = [5, 20, 100] as const;

function useProfiler<T>(select: (state: ProfilerValues) => T): T {
  return useStore(useLab().commands.profiler.store, select);
}

/** How far the profile under way has come. */
function Progress({ steps, from }: { steps: number; from: number }) {
  const total = 2 * steps;
  const taken = useRun((s) => Math.max(0, Math.min(total, s.step - from)));
  const isOpening = useRun((s) => s.phase === 'opening');
  return (
    <>
      <progress max={total} value={taken} aria-label="Steps of the profile" />
      <span className="num" aria-hidden="true">
        {isOpening ? 'The run opens' : `${formatCount(taken)} of ${counted(total, 'step')}`}
      </span>
    </>
  );
}

/** Why no profile can be taken now; null where one can. */
function useObstacle(): string | null {
  const phase = useRun((s) => s.phase);
  const hasGpu = useRun((s) => s.adapter !== null);
  if (!hasGpu) return 'There is no adapter';
  if (phase === 'opening') return 'The run opens';
  return phase === 'finished' ? 'The run is finished: no step is left to time' : null;
}

/** One button that begins and ends a profile, so that it keeps the focus. */
function Controls({ taking }: { taking: ProfilerValues['taking'] }) {
  const { profiler } = useLab().commands;
  const [steps, setSteps] = useState<number>(20);
  const obstacle = useObstacle();
  const isTaking = taking !== null;
  return (
    <div className="profiler-controls">
      <Button
        className="btn small"
        isOff={!isTaking && obstacle !== null}
        title={
          isTaking ? 'Shows what was timed so far' : (obstacle ?? 'The run trains on meanwhile')
        }
        onClick={() => void (isTaking ? profiler.stop() : profiler.start(steps))}
      >
        {isTaking ? 'Stop' : `Profile ${counted(steps, 'step')}`}
      </Button>
      {isTaking ? (
        <Progress {...taking} />
      ) : (
        <>
          <select
            className="select compact"
            aria-label="Steps to time"
            value={steps}
            onChange={({ target }) => setSteps(Number(target.value))}
          >
            {STEPS.map((n) => (
              <option key={n} value={n}>
                {n}
              </option>
            ))}
          </select>
          {obstacle !== null && <span className="note">{obstacle}.</span>}
        </>
      )}
    </div>
  );
}

function ExportMenu({ profile }: { profile: Profile | null }) {
  const save = (extension: 'csv' | 'json') => {
    if (profile === null) return;
    const { report } = profile;
    const name = `switchyard-profile-step${report.lastStep}.${extension}`;
    if (extension === 'csv') saveFile(name, profileCsv(report), 'text/csv');
    else saveFile(name, `${JSON.stringify(report, null, 2)}\n`, 'application/json');
  };
  return (
    <Menu
      className="btn quiet icon small"
      label="Export the profile"
      disabled={profile === null}
      rows={() => [
        { label: 'CSV, every kernel by layer', onSelect: () => save('csv') },
        { label: 'JSON, with experts and buffers', onSelect: () => save('json') },
      ]}
    >
      <DownloadIcon />
    </Menu>
  );
}

function Result({ profile }: { profile: Profile }) {
  const { report, estimate } = profile;
  const { speed } = report;
  const phases = useMemo(() => phasesOf(report), [report]);
  const memory = useMemo(() => memoryOf(report, estimate), [report, estimate]);
  return (
    <>
      <Summary report={report} />
      <KernelTable phases={phases} />
      <p className="note">
        Limits, the best that was measured here: a matrix product of 512³ at{' '}
        {formatSi(speed.gflopsPerSec * 1e9, 'FLOP/s')}, a copy at{' '}
        {formatSi(speed.gbytesPerSec * 1e9, 'B/s')}; a kernel with nothing to do takes{' '}
        {formatSeconds(speed.dispatchSeconds)}.
      </p>
      <div className="profiler-parts">
        <ExpertTable report={report} />
        <MemoryTable figures={memory} />
      </div>
    </>
  );
}

export const about: Explanation = {
  label: 'Profiler',
  meaning:
    'Trains on, with every kernel of every other step in a compute pass of its own between two GPU timestamps; the ordinary steps between them tell the time of a whole step. The losses stay the same bit for bit. Otherwise nothing is timed, and a step stays one pass and one submit.',
};

/** Where a training step's time and memory go: per kernel, per expert, by use. */
export default function ProfilerPanel() {
  const taking = useProfiler((s) => s.taking);
  const profile = useProfiler((s) => s.profile);
  const failure = useProfiler((s) => s.failure);
  const runId = useRun((s) => s.report?.runId ?? null);
  return (
    <PanelFrame
      className="profiler"
      sub={
        <>
          {profile !== null &&
            `steps ${formatCount(profile.report.firstStep)}–${formatCount(profile.report.lastStep)}`}
          {profile !== null && profile.runId !== runId && ' of an earlier run'}
        </>
      }
      tools={<ExportMenu profile={profile} />}
    >
      <Controls taking={taking} />
      <div aria-live="polite" aria-busy={taking !== null}>
        {failure !== null && (
          <p className="profiler-failure" role="alert">
            {failure.message}
          </p>
        )}
        {taking === null && profile !== null && (
          <p className="visually-hidden">
            Profile of {counted(profile.report.steps, 'step')} is ready.
          </p>
        )}
      </div>
      {profile === null ? (
        <p className="empty">
          Where does a step’s time go? A profile times every kernel of some steps, and the run
          trains on as if nothing were timed.
        </p>
      ) : (
        <Result profile={profile} />
      )}
      <DeviceBenchmark />
    </PanelFrame>
  );
}
