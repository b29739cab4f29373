import { counted } from '../../../config/plural.ts';
import { formatShort, formatSi } from '../../kit/format.ts';
import { useLab } from '../../kit/useLab.tsx';
import type { Writing } from './request.ts';
import { WrittenText } from './WrittenText.tsx';

/** Texts as they are written, with what a token takes. */
export default function WrittenTexts({ writing }: { writing: Writing }) {
  const { source } = useLab();
  const { prompts, tokens, generation, isOn, tokensPerSec } = writing;
  const { batch, evaluation, router } = source.head.experiment;
  const all = tokens.flat();
  const recomputed = all.filter(({ isRecomputed }) => isRecomputed).length;
  const why =
    evaluation.capacity && router.capacity !== null
      ? 'capacity drops assignments in evaluation, so that places depend on all of it'
      : `the text is longer than ${batch.S} tokens`;
  const speed = Number.isFinite(tokensPerSec) ? ` · ${formatShort(tokensPerSec)} tokens/s` : '';
  const flops = generation ? ` · ${formatSi(generation.flopsPerToken, 'FLOP')} per token` : '';
  return (
    <section className="samples-written" aria-label="Written now" aria-busy={isOn}>
      <p className="samples-cost num muted">
        {generation ? `step ${generation.step.toLocaleString('en')} · ` : ''}
        {counted(all.length, 'token')}
        {speed}
        {flops}
      </p>
      {recomputed > 0 && (
        <p className="samples-recomputed">
          For {counted(recomputed, 'token')} the whole window was recomputed: {why}.
        </p>
      )}
      <ol>
        {prompts.map((prompt, p) => (
          <WrittenText
            // biome-ignore lint/suspicious/noArrayIndexKey: the place of a prompt is its name
            key={p}
            prompt={prompt}
            tokens={tokens[p] ?? []}
            written={generation?.texts[p] ?? null}
            name={prompts.length === 1 ? 'the text' : `text ${p + 1}`}
          />
        ))}
      </ol>
    </section>
  );
}
