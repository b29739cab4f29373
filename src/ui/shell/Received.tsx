import type { Receipt } from '../../links/receipt.ts';
import type { ReceivedRun, Reproduction } from '../../state/received.ts';
import { adapterName } from '../kit/adapterName.ts';
import { Button } from '../kit/Button.tsx';
import { receivedColor } from '../kit/charts/useReceivedLines.ts';
import { saveFile } from '../kit/files.ts';
import { formatBytes, formatCount, formatLoss } from '../kit/format.ts';
import { CloseIcon } from '../kit/icons.tsx';
import { ScrollX } from '../kit/ScrollX.tsx';
import { useLab, useReceived, useRun } from '../kit/useLab.tsx';
import { ReceivedConversion } from './ReceivedConversion.tsx';
import './received.css';

/** Where and on what a run was computed, in a line. */
function sourceOf({ result }: ReceivedRun): string {
  if (result === null) return 'without results';
  const { adapter, version, firstStep, lastStep } = result;
  return [
    firstStep > 1
      ? `steps ${formatCount(firstStep)} to ${formatCount(lastStep)}`
      : `${formatCount(lastStep)} steps`,
    adapter === null
      ? null
      : `${adapterName(adapter.description)}${adapter.isSoftware ? ' (software)' : ''}`,
    version === '' ? null : `version ${version}`,
    adapter === null ? null : `needs ${formatBytes(adapter.needs.total)}`,
  ]
    .filter((part) => part !== null)
    .join(' · ');
}

/** What this adapter cannot give of what a run needed; null where it can give it, or nobody knows. */
function useLack({ result }: ReceivedRun): string | null {
  const adapter = useRun((s) => s.adapter);
  const needs = result?.adapter?.needs;
  if (adapter === null || needs === undefined) return null;
  const tooLarge =
    needs.buffer > adapter.maxBufferBytes
      ? ([needs.buffer, adapter.maxBufferBytes] as const)
      : needs.binding > adapter.maxBindingBytes
        ? ([needs.binding, adapter.maxBindingBytes] as const)
        : null;
  if (tooLarge === null) return null;
  const [needed, allowed] = tooLarge;
  return `needs a buffer of ${formatBytes(needed)}; this adapter allows ${formatBytes(allowed)}`;
}

function Run({ run, i }: { run: ReceivedRun; i: number }) {
  const lab = useLab();
  const isReproducing = useReceived((s) => s.reproduction?.state === 'running');
  const lack = useLack(run);
  return (
    <li>
      <i className="swatch" style={{ color: receivedColor(i) }} />
      <b>{run.name}</b>
      <span className="muted num">{sourceOf(run)}</span>
      {lack !== null && <span className="tag warn">{lack}</span>}
      {run.result !== null && run.result.lastStep > 0 && (
        <Button
          className="btn small"
          isOff={isReproducing}
          aria-label={`Reproduce ${run.name}`}
          title="Trains it here from its start, and compares the losses with the sender’s"
          onClick={() => void lab.reproduce(i)}
        >
          Reproduce
        </Button>
      )}
      {run.training !== null && (
        <button
          type="button"
          className="btn quiet small"
          aria-label={`Keep ${run.name}`}
          title="Puts the sender’s curves and experiment into the library"
          onClick={() => void lab.keepReceived(i)}
        >
          Keep
        </button>
      )}
    </li>
  );
}

/** What is read out as a reproduction goes on. */
function statusOf(reproduction: Reproduction | null, runs: readonly ReceivedRun[]): string {
  if (reproduction === null) return '';
  const run = runs[reproduction.run];
  switch (reproduction.state) {
    case 'running':
      return `Reproducing ${run?.name ?? ''}: it trains to step ${formatCount(run?.result?.lastStep ?? 0)}.`;
    case 'ended':
      return `Not reproduced. ${reproduction.reason}`;
    case 'done':
      return reproduction.receipt.says;
  }
}

function Exact({ receipt }: { receipt: Receipt }) {
  const shown = (loss: number | null) => (loss === null ? '–' : formatLoss(loss));
  return (
    <details>
      <summary>Losses that were compared bit by bit</summary>
      <ScrollX label="Losses that were compared bit by bit">
        <table className="received-table num">
          <thead>
            <tr>
              <th scope="col">Step</th>
              <th scope="col">Sender</th>
              <th scope="col">Here</th>
              <th scope="col">Bits</th>
            </tr>
          </thead>
          <tbody>
            {receipt.exact.map(({ step, sender, here, isSame }) => (
              <tr key={step}>
                <th scope="row">{formatCount(step)}</th>
                <td>{shown(sender.loss)}</td>
                <td>{shown(here.loss)}</td>
                <td>
                  {isSame ? (
                    'same'
                  ) : (
                    <span className="tag bad">{`${sender.bits} ≠ ${here.bits}`}</span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollX>
    </details>
  );
}

function Loads({ run }: { run: ReceivedRun }) {
  const loads = run.result?.loads ?? [];
  if (loads.length === 0) return null;
  return (
    <details>
      <summary>Loads at the end of {run.name}</summary>
      <ScrollX label={`Loads at the end of ${run.name}`}>
        <table className="received-table num">
          <tbody>
            {loads.map(({ layer, shares }) => (
              <tr key={layer}>
                <th scope="row">Layer {layer}</th>
                {shares.map((share, r) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a slot is its index
                  <td key={r}>{(share / 10).toFixed(1)} %</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollX>
    </details>
  );
}

function saveReceipt(receipt: Receipt): void {
  const text = `${JSON.stringify(receipt, null, 2)}\n`;
  saveFile('switchyard-receipt.json', text, 'application/json');
}

/** What is said of no run and of one. */
const WORDS = ['Not all of the link could be read.', 'The link brought a run.'];

/** The runs that a link brought, with the way to reproduce them and what came of it. */
function Runs() {
  const { received } = useLab();
  const runs = useReceived((s) => s.runs);
  const problems = useReceived((s) => s.problems);
  const reproduction = useReceived((s) => s.reproduction);
  const receipt = reproduction?.state === 'done' ? reproduction.receipt : null;
  const status = statusOf(reproduction, runs);
  const look =
    receipt?.verdict === 'identical'
      ? 'good'
      : receipt || reproduction?.state === 'ended'
        ? 'warn'
        : '';
  return (
    <section className={`banner received ${look}`.trim()} aria-label="Runs of the link">
      <div className="text">
        <strong>{WORDS[runs.length] ?? `The link brought ${runs.length} runs.`}</strong>{' '}
        {runs.length > 0 && (
          <span className="muted">The losses that the sender had are in the chart.</span>
        )}
        <ul className="received-runs">
          {runs.map((run, i) => (
            <Run key={run.name} run={run} i={i} />
          ))}
        </ul>
        {problems.map((problem) => (
          <p key={problem}>
            <span className="tag bad">link</span> {problem}
          </p>
        ))}
        <p className="received-status" role="status">
          {status}
        </p>
        {receipt !== null && <Exact receipt={receipt} />}
        {runs.map((run) => (
          <Loads key={run.name} run={run} />
        ))}
      </div>
      <div className="actions">
        {receipt !== null && (
          <button type="button" className="btn small" onClick={() => saveReceipt(receipt)}>
            Save the receipt
          </button>
        )}
        {reproduction?.state === 'running' && (
          <button
            type="button"
            className="btn small"
            onClick={() => received.getState().set({ reproduction: null })}
          >
            Stop comparing
          </button>
        )}
        <button
          type="button"
          className="btn quiet icon small"
          aria-label="Put the runs of the link away"
          onClick={() => received.getState().dismiss()}
        >
          <CloseIcon />
        </button>
      </div>
    </section>
  );
}

/** All that a link brought besides its experiment. */
export default function Received() {
  const hasRuns = useReceived(({ runs, problems }) => runs.length + problems.length > 0);
  const conversion = useReceived((s) => s.conversion);
  return (
    <>
      {hasRuns && <Runs />}
      {conversion !== null && <ReceivedConversion {...conversion} />}
    </>
  );
}
