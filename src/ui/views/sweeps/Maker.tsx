import { useId, useMemo } from 'react';
import { getPath } from '../../../config/edit.ts';
import { parseJson } from '../../../config/json.ts';
import { encodeSealed } from '../../../config/permalink.ts';
import { counted } from '../../../config/plural.ts';
import { MAX_SWEEP_RUNS, type Sweep } from '../../../recipes/sweep.ts';
import {
  baseOf,
  newAxis,
  planOfFile,
  runCount,
  SWEPT,
  type SweepPlan,
  sweepOf,
} from '../../../state/papers/sweepPlan.ts';
import { encodeView } from '../../../state/viewLink.ts';
import { addressWith } from '../../kit/address.ts';
import { askForFile, saveFile } from '../../kit/files.ts';
import { type Estimated, estimateText, StartWork, useEstimate } from '../../kit/StartWork.tsx';
import { useConfig, useLab } from '../../kit/useLab.tsx';
import { AxisEditor, wrongProps } from './AxisEditor.tsx';

interface MakerProps {
  plan: SweepPlan;
  change: (part: Partial<SweepPlan>) => void;
}

/** The settings that can be varied, by their groups' order; one that is chosen becomes an axis. */
function AddAxis({ plan, change }: MakerProps) {
  const { config } = useLab();
  const used = plan.axes.map(({ path }) => path);
  return (
    <select
      className="select compact"
      aria-label="Setting to vary"
      value=""
      onChange={({ target: { value } }) => {
        const setting = SWEPT.find(({ path }) => path === value);
        if (setting === undefined) return;
        const base = baseOf(plan, config.getState().experiment);
        const axis = newAxis(setting, getPath(base, setting.path) ?? null);
        change({ axes: [...plan.axes, axis] });
      }}
    >
      <option value="">Vary a setting…</option>
      {SWEPT.filter(({ path }) => !used.includes(path)).map(({ path, label, symbol, key }) => (
        <option key={path} value={path}>
          {label}
          {symbol === undefined ? '' : ` ${symbol}`} ({key})
        </option>
      ))}
    </select>
  );
}

function Wrong({ message, id }: { message: string | undefined; id: string }) {
  if (message === undefined) return null;
  return (
    <p id={id} className="field-error" role="alert">
      {message}
    </p>
  );
}

function Length({ plan, change, wrong }: MakerProps & { wrong: object }) {
  const id = useId();
  return (
    <span className="sweeps-field">
      <label htmlFor={id}>Length of a run</label>
      <input
        id={id}
        className="input num"
        inputMode="decimal"
        {...wrong}
        value={plan.amount}
        onChange={(event) => change({ amount: event.target.value })}
      />
      <select
        className="select compact"
        aria-label="Unit of the length"
        value={plan.of}
        onChange={({ target: { value } }) =>
          change({ of: value === 'tokens' || value === 'compute' ? value : 'steps' })
        }
      >
        <option value="steps">steps</option>
        <option value="tokens">tokens</option>
        <option value="compute">FLOPs of training</option>
      </select>
    </span>
  );
}

function fileName({ name = '' }: Pick<Sweep, 'name'>): string {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
  return `switchyard-sweep${plain === '' ? '' : `-${plain}`}.json`;
}

/** What is swept, as file and as link; and a sweep of a file. */
function Files({ change, sweep }: Pick<MakerProps, 'change'> & { sweep: Sweep | null }) {
  const { view, config } = useLab();
  const say = view.getState().say;
  async function open(): Promise<void> {
    const file = await askForFile('.json,application/json');
    if (file === null) return;
    try {
      change(planOfFile(file.name, parseJson(await file.text())));
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  }
  async function copy(): Promise<void> {
    const shown = view.getState();
    const link = encodeSealed(config.getState().experiment, encodeView(shown, shown.fields));
    try {
      await navigator.clipboard.writeText(addressWith(link));
      say('Link of the sweep copied.');
    } catch (error) {
      say(`The link was not copied: ${String(error)}`);
    }
  }
  return (
    <span className="sweeps-files">
      <button type="button" className="btn quiet small" onClick={() => void open()}>
        Open…
      </button>
      <button
        type="button"
        className="btn quiet small"
        disabled={sweep === null}
        title="For this page, and for npm run sweep"
        onClick={() => {
          if (sweep !== null)
            saveFile(fileName(sweep), `${JSON.stringify(sweep, null, 2)}\n`, 'application/json');
        }}
      >
        Save
      </button>
      <button
        type="button"
        className="btn quiet small"
        disabled={sweep === null}
        onClick={() => void copy()}
      >
        Copy link
      </button>
    </span>
  );
}

function Base({ plan, change }: MakerProps) {
  const { commands, config } = useLab();
  if (plan.base === '')
    return <p className="muted sweeps-base">Everything else is as the settings are.</p>;
  return (
    <p className="muted sweeps-base">
      Everything else is as in the sweep that was opened.{' '}
      <button type="button" className="link-btn" onClick={() => change({ base: '' })}>
        Use the settings instead
      </button>{' '}
      <button
        type="button"
        className="link-btn"
        onClick={() => {
          const base = baseOf(plan, config.getState().experiment);
          void commands.load(base, [], 'The experiment of the sweep');
        }}
      >
        Open as experiment
      </button>
    </p>
  );
}

/** How many runs, and how long they take; those that are there already are not trained again. */
function sizeText(runs: number, estimated: Estimated): string {
  const text = estimateText(estimated);
  const isAll = estimated !== null && 'runs' in estimated && estimated.runs === runs;
  return isAll ? text : `${counted(runs, 'run')} in all: ${text}`;
}

/** A sweep as it is made: axes, seeds, length; how many runs and how long, before it starts. */
export function Maker({ plan, change }: MakerProps) {
  const id = useId();
  const settings = useConfig((s) => s.experiment);
  const { sweep, problems } = useMemo(() => sweepOf(plan, settings), [plan, settings]);
  const runs = sweep === null ? 0 : runCount(sweep);
  const isTooMany = runs > MAX_SWEEP_RUNS;
  const request = sweep === null || isTooMany ? null : ({ kind: 'sweep', sweep } as const);
  const estimated = useEstimate(request);
  const problemAt = (at: number | string) => problems.find((one) => one.at === at)?.message;
  const shared = { plan, change };
  const [seedsWrong, amountWrong] = [problemAt('seeds'), problemAt('amount')];
  return (
    <form className="sweeps-maker" onSubmit={(event) => event.preventDefault()}>
      <div className="sweeps-row">
        <span className="sweeps-field">
          <label htmlFor={`${id}n`}>Name</label>
          <input
            id={`${id}n`}
            className="input"
            maxLength={80}
            value={plan.name}
            onChange={(event) => change({ name: event.target.value })}
          />
        </span>
        <Files change={change} sweep={sweep} />
      </div>
      {plan.axes.map((axis, i) => (
        <AxisEditor
          key={axis.path}
          axis={axis}
          problem={problemAt(i)}
          change={(part) =>
            change({ axes: plan.axes.map((one, at) => (at === i ? { ...one, ...part } : one)) })
          }
          remove={() => change({ axes: plan.axes.filter((_, at) => at !== i) })}
        />
      ))}
      <div className="sweeps-row">
        <AddAxis {...shared} />
        <span className="sweeps-field">
          <label htmlFor={`${id}s`}>Seeds</label>
          <input
            id={`${id}s`}
            className="input"
            title="Numbers, and ranges: 1-3 7"
            {...wrongProps(seedsWrong, `${id}sw`)}
            value={plan.seeds}
            onChange={(event) => change({ seeds: event.target.value })}
          />
        </span>
        <Length {...shared} wrong={wrongProps(amountWrong, `${id}lw`)} />
      </div>
      <Base {...shared} />
      <Wrong message={seedsWrong} id={`${id}sw`} />
      <Wrong message={amountWrong} id={`${id}lw`} />
      <div className="sweeps-row">
        <StartWork request={request} name={plan.name || 'The sweep'} estimated={estimated}>
          Start
        </StartWork>
        <span role="status" className="muted">
          {sweep === null
            ? problems[0]?.message
            : isTooMany
              ? `${runs} runs; at most ${MAX_SWEEP_RUNS}`
              : sizeText(runs, estimated)}
        </span>
      </div>
    </form>
  );
}
