import { type FormEvent, useId, useState, useSyncExternalStore } from 'react';
import type { SampledText } from '../../../analysis/source.ts';
import { counted } from '../../../config/plural.ts';
import { Button } from '../../kit/Button.tsx';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { ScrollX } from '../../kit/ScrollX.tsx';
import { useConfig, useLab, useRun } from '../../kit/useLab.tsx';
import type { ViewProps } from '../view.ts';
import './samples.css';

const SHOWN = 12;
const NO_SAMPLES: readonly SampledText[] = [];

/** Text of the model: on demand, and as it was over the steps. */
export default function SamplePanel({ source }: ViewProps) {
  const { commands } = useLab();
  const samples =
    useSyncExternalStore(source.subscribe, () => source.inspection('samples')) ?? NO_SAMPLES;
  const canSample = useRun(
    (s) => s.report !== null && s.phase !== 'opening' && s.phase !== 'failed',
  );
  const defaults = useConfig((s) => s.experiment.evaluation);
  const readable = useRun((s) => s.report?.prompt ?? 'The ');
  const [typed, setPrompt] = useState<string | null>(null);
  const prompt = typed ?? readable;
  const [temperature, setTemperature] = useState(String(defaults.temperature));
  const [tokens, setTokens] = useState(String(defaults.sampleTokens));
  const [isWaiting, setWaiting] = useState(false);
  const id = useId();

  const t = Number(temperature);
  const n = Number(tokens);
  const problem =
    temperature.trim() === '' || !(t >= 0 && t <= 100)
      ? `Temperature ${temperature || '(empty)'}: a number from 0 to 100`
      : !(Number.isInteger(n) && n >= 1 && n <= 4096)
        ? `Tokens ${tokens || '(empty)'}: a whole number from 1 to 4096`
        : null;

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (problem !== null) return;
    setWaiting(true);
    const seed = Math.floor(Math.random() * 2 ** 32);
    await commands.sample({ prompt, temperature: t, tokens: n, seed });
    setWaiting(false);
  }

  const recent = samples.slice(-SHOWN).reverse();
  return (
    <PanelFrame className="samples" sub={samples.length > 0 ? `${samples.length} so far` : ''}>
      <form className="samples-form" onSubmit={(event) => void submit(event)}>
        <label htmlFor={`${id}p`} className="grow">
          <span>Prompt</span>
          <input
            id={`${id}p`}
            className="input mono"
            value={prompt}
            onChange={(e) => setPrompt(e.target.value)}
          />
        </label>
        <label htmlFor={`${id}t`}>
          <span>Temperature</span>
          <input
            id={`${id}t`}
            className="input num"
            inputMode="decimal"
            value={temperature}
            onChange={(e) => setTemperature(e.target.value)}
          />
        </label>
        <label htmlFor={`${id}n`}>
          <span>Tokens</span>
          <input
            id={`${id}n`}
            className="input num"
            inputMode="numeric"
            value={tokens}
            onChange={(e) => setTokens(e.target.value)}
          />
        </label>
        <Button type="submit" className="btn" isOff={!canSample || isWaiting || problem !== null}>
          {isWaiting ? 'Sampling…' : 'Sample'}
        </Button>
      </form>
      {problem !== null && <p className="field-error">{problem}</p>}
      {recent.length === 0 ? (
        <p className="empty">
          {defaults.sampleEvery > 0
            ? `A sample every ${defaults.sampleEvery === 1 ? 'step' : counted(defaults.sampleEvery, 'step')} shows what the model has learnt.`
            : 'Automatic samples are off; ask for one above.'}
        </p>
      ) : (
        <ScrollX label="Samples" className="samples-list">
          <ol>
            {recent.map((sample, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: samples have no name of their own
              <li key={samples.length - i}>
                <span className="num muted">
                  step {sample.step.toLocaleString('en')} · T {sample.temperature}
                </span>
                <p className="mono">
                  <b>{sample.prompt}</b>
                  {sample.text}
                </p>
              </li>
            ))}
          </ol>
        </ScrollX>
      )}
    </PanelFrame>
  );
}
