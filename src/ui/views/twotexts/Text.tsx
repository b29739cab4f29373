import type { GeneratedToken, Generation } from '../../../worker/api.ts';
import { formatShort, formatSi } from '../../kit/format.ts';

const mean = (tokens: readonly GeneratedToken[]) =>
  tokens.reduce((sum, { probability }) => sum + probability, 0) / tokens.length;

/** One of the two texts; from where they differ it is marked. */
export function Text({
  name,
  prompt,
  tokens,
  differs,
  generation,
}: {
  name: string;
  prompt: string;
  tokens: readonly GeneratedToken[];
  /** Place of the first token that differs; null for none. */
  differs: number | null;
  generation: Generation | null;
}) {
  const written = tokens.filter((token) => token !== undefined);
  const texts = written.map(({ text }) => text);
  const cut = differs ?? texts.length;
  return (
    <section className="twotexts-text" aria-label={name}>
      <h3>{name}</h3>
      <p className="mono">
        <b>{prompt}</b>
        {texts.slice(0, cut).join('')}
        {differs !== null && <span className="twotexts-other">{texts.slice(cut).join('')}</span>}
      </p>
      <p className="twotexts-cost num muted">
        {`${written.length} tokens`}
        {written.length > 0 && `, mean p ${mean(written).toFixed(3)}`}
        {generation !== null &&
          `, ${formatShort(generation.tokensPerSec)} tokens/s, ${formatSi(generation.flopsPerToken, 'FLOP')} per token`}
      </p>
    </section>
  );
}
