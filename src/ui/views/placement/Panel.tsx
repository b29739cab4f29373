import { useMemo, useRef, useState } from 'react';
import type { PlacementPolicy } from '../../../accounting/placement.ts';
import { isOperable } from '../../../state/rackStore.ts';
import { Explain } from '../../kit/Explain.tsx';
import { useConfig, useLab, useRun } from '../../kit/useLab.tsx';
import { useLiveVersion } from '../../kit/useLive.ts';
import { WholeNumber } from '../../kit/WholeNumber.tsx';
import { rackSettings } from '../rack/rackView.ts';
import { DeviceTable, PolicyTable } from './PlacementTables.tsx';
import { layerUses, type Machine, placements } from './simulate.ts';

const MAX_DEVICES = 64;

const EXPLANATION = {
  label: 'Experts on devices',
  meaning:
    'G simulated devices hold the FFN experts of every layer. Tokens live on the devices in contiguous shards, all alike here since only the counts per slot are known. An assignment to an expert elsewhere moves the token there and its result back; slots without matmul are on every device and move nothing. A layer takes as long as its slowest device.',
  formula:
    'bytes = 2·D·4 per moved assignment, twice that in training; time = Σ_layers max_g (FLOPs/rate + bytes/bandwidth)',
  source: 'MoDSE 3.2; MoE++',
} as const;

interface Asked {
  devices: number;
  gbytesPerSec: number;
  tflopsPerSec: number;
  pass: Machine['pass'];
}

function MachineInputs({ asked, set }: { asked: Asked; set: (values: Partial<Asked>) => void }) {
  return (
    <div className="placement-inputs">
      <span>
        Devices G
        <WholeNumber
          label="Number of devices"
          value={asked.devices}
          min={1}
          max={MAX_DEVICES}
          change={(devices) => set({ devices })}
        />
      </span>
      <span>
        Link, GB/s
        <WholeNumber
          label="Bandwidth of a device’s link in GB/s"
          value={asked.gbytesPerSec}
          min={0.001}
          max={100_000}
          isFloat
          change={(gbytesPerSec) => set({ gbytesPerSec })}
        />
      </span>
      <span>
        Rate, TFLOP/s
        <WholeNumber
          label="Rate of a device in TFLOP/s"
          value={asked.tflopsPerSec}
          min={0.001}
          max={100_000}
          isFloat
          change={(tflopsPerSec) => set({ tflopsPerSec })}
        />
      </span>
      <select
        className="select compact"
        aria-label="Work of a step"
        value={asked.pass}
        onChange={({ target }) =>
          set({ pass: target.value === 'forward' ? 'forward' : 'training' })
        }
      >
        <option value="training">training step</option>
        <option value="forward">forward only</option>
      </select>
    </div>
  );
}

/** Experts of the model on simulated devices: what each holds, computes and moves. */
export default function PlacementPanel() {
  const frame = useRef<HTMLElement>(null);
  const version = useLiveVersion(frame);
  const { run } = useLab();
  const experiment = useConfig((s) => s.experiment);
  const running = useConfig((s) => s.running);
  const isOpen = useRun((s) => isOperable(s, { running }));
  const [policy, choose] = useState<PlacementPolicy>('pair');
  const [asked, setAsked] = useState<Asked>({
    devices: 4,
    gbytesPerSec: 50,
    tflopsPerSec: 10,
    pass: 'training',
  });
  // Not subscribed to: the panel is drawn anew with every version that it shows.
  const { step } = run.getState();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the loads grow in place; version tells
  const [uses, D] = useMemo(() => {
    const settings = rackSettings(isOpen, experiment, running, step);
    return [layerUses(settings, run.getState().loads), settings.model.D] as const;
  }, [isOpen, experiment, running, step, run, version]);
  const reports = useMemo(
    () =>
      placements(D, uses, {
        devices: asked.devices,
        bytesPerSec: asked.gbytesPerSec * 1e9,
        flopsPerSec: asked.tflopsPerSec * 1e12,
        pass: asked.pass,
      }),
    [D, uses, asked],
  );
  const isMeasured = uses.length > 0 && uses.every((use) => use.isMeasured);
  return (
    <section ref={frame} className="panel" aria-label="Experts on devices">
      <header>
        <h2>
          <Explain about={EXPLANATION}>Experts on devices</Explain>
        </h2>
        <span className="sub">{isMeasured ? 'measured routing' : 'all slots alike'}</span>
      </header>
      <div className="content">
        {uses.length === 0 ? (
          <p className="empty">This model has no MoE layer.</p>
        ) : (
          <>
            <MachineInputs
              asked={asked}
              set={(values) => setAsked((old) => ({ ...old, ...values }))}
            />
            <PolicyTable reports={reports} chosen={policy} choose={choose} />
            <DeviceTable report={reports[policy]} uses={uses} policy={policy} />
          </>
        )}
      </div>
    </section>
  );
}
