import { memo, useCallback, useMemo, useState } from 'react';
import type { Intervention } from '../../../analysis/inspection.ts';
import { counted } from '../../../config/plural.ts';
import type { Side } from '../../../state/looks/looked.ts';
import { FigureFrame } from '../../kit/figure/FigureFrame.tsx';
import { formatValue } from '../../kit/figure/formats.ts';
import { areRanked, NO_RANKS } from '../../kit/lookWords.ts';
import { AlternativesFigure } from './AlternativesFigure.tsx';
import { LayerAsk, TokenAsk } from './AskForm.tsx';
import type { ShadeId } from './fields.ts';
import { Changes, Items } from './Items.tsx';
import { passageTable } from './passageTable.ts';
import { placeOf, type Seen, stopsOf, targetAt, textAt } from './seen.ts';
import { type Shading, shadeById, signOf } from './shades.ts';
import { TokenLines, type Told } from './TokenLines.tsx';
import { TokenPath } from './TokenPath.tsx';
import { useAlternatives } from './useAlternatives.ts';
import type { Question } from './useQuestions.ts';
import type { WhatIfAnswer } from './useWhatIf.ts';

const Lines = memo(TokenLines);

export interface SidePassageProps {
  side: Side;
  seen: Seen;
  whatIf: WhatIfAnswer;
  shade: ShadeId;
  /** Of the layer that is shown; null: all of them. */
  layer: number | null;
  shading: Shading | null;
  span: readonly [number, number] | undefined;
  hasNumbers: boolean;
  /** Mean loss, as the figure `bits` has it. */
  mean: number;
  question: Question;
  setQuestion: (part: Partial<Question>) => void;
}

function useTell(seen: Seen, shading: Shading | null, label: string): (u: number) => Told {
  return useCallback(
    (u) => {
      const { look, paths, what } = seen;
      const loss = paths.tokens.values.ce?.data[u] ?? null;
      const delta = what?.changes.values.delta.data[u];
      const facts: [string, string][] = [['loss', formatValue(loss, 'nats')]];
      if (delta !== undefined) facts.push(['change', formatValue(delta, 'nats')]);
      if (shading !== null && label !== 'Loss')
        facts.push([label.toLowerCase(), signOf(shading, u)]);
      for (const { layer, ...space } of look.layers) {
        const stops = stopsOf(paths, placeOf(look, layer), u);
        const slots = stops.map(({ slot, isDropped }) => `${slot}${isDropped ? ' dropped' : ''}`);
        if (space.W > 0) facts.push([`layer ${layer}, slots`, slots.join(' ') || 'none']);
      }
      return { title: `token ${u} “${textAt(look, u)}”, then “${targetAt(look, u)}”`, facts };
    },
    [seen, shading, label],
  );
}

/** What is asked: the list, the changes, and the controls to ask more. */
function Asking(props: SidePassageProps) {
  const { side, seen, whatIf, question, setQuestion } = props;
  const { pin, at, items } = question;
  const { alternatives, ask, cancel } = useAlternatives(side, seen.look);
  const add = (item: Intervention) => setQuestion({ items: [...items, item] });
  return (
    <section className="passage-ask" aria-label={`What if, ${side.name}`}>
      <h3>What if</h3>
      {pin !== null && at !== null && (
        <TokenAsk
          {...{ seen, add, at }}
          token={pin}
          askAlternatives={() =>
            ask(
              seen.look,
              pin,
              at,
              stopsOf(seen.paths, placeOf(seen.look, at.layer), pin)[at.rank]?.slot,
            )
          }
        />
      )}
      {pin === null && (
        <p className="muted">Pin a token to ask about its slots: click it, or press Enter on it.</p>
      )}
      <LayerAsk seen={seen} add={add} />
      {items.length > 0 && (
        <>
          <Items
            look={seen.look}
            items={items}
            whatIf={whatIf}
            remove={(index) => setQuestion({ items: items.filter((_, i) => i !== index) })}
            clear={() => setQuestion({ items: [] })}
          />
          <Changes {...whatIf} />
        </>
      )}
      {alternatives !== null && <AlternativesFigure of={alternatives} cancel={cancel} />}
    </section>
  );
}

/** A passage under one model: its tokens, the path of one of them, and what is asked. */
export function SidePassage(props: SidePassageProps) {
  const { seen, mean, shade, layer, shading, span, hasNumbers, question, setQuestion } = props;
  const { look, step } = seen;
  const [point, setPoint] = useState<number | null>(null);
  // Its path stays when the pointer or the focus goes on, maybe into it.
  const [last, setLast] = useState<number | null>(null);
  const pointAt = useCallback((u: number | null) => {
    setPoint(u);
    setLast((before) => u ?? before);
  }, []);
  const texts = useMemo(() => Array.from(look.tokens, (_, u) => textAt(look, u)), [look]);
  const { label } = shadeById(shade);
  const where = layer === null ? label : `${label}, layer ${layer}`;
  const tell = useTell(seen, shading, label);
  const { pin } = question;
  const pinTo = useCallback(
    (u: number) => {
      const first = look.layers[0];
      setQuestion({
        pin: u,
        at: question.at ?? (first === undefined ? null : { layer: first.layer, rank: 0 }),
      });
    },
    [look, question.at, setQuestion],
  );
  const shownToken = point ?? pin ?? last;
  return (
    <div className="passage-side">
      <FigureFrame
        name={`switchyard-passage-${shade}`}
        title={`${where}, by token`}
        caption={() =>
          `${where} of ${counted(texts.length, 'token')} at step ${step}: ${shadeById(shade).about.meaning} Mean loss ${formatValue(mean, 'nats')} nats`
        }
        table={() => passageTable(seen)}
        tools={<span className="muted num">step {step.toLocaleString('en')}</span>}
      >
        {shading === null ? (
          <p className="empty">
            {shade === 'delta'
              ? 'Ask something below: tokens are shaded by what it changes.'
              : shade === 'expert' && !areRanked(look)
                ? NO_RANKS
                : 'This model has no MoE layer: choose the loss.'}
          </p>
        ) : (
          <Lines
            {...{ texts, shading, span, hasNumbers, tell }}
            label={where}
            pinned={pin}
            onPoint={pointAt}
            onPin={pinTo}
          />
        )}
      </FigureFrame>
      {pin !== null && (
        <p className="passage-pinned">
          Pinned: token {pin} “<b className="mono">{textAt(look, pin)}</b>”
          <button
            type="button"
            className="btn quiet small"
            onClick={() => setQuestion({ pin: null })}
          >
            Unpin
          </button>
        </p>
      )}
      {shownToken === null || shownToken >= texts.length ? (
        <p className="muted">
          Point at a token, or reach it with Tab and the arrow keys, for its path.
        </p>
      ) : (
        <TokenPath
          seen={seen}
          u={shownToken}
          at={shownToken === pin ? question.at : null}
          choose={shownToken === pin ? (at) => setQuestion({ at }) : null}
        />
      )}
      <Asking {...props} />
    </div>
  );
}
