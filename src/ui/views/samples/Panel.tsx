import { type FormEvent, lazy, useState, useSyncExternalStore } from 'react';
import type { SampledText } from '../../../analysis/source.ts';
import { counted } from '../../../config/plural.ts';
import { Loaded } from '../../kit/Loaded.tsx';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { ScrollX } from '../../kit/ScrollX.tsx';
import { useConfig, useLab, useRun } from '../../kit/useLab.tsx';
import type { ViewProps } from '../view.ts';
import { problemOf, type Typed, type Writing } from './request.ts';
import { SampleForm } from './SampleForm.tsx';
import { useWriting } from './useWriting.ts';
import './samples.css';

/** What shows texts token by token comes with the first. */
const WrittenTexts = lazy(() => import('./WrittenTexts.tsx'));
const SHOWN = 12;
const NO_SAMPLES: readonly SampledText[] = [];

/** Samples that do not stand above already. */
function without(samples: readonly SampledText[], writing: Writing | null): SampledText[] {
  const { step, texts = [] } = writing?.generation ?? {};
  return samples.filter(
    (sample) =>
      sample.step !== step ||
      !texts.some(({ prompt, text }) => prompt === sample.prompt && text === sample.text),
  );
}

/** Text of the model: on demand as it is written, and as it was over the steps. */
export default function SamplePanel({ source }: ViewProps) {
  const { commands } = useLab();
  const samples =
    useSyncExternalStore(source.subscribe, () => source.inspection('samples')) ?? NO_SAMPLES;
  const canSample = useRun(
    (s) => s.report !== null && s.phase !== 'opening' && s.phase !== 'failed',
  );
  const defaults = useConfig((s) => s.experiment.evaluation);
  const readable = useRun((s) => s.report?.prompt ?? 'The ');
  const [changed, setChanged] = useState<Partial<Typed>>({});
  const typed: Typed = {
    prompts: readable,
    temperature: String(defaults.temperature),
    tokens: String(defaults.sampleTokens),
    stops: '',
    ...changed,
  };
  const { writing, write } = useWriting(commands.generate);
  const problem = problemOf(typed);

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (problem !== null || writing?.isOn) return;
    void write(typed);
  }

  const recent = without(samples, writing).slice(-SHOWN).reverse();
  return (
    <PanelFrame className="samples" sub={samples.length > 0 ? `${samples.length} so far` : ''}>
      <SampleForm
        typed={typed}
        onChange={(part) => setChanged((before) => ({ ...before, ...part }))}
        canSample={canSample && problem === null}
        isWriting={writing?.isOn ?? false}
        onSubmit={submit}
        onStop={() => void commands.stopGenerating()}
      />
      {problem !== null && <p className="field-error">{problem}</p>}
      {writing !== null && (
        <Loaded name="These texts" fallback={null}>
          <WrittenTexts writing={writing} />
        </Loaded>
      )}
      {recent.length === 0 ? (
        writing === null && (
          <p className="empty">
            {defaults.sampleEvery > 0
              ? `A sample every ${defaults.sampleEvery === 1 ? 'step' : counted(defaults.sampleEvery, 'step')} shows what the model has learnt.`
              : 'Automatic samples are off; ask for one above.'}
          </p>
        )
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
