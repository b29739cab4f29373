import { counted } from '../../../config/plural.ts';
import type { ConversionState, DomainResult } from '../../../worker/api.ts';
import { Button } from '../../kit/Button.tsx';
import { ConversionPanel } from '../../kit/ConversionPanel.tsx';
import { isBusy, useConversion, useConversions } from '../../kit/conversion.ts';
import { Bars } from '../../kit/figure/Bars.tsx';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { categoryLook } from '../../kit/figure/scales.ts';
import type { FigureTable } from '../../kit/figure/table.ts';
import { formatFixed, formatLoss, formatPercent } from '../../kit/format.ts';
import { Picker } from '../../kit/Picker.tsx';
import { WholeNumber } from '../../kit/WholeNumber.tsx';
import type { ViewProps } from '../view.ts';
import type { RecoveryFields } from './fields.ts';
import './recovery.css';

/** Domains that losses are known of. */
export function domainsOf({ students, domains }: ConversionState): string[] {
  const first = students[0]?.perDomain ?? domains[0]?.teacher.perDomain ?? {};
  return Object.keys(first);
}

const SERIES = ['teacher', 'before', 'after'] as const;

export function resultTable(result: DomainResult): FigureTable {
  return {
    columns: [
      { title: 'domain' },
      ...SERIES.map((title) => ({ title, format: 'nats' as const })),
      { title: 'after − before', format: 'nats' },
    ],
    rows: [
      ...Object.keys(result.teacher.perDomain).map((name) => {
        const [teacher, before, after] = SERIES.map((of) => result[of].perDomain[name] ?? null);
        const change = before == null || after == null ? null : after - before;
        return [name, teacher ?? null, before ?? null, after ?? null, change];
      }),
      ['all', ...SERIES.map((of) => result[of].ce), result.after.ce - result.before.ce],
    ],
  };
}

/** How much of what the conversion had cost a domain came back. */
export function recoveryWords({ domain, teacher, before, after }: DomainResult): string {
  const of = (one: DomainResult['before']) => one.perDomain[domain] ?? Number.NaN;
  const [t, b, a] = [of(teacher), of(before), of(after)];
  const lost = b - t;
  const part = lost > 0 ? `, ${formatPercent((b - a) / lost)} of what conversion had cost it` : '';
  const others = Object.keys(before.perDomain).filter((name) => name !== domain);
  const changes = others.map(
    (name) => (after.perDomain[name] ?? Number.NaN) - (before.perDomain[name] ?? Number.NaN),
  );
  const mean = changes.reduce((sum, change) => sum + change, 0) / changes.length;
  const rest =
    others.length === 0
      ? ''
      : ` The others ${mean > 0 ? 'lost' : 'gained'} ${formatFixed(Math.abs(mean), 3)} on average.`;
  return `${domain}: ${formatLoss(b)} before, ${formatLoss(a)} after${part} (teacher ${formatLoss(t)}).${rest}`;
}

function Result({ state, result }: { state: ConversionState; result: DomainResult }) {
  const names = Object.keys(result.teacher.perDomain);
  const { domain, layers, steps } = result;
  return (
    <FigureFrame
      name={`switchyard-recovery-${domain}`}
      title={`Trained on ${domain}`}
      caption={() =>
        `Validation loss by domain: the teacher, the student, and the student whose ${counted(layers.length, 'converted layer')} trained ${counted(steps, 'step')} each on the text of ${domain} alone. ${recoveryWords(result)} LaDiMo, Figure 7.`
      }
      table={() => resultTable(result)}
      runs={[{ name: state.name, experiment: state.teacher.experiment }]}
    >
      <Bars
        categories={names}
        series={SERIES.map((label, i) => ({
          label,
          values: names.map((name) => result[label].perDomain[name] ?? Number.NaN),
          ...categoryLook(i),
        }))}
        format="nats"
      />
      <p className="recovery-words num">{recoveryWords(result)}</p>
    </FigureFrame>
  );
}

function Recovery({
  state,
  value: { domain, steps },
  set,
}: Pick<ViewProps<RecoveryFields>, 'value' | 'set'> & { state: ConversionState }) {
  const store = useConversions();
  const busy = useConversion(isBusy);
  const domains = domainsOf(state);
  const chosen = domains.includes(domain) ? domain : (domains[0] ?? '');
  if (domains.length === 0)
    return (
      <div className="empty recovery-empty">
        <p>No losses by domain are known yet.</p>
        <Button className="btn" isOff={busy} onClick={() => void store.getState().measure(null)}>
          Measure all students
        </Button>
      </div>
    );
  return (
    <>
      <div className="recovery-controls">
        <Button
          className="btn"
          isOff={busy}
          onClick={() => void store.getState().domains(chosen, steps)}
        >
          Train the converted layers
        </Button>
        <span>on</span>
        <Picker
          label="Domain to train on"
          value={chosen}
          options={Object.fromEntries(domains.map((name) => [name, name]))}
          choose={(name) => set({ domain: name })}
        />
        <span>for</span>
        <span className="recovery-steps">
          <WholeNumber
            label="Steps of every layer"
            value={steps}
            min={1}
            max={1_000_000}
            change={(count) => set({ steps: count })}
          />
        </span>
        <span>steps each</span>
      </div>
      {state.domains.length === 0 && (
        <p className="empty">
          Experts and routers of the converted layers are trained on one domain’s own text; all else
          stays as it is.
        </p>
      )}
      {[...state.domains].reverse().map((result) => (
        <Result key={result.domain} state={state} result={result} />
      ))}
    </>
  );
}

/** What training the converted layers on one domain brings back of it. */
export default function RecoveryPanel({ value, set }: ViewProps<RecoveryFields>) {
  return (
    <ConversionPanel className="recovery" needsConverted>
      {(state) => <Recovery state={state} value={value} set={set} />}
    </ConversionPanel>
  );
}
