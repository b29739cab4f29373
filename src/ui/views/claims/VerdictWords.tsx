import type { Summary } from '../../../recipes/recordedIndex.ts';
import { WORD_LOOKS } from './words.ts';

/** The words of a verdict, each with its sign. */
export function VerdictWords({ words, onPapersSide }: Pick<Summary, 'words' | 'onPapersSide'>) {
  if (words.length === 0) return <span className="tag">figure</span>;
  const isNoWorse = onPapersSide && !words.includes('agrees');
  return (
    <span className="claims-words">
      {words.map((word) => (
        <span key={word} className={WORD_LOOKS[word].className}>
          <span aria-hidden="true">{WORD_LOOKS[word].glyph}</span> {word}
        </span>
      ))}
      {isNoWorse && <span className="muted">no worse: the paper’s side too</span>}
    </span>
  );
}
