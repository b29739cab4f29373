import { memo, useId, useState } from 'react';
import type { GeneratedText, GeneratedToken } from '../../../worker/api.ts';
import { formatWholePercent } from '../../kit/format.ts';
import { TokenDetails } from './TokenDetails.tsx';

/** Tokens that are drawn again together: of a long text only the last ones change. */
const RUN = 64;

const ENDS: Readonly<Record<GeneratedText['end'], string>> = {
  tokens: '',
  stop: 'ended at a stop text',
  cancelled: 'stopped',
};

interface TokenRunProps {
  tokens: readonly GeneratedToken[];
  first: number;
  end: number;
  /** The token that is looked at, where it is one of these. */
  active: number | null;
  onLook(index: number): void;
}

const TokenRun = memo(function TokenRun({ tokens, first, end, active, onLook }: TokenRunProps) {
  return tokens.slice(first, end).map(({ index, text, isRecomputed }) => {
    const classes = [isRecomputed && 'recomputed', index === active && 'active'].filter(Boolean);
    return (
      <span
        key={index}
        className={classes.length > 0 ? classes.join(' ') : undefined}
        onPointerEnter={() => onLook(index)}
      >
        {text}
      </span>
    );
  });
});

/** The tokens whose texts are all of a text that ends before a stop text. */
function shownCount(tokens: readonly GeneratedToken[], text: string | null): number {
  if (text === null) return tokens.length;
  let characters = 0;
  const beyond = tokens.findIndex((token) => {
    characters += token.text.length;
    return characters > text.length;
  });
  return beyond < 0 ? tokens.length : beyond;
}

interface WrittenTextProps {
  prompt: string;
  tokens: readonly GeneratedToken[];
  /** Null while it is written. */
  written: GeneratedText | null;
  /** Its name among the others. */
  name: string;
}

/** One text, each of whose tokens can be looked at: by the pointer, or by a slider. */
export function WrittenText({ prompt, tokens, written, name }: WrittenTextProps) {
  const [looked, setLooked] = useState<number | null>(null);
  const id = useId();
  const count = shownCount(tokens, written?.end === 'stop' ? written.text : null);
  const cut = written?.end === 'stop' ? written.text.slice(lengthOf(tokens, count)) : '';
  const active = looked === null ? null : tokens[looked];
  const runs = Array.from({ length: Math.ceil(count / RUN) }, (_, r) => r * RUN);
  return (
    <li>
      <p className="mono">
        <b>{prompt}</b>
        {runs.map((first) => {
          const end = Math.min(first + RUN, count);
          const isHere = looked !== null && looked >= first && looked < end;
          return (
            <TokenRun
              key={first}
              {...{ tokens, first, end }}
              active={isHere ? looked : null}
              onLook={setLooked}
            />
          );
        })}
        {cut}
      </p>
      {written !== null && ENDS[written.end] !== '' && (
        <span className="muted">{ENDS[written.end]}</span>
      )}
      {tokens.length > 0 && (
        <label className="samples-picker">
          <span>{`Token of ${name}`}</span>
          <input
            type="range"
            className="range"
            min={1}
            max={tokens.length}
            value={(looked ?? tokens.length - 1) + 1}
            aria-valuetext={valueText(active ?? tokens.at(-1))}
            aria-describedby={active ? id : undefined}
            onFocus={() => setLooked((now) => now ?? tokens.length - 1)}
            onChange={(e) => setLooked(Number(e.target.value) - 1)}
          />
        </label>
      )}
      {active && <TokenDetails id={id} token={active} />}
    </li>
  );
}

function lengthOf(tokens: readonly GeneratedToken[], count: number): number {
  return tokens.slice(0, count).reduce((sum, { text }) => sum + text.length, 0);
}

function valueText(token: GeneratedToken | undefined): string {
  if (token === undefined) return '';
  return `${token.index + 1}: ${token.label}, ${formatWholePercent(token.probability)}`;
}
