import { useMemo, useRef } from 'react';
import { isOperable } from '../../../state/rackStore.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { settingsShown } from '../../kit/settingsShown.ts';
import { useConfig, useRun } from '../../kit/useLab.tsx';
import { useLiveVersion } from '../../kit/useLive.ts';
import { WholeNumber } from '../../kit/WholeNumber.tsx';
import type { ViewProps } from '../view.ts';
import { type Asked, MAX_DEVICES } from './asked.ts';
import { DeviceTable, PolicyTable } from './PlacementTables.tsx';
import { layerUses, placements } from './simulate.ts';
import './placement.css';

function MachineInputs({ asked, set }: { asked: Asked; set: (values: Partial<Asked>) => void }) {
  return (
    <div className="panel-fields">
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

export const about: Explanation = {
  label: 'Experts on devices',
  meaning:
    'G simulated devices hold the FFN experts of every layer. Tokens live on the devices in contiguous shards, all alike here since only the counts per slot are known. An assignment to an expert elsewhere moves the token there and its result back; slots without matmul are on every device and move nothing. A layer takes as long as its slowest device.',
  formula:
    'bytes = 2·D·4 per moved assignment, twice that in training; time = Σ_layers max_g (FLOPs/rate + bytes/bandwidth)',
  source: 'MoDSE 3.2; MoE++',
};

/** Experts of the model on simulated devices: what each holds, computes and moves. */
export default function PlacementPanel({ source, value: asked, set }: ViewProps<Asked>) {
  const frame = useRef<HTMLElement>(null);
  const version = useLiveVersion(frame);
  const experiment = useConfig((s) => s.experiment);
  const running = useConfig((s) => s.running);
  const isOpen = useRun((s) => isOperable(s, { running }));
  const { policy } = asked;
  // Not subscribed to: the panel is drawn anew with every version that it shows.
  const { step } = source;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the loads grow in place; version tells
  const [uses, D] = useMemo(() => {
    const settings = settingsShown(isOpen, experiment, running, step);
    return [layerUses(settings, source), settings.model.D] as const;
  }, [isOpen, experiment, running, step, source, version]);
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
    <PanelFrame
      ref={frame}
      className="placement"
      sub={isMeasured ? 'measured routing' : 'all slots alike'}
    >
      <MachineInputs asked={asked} set={set} />
      <PolicyTable reports={reports} chosen={policy} choose={(policy) => set({ policy })} />
      <DeviceTable report={reports[policy]} uses={uses} policy={policy} />
    </PanelFrame>
  );
}
