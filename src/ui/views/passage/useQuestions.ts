import { useCallback, useMemo, useState } from 'react';
import type { Intervention } from '../../../analysis/inspection.ts';
import type { At } from './TokenPath.tsx';
import { isOfToken } from './words.ts';

/** What is pinned and asked of a passage. */
export interface Question {
  pin: number | null;
  at: At | null;
  items: readonly Intervention[];
}

/** Of which passage they are; `b` is asked by itself where its tokens are others. */
interface Questions {
  passage: string;
  a: Question;
  b: Question;
}

const NOTHING: Question = { pin: null, at: null, items: [] };

/** The questions to another passage: what is asked of every token stays. */
function questionsTo(passage: string, before: Questions): Questions {
  if (before.passage === passage) return before;
  const moved = ({ items }: Question): Question => ({
    ...NOTHING,
    items: items.filter((item) => !isOfToken(item)),
  });
  return { passage, a: moved(before.a), b: moved(before.b) };
}

/** What is pinned and asked, as long as the passage is the same. */
export function useQuestions(passage: string) {
  const [before, setBefore] = useState<Questions>({ passage, a: NOTHING, b: NOTHING });
  const questions = useMemo(() => questionsTo(passage, before), [passage, before]);
  const put = useCallback(
    (key: 'a' | 'b', part: Partial<Question>) =>
      setBefore((now) => {
        const moved = questionsTo(passage, now);
        return { ...moved, [key]: { ...moved[key], ...part } };
      }),
    [passage],
  );
  return [questions, put] as const;
}
