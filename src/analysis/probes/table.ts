/** Probe tasks as rows of a table: what is right of how many, by chance and by domain. */
import type { ProbesAt } from './probesAt.ts';
import type { Trials } from './results.ts';
import { onlyOne } from './results.ts';
import type { ProbeResults } from './score.ts';

/** Trials of a row, 1 or 0 of each, and those of every domain where the task has some. */
interface RowTrials extends Trials {
  right: readonly number[];
  byDomain?: Readonly<Record<string, Trials>>;
}

export interface ProbeRow {
  id: string;
  label: string;
  meaning: string;
  /** The paper whose task it stands for. */
  source: string;
  /** Of the scores of a task, the one that charts draw. */
  isMain: boolean;
  of(results: ProbeResults): RowTrials;
}

const CLOZE = 'Which of four continuations a passage has';
const DOMAIN = 'Which of the continuations is of the passage’s own domain';

export const PROBE_ROWS: readonly ProbeRow[] = [
  {
    id: 'lastWord',
    label: 'Last word',
    meaning: 'The last word of a sentence, which stands earlier in its document too.',
    source: 'LAMBADA',
    isMain: true,
    of: ({ lastWord }) => lastWord,
  },
  {
    id: 'cloze4',
    label: 'Cloze, per token',
    meaning: `${CLOZE}, by the mean ln p of its tokens.`,
    source: 'HellaSwag, acc',
    isMain: true,
    of: ({ cloze4 }) => cloze4.perToken,
  },
  {
    id: 'cloze4.perCharacter',
    label: 'Cloze, per character',
    meaning: `${CLOZE}, by Σ ln p per character.`,
    source: 'HellaSwag, acc_norm',
    isMain: false,
    of: ({ cloze4 }) => cloze4.perCharacter,
  },
  {
    id: 'arithmetic',
    label: 'Arithmetic',
    meaning: 'The result of a sum that no training document has.',
    source: 'exact match',
    isMain: true,
    of: ({ arithmetic }) => arithmetic,
  },
  {
    id: 'induction',
    label: 'Induction',
    meaning:
      'What followed the same token before, in random tokens said twice. Trials of one sequence depend on each other, so the interval is too narrow.',
    source: 'Olsson 2022',
    isMain: true,
    of: ({ induction }) => induction,
  },
  {
    id: 'domainChoice',
    label: 'Domain, per token',
    meaning: `${DOMAIN}, by the mean ln p of its tokens.`,
    source: 'language and topic choice',
    isMain: true,
    of: ({ domainChoice }) => domainChoice.perToken,
  },
  {
    id: 'domainChoice.perCharacter',
    label: 'Domain, per character',
    meaning: `${DOMAIN}, by Σ ln p per character.`,
    source: 'language and topic choice',
    isMain: false,
    of: ({ domainChoice }) => domainChoice.perCharacter,
  },
];

/** The trials of a row, or those of one domain; null where the task has none of it. */
export function trialsOf(row: ProbeRow, { results }: ProbesAt, domain: string | null) {
  const all: RowTrials = row.of(results);
  return domain === null ? all : (all.byDomain?.[domain] ?? null);
}

/** Domains that answers tell apart. */
export function domainsOf({ results }: ProbesAt): string[] {
  return Object.keys(results.lastWord.byDomain);
}

/** Whether two runs, or one at two steps, answered the same items. */
export function sameItems(a: ProbesAt, b: ProbesAt): boolean {
  const counts = ({ results }: ProbesAt) => PROBE_ROWS.map((row) => row.of(results).of).join();
  return a.seed === b.seed && a.items === b.items && counts(a) === counts(b);
}

/** Items of a row that only the first got right, and only the second. */
export function onlyOneOf(row: ProbeRow, a: ProbesAt, b: ProbesAt): [number, number] {
  return onlyOne(row.of(a.results), row.of(b.results));
}

/** The latest answers up to a step, or of all; null where there are none. */
export function answersUpTo(all: readonly ProbesAt[], step: number | null): ProbesAt | null {
  return all.findLast((one) => step === null || one.step <= step) ?? null;
}

/** Answers to the same items as these, in order of steps, of each step the last ones. */
export function answersLike(all: readonly ProbesAt[], shown: ProbesAt): ProbesAt[] {
  return all.filter(
    (one, i) =>
      sameItems(one, shown) &&
      !all.slice(i + 1).some((later) => later.step === one.step && sameItems(later, shown)),
  );
}
