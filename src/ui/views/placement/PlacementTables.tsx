import {
  type DeviceLoad,
  type PlacementPolicy,
  type PlacementReport,
  placeExperts,
} from '../../../accounting/placement.ts';
import { expertWidths } from '../../../config/slots.ts';
import { slotOfExpert } from '../../kit/differences.ts';
import {
  formatBytes,
  formatCompact,
  formatFixed,
  formatNumber,
  formatRatio,
} from '../../kit/format.ts';
import { ScrollX } from '../../kit/ScrollX.tsx';
import { type LayerUse, POLICIES } from './simulate.ts';

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
  if (seconds >= 1e-3) return `${formatFixed(1e3 * seconds, 2)} ms`;
  return `${formatFixed(1e6 * seconds, seconds >= 1e-5 ? 0 : 2)} µs`;
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

/** What every device holds, computes and moves. */
export function DeviceTable({
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
    <ScrollX label="What each device does">
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
    </ScrollX>
  );
}

/** The three policies side by side; a click chooses one. */
export function PolicyTable({
  reports,
  chosen,
  choose,
}: {
  reports: Readonly<Record<PlacementPolicy, PlacementReport>>;
  chosen: PlacementPolicy;
  choose: (policy: PlacementPolicy) => void;
}) {
  return (
    <ScrollX label="Placements compared">
      <table className="data placement-policies">
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
    </ScrollX>
  );
}
