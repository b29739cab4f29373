import { useMemo, useRef, useState } from 'react';
import { expertWidths } from '../../accounting/layerGroups.ts';
import {
  type DeviceLoad,
  type PlacementPolicy,
  type PlacementReport,
  placeExperts,
} from '../../accounting/placement.ts';
import { isOperable } from '../../state/rackStore.ts';
import { WholeNumber } from '../form/WholeNumber.tsx';
import { formatBytes, formatCompact, formatNumber, formatRatio } from '../format.ts';
import { Explain } from '../panels/Explain.tsx';
import { slotOfExpert } from '../rack/differences.ts';
import { rackSettings } from '../rack/rackView.ts';
import { useConfig, useLab, useRun } from '../useLab.tsx';
import { useLiveVersion } from '../useLive.ts';
import { type LayerUse, layerUses, type Machine, POLICIES, placements } from './simulate.ts';

const MAX_DEVICES = 64;

const EXPLANATION = {
  label: 'Experts on devices',
  meaning:
    'G simulated devices hold the FFN experts of every layer. Tokens live on the devices in contiguous shards, all alike here since only the counts per slot are known. An assignment to an expert elsewhere moves the token there and its result back; slots without matmul are on every device and move nothing. A layer takes as long as its slowest device.',
  formula:
    'bytes = 2·D·4 per moved assignment, twice that in training; time = Σ_layers max_g (FLOPs/rate + bytes/bandwidth)',
  source: 'MoDSE 3.2; MoE++',
} as const;

const POLICY_HELP: Readonly<Record<PlacementPolicy, string>> = {
  pair: 'Widest with narrowest on one device (MoDSE 3.2)',
  sequential: 'In the order of the slots',
  greedy: 'Largest first on the least loaded device',
};

type Column = keyof DeviceLoad;

const COLUMNS: readonly { name: Column; label: string; format: (value: number) => string }[] = [
  { name: 'parameters', label: 'Parameters', format: formatCompact },
  { name: 'tokens', label: 'Tokens', format: formatCompact },
  { name: 'flops', label: 'FLOPs', format: formatCompact },
  { name: 'bytes', label: 'Moved', format: formatBytes },
  { name: 'seconds', label: 'Time', format: formatTime },
];

/** 1.25 ms · 340 µs */
export function formatTime(seconds: number): string {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds >= 1) return `${formatNumber(seconds)} s`;
  if (seconds >= 1e-3) return `${(1e3 * seconds).toFixed(2)} ms`;
  return `${(1e6 * seconds).toFixed(seconds >= 1e-5 ? 0 : 2)} µs`;
}

/** Slots of the FFN experts of one device; null where layers differ. */
function slotsOfDevice(
  uses: readonly LayerUse[],
  policy: PlacementPolicy,
  devices: number,
  device: number,
): readonly number[] | null {
  const [first] = uses;
  if (first === undefined || uses.some(({ slots }) => slots !== first.slots)) return null;
  return placeExperts(expertWidths(first.slots), devices, policy).flatMap((home, expert) =>
    home === device ? [slotOfExpert(first.slots, expert)] : [],
  );
}

function DeviceTable({
  report,
  uses,
  policy,
}: {
  report: PlacementReport;
  uses: readonly LayerUse[];
  policy: PlacementPolicy;
}) {
  const { devices, imbalance } = report;
  const most = (name: Column) => Math.max(...devices.map((load) => load[name]), 1e-30);
  return (
    <div className="scroll-x">
      <table className="data placement-table">
        <thead>
          <tr>
            <th scope="col">Device</th>
            {COLUMNS.map(({ name, label }) => (
              <th key={name} scope="col" className="num">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {devices.map((load, g) => {
            const slots = slotsOfDevice(uses, policy, devices.length, g);
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: a device is its index
              <tr key={g}>
                <th scope="row" className="num">
                  {g}
                  {slots !== null && (
                    <small title="slots that it holds">{slots.join(' ') || 'none'}</small>
                  )}
                </th>
                {COLUMNS.map(({ name, format }) => (
                  <td key={name} className="num" data-load={`${name} ${g}`}>
                    {format(load[name])}
                    <span className="load-bar" aria-hidden="true">
                      <i style={{ width: `${(100 * load[name]) / most(name)}%` }} />
                    </span>
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">max / mean</th>
            {COLUMNS.map(({ name }) => (
              <td key={name} className="num" data-imbalance={name}>
                {formatRatio(imbalance[name])}
              </td>
            ))}
          </tr>
        </tfoot>
      </table>
    </div>
  );
}

/** The three policies side by side; a click chooses one. */
function PolicyTable({
  reports,
  chosen,
  choose,
}: {
  reports: Readonly<Record<PlacementPolicy, PlacementReport>>;
  chosen: PlacementPolicy;
  choose: (policy: PlacementPolicy) => void;
}) {
  return (
    <div className="scroll-x">
      <table className="data policy-table">
        <thead>
          <tr>
            <th scope="col">Placement</th>
            <th scope="col" className="num">
              FLOPs max/mean
            </th>
            <th scope="col" className="num">
              Moved
            </th>
            <th scope="col" className="num">
              Step time
            </th>
            <th scope="col" className="num">
              time / even
            </th>
          </tr>
        </thead>
        <tbody>
          {POLICIES.map((policy) => {
            const { imbalance, movedBytes, stepSeconds, evenSeconds } = reports[policy];
            return (
              <tr key={policy}>
                <th scope="row">
                  <button
                    type="button"
                    className="btn small"
                    aria-pressed={policy === chosen}
                    title={POLICY_HELP[policy]}
                    onClick={() => choose(policy)}
                  >
                    {policy}
                  </button>
                </th>
                <td className="num">{formatRatio(imbalance.flops)}</td>
                <td className="num">{formatBytes(movedBytes)}</td>
                <td className="num" data-step-time={policy}>
                  {formatTime(stepSeconds)}
                </td>
                <td className="num">{formatRatio(stepSeconds / evenSeconds)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

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
