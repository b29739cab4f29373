import { useCallback, useMemo } from 'react';
import { tokensDiffer } from '../../../analysis/sameTokens.ts';
import type { WhatIf } from '../../../state/looks/ask.ts';
import type { Look } from '../../../state/looks/looked.ts';
import { Explain } from '../../kit/Explain.tsx';
import type { Explanation } from '../../kit/explanation.ts';
import { Sides } from '../../kit/figure/Sides.tsx';
import { type SideFigures, useFigures, useLookText } from '../../kit/instruments.ts';
import { LookLayerPicker, useLookPlace } from '../../kit/LookLayerPicker.tsx';
import { lookNote } from '../../kit/lookWords.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { Picker } from '../../kit/Picker.tsx';
import type { ViewProps } from '../view.ts';
import type { PassageFields } from './fields.ts';
import { type Choice, PassageChoice, passageText, useSettled } from './PassageChoice.tsx';
import { SidePassage } from './SidePassage.tsx';
import type { Seen } from './seen.ts';
import { SHADES, type Shading, shadeById } from './shades.ts';
import { type Question, useQuestions } from './useQuestions.ts';
import { useWhatIf } from './useWhatIf.ts';
import './passage.css';

const REQUESTS = [{ figure: 'tokens' }, { figure: 'workload' }, { figure: 'bits' }] as const;
type Answers = SideFigures<typeof REQUESTS>;

const LABELS = Object.fromEntries(SHADES.map(({ id, label }) => [id, label])) as Record<
  PassageFields['shade'],
  string
>;

/** What is known of a passage under a model: at the step of what is asked, where something is. */
function seenOf({ look, answers: [tokens, workload] }: Answers, what: WhatIf | null): Seen | null {
  if (look === null || tokens.result === null || workload.result === null) return null;
  if (what !== null) return { look, step: what.step, paths: what.without, what };
  return {
    look,
    step: look.step,
    paths: { tokens: tokens.result, workload: workload.result },
    what,
  };
}

/** Least and most value of all sides, for one scale. */
function spanOf(shadings: readonly (Shading | null)[]): readonly [number, number] | undefined {
  const values = shadings.flatMap((shading) =>
    shading?.type === 'number' ? Array.from(shading.values).filter(Number.isFinite) : [],
  );
  if (values.length === 0) return undefined;
  const isSigned = shadings.some(
    (shading) => shading?.type === 'number' && shading.color === 'signed',
  );
  const most = values.reduce((a, b) => Math.max(a, isSigned ? Math.abs(b) : b), 0) || 1;
  return isSigned ? [-most, most] : [0, most];
}

function useChoice(source: ViewProps['source']): Choice {
  const text = useLookText();
  const { B, S } = source.head.experiment.batch;
  return {
    batches: 'validation' in text ? text.validation : 1,
    ...{ B, S },
    own: 'text' in text ? text.text : null,
  };
}

function Waiting({ of: { look, problem } }: { of: Answers }) {
  return (
    <p className="empty">
      {problem ?? (look === null ? 'Looking at the passage …' : 'Counting …')}
    </p>
  );
}

interface ShownProps {
  sides: readonly Answers[];
  value: PassageFields;
  passage: string;
}

/** The passage under every model, beside each other. */
function Shown({ sides, value, passage }: ShownProps) {
  const [first, second] = sides;
  const differ =
    first === undefined || second === undefined
      ? null
      : tokensDiffer(first.side.source.head.experiment, second.side.source.head.experiment);
  const [questions, put] = useQuestions(passage);
  const keys = { a: 'a', b: differ === null ? 'a' : 'b' } as const;
  const [asked, other] = [questions[keys.a], questions[keys.b]];
  const whats = [
    useWhatIf(first?.side, first?.look ?? null, asked.items, asked.pin),
    useWhatIf(second?.side, second?.look ?? null, other.items, other.pin),
  ] as const;
  const setters = {
    a: useCallback((part: Partial<Question>) => put('a', part), [put]),
    b: useCallback((part: Partial<Question>) => put('b', part), [put]),
  };
  const place = useLookPlace(first?.look ?? null);
  const shade = shadeById(value.shade);
  const layer =
    shade.layers === 'none' || (shade.layers === 'either' && value.over)
      ? null
      : (first?.look?.layers[place]?.layer ?? null);
  const seen = sides.map((side, i) => seenOf(side, whats[i]?.answer ?? null));
  const shadings = useShadings(seen, shade.id, layer);
  const span = useMemo(() => spanOf(shadings), [shadings]);
  return (
    <>
      {differ !== null && (
        <p className="muted">
          Each run reads its own tokens, and is asked alone: of the second, {differ}.
        </p>
      )}
      <Sides of={sides.map((one, i) => ({ ...one.side, i }))}>
        {({ i, key }) => {
          const [of, what, whatIf] = [sides[i], seen[i] ?? null, whats[i]];
          if (of === undefined || whatIf === undefined) return null;
          if (of.problem !== null || what === null) return <Waiting of={of} />;
          return (
            <SidePassage
              side={of.side}
              {...{ seen: what, whatIf, layer, span }}
              mean={of.answers[2].result?.values.ce ?? Number.NaN}
              shade={shade.id}
              shading={shadings[i] ?? null}
              hasNumbers={value.numbers}
              question={questions[keys[key]]}
              setQuestion={setters[keys[key]]}
            />
          );
        }}
      </Sides>
    </>
  );
}

/** The shading of every side; the same array until one of them is another. */
function useShadings(
  seen: readonly (Seen | null)[],
  shade: PassageFields['shade'],
  layer: number | null,
): readonly (Shading | null)[] {
  const [a = null, b = null] = seen;
  return useMemo(() => {
    const of = (one: Seen | null) => {
      if (one === null) return null;
      const place = one.look.layers.findIndex((found) => found.layer === layer);
      return shadeById(shade).of(one, layer === null || place < 0 ? null : place);
    };
    return [of(a), of(b)];
  }, [a, b, shade, layer]);
}

interface ToolsProps extends Pick<ViewProps<PassageFields>, 'value' | 'set'> {
  look: Look | null;
}

function Tools({ value, set, look }: ToolsProps) {
  const { about, layers } = shadeById(value.shade);
  return (
    <>
      <Explain about={about} className="btn quiet icon small">
        ?
      </Explain>
      <Picker
        label="Shade by"
        value={value.shade}
        options={LABELS}
        choose={(shade) => set({ shade })}
      />
      {layers === 'either' && (
        <Picker
          label="Layers"
          value={value.over ? 'all' : 'one'}
          options={{ all: 'All layers', one: 'One layer' }}
          choose={(over) => set({ over: over === 'all' })}
        />
      )}
      {(layers === 'one' || (layers === 'either' && !value.over)) && (
        <LookLayerPicker look={look} />
      )}
      <button
        type="button"
        className="btn small"
        aria-pressed={value.numbers}
        onClick={() => set({ numbers: !value.numbers })}
      >
        Numbers
      </button>
    </>
  );
}

export const about: Explanation = {
  label: 'A passage token by token',
  meaning:
    'One sequence, alone in its batch, as the model sees it: each token shaded by what it costs or where it goes. Point at a token for its whole path; pin it and ask what would be if it were routed otherwise. The answer is two passes at the same step, one without and one with what you ask; training stays as it is, bit for bit.',
  source: 'MoE++ Figures 5 and A',
};

/** A passage token by token, and what would be if it were routed otherwise. */
export default function PassagePanel({ source, value, set }: ViewProps<PassageFields>) {
  const choice = useChoice(source);
  const typed = useSettled(value.typed);
  const text = passageText(choice, value, typed);
  const sides = useFigures(text, REQUESTS);
  const look = sides[0]?.look ?? null;
  return (
    <PanelFrame
      className="passage"
      sub={look === null ? '' : `${look.tokens.length} tokens${lookNote(sides)}`}
      tools={<Tools {...{ value, set, look }} />}
    >
      <PassageChoice
        {...{ choice, value, set, look }}
        isRefused={sides[0] !== undefined && sides[0].problem !== null}
      />
      <Shown sides={sides} value={value} passage={JSON.stringify(text)} />
    </PanelFrame>
  );
}
