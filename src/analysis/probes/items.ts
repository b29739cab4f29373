/** The items of all probe tasks: the same for every run with the same data and seed. */
import { type Sum, sumsOf } from './arithmetic.ts';
import { type ChoiceItem, choiceItems, passagesOf } from './choice.ts';
import { type InductionItems, inductionItems } from './induction.ts';
import { lastWordQuestions } from './lastWord.ts';
import {
  chosen,
  type GreedyItem,
  greedyItem,
  type LeftOut,
  type ProbeDomain,
  type ProbeSettings,
  type Question,
} from './probe.ts';

export type ArithmeticItem = GreedyItem & Pick<Sum, 'operator'>;

export interface ProbeItems {
  domains: readonly string[];
  /** Number of candidates by domain. */
  candidates: Readonly<
    Record<'lastWord' | 'cloze4' | 'arithmetic', Readonly<Record<string, number>>>
  >;
  items: {
    lastWord: readonly GreedyItem[];
    cloze4: readonly ChoiceItem[];
    arithmetic: readonly ArithmeticItem[];
    induction: InductionItems;
    domainChoice: readonly ChoiceItem[];
  };
  /** Chosen items that are left out, by reason. */
  leftOut: Readonly<Record<'lastWord' | 'cloze4' | 'arithmetic' | 'domainChoice', LeftOut>>;
}

/** The chosen questions of every domain that fit into a pass. */
function greedyItems<Q extends Question>(
  domains: readonly ProbeDomain[],
  questions: readonly (readonly Q[])[],
  task: 'lastWord' | 'arithmetic',
  settings: ProbeSettings,
) {
  let tokens = 0;
  const items = domains.flatMap(({ name }, d) =>
    chosen(settings, task, d, questions[d]!.length).flatMap((c) => {
      const question = questions[d]![c]!;
      const item = greedyItem(question, name, c, settings);
      if (item === null) tokens++;
      return item === null ? [] : [{ item, question }];
    }),
  );
  return { items, leftOut: { tokens } };
}

export function probeItems(domains: readonly ProbeDomain[], settings: ProbeSettings): ProbeItems {
  const words = domains.map(lastWordQuestions);
  const sums = sumsOf(domains);
  const passages = domains.map(passagesOf);
  const lastWord = greedyItems(domains, words, 'lastWord', settings);
  const arithmetic = greedyItems(domains, sums, 'arithmetic', settings);
  const cloze4 = choiceItems(domains, passages, 'cloze4', settings);
  const domainChoice = choiceItems(domains, passages, 'domainChoice', settings);
  const counts = (lists: readonly (readonly unknown[])[]) =>
    Object.fromEntries(domains.map(({ name }, d) => [name, lists[d]!.length]));
  return {
    domains: domains.map(({ name }) => name),
    candidates: { lastWord: counts(words), cloze4: counts(passages), arithmetic: counts(sums) },
    items: {
      lastWord: lastWord.items.map(({ item }) => item),
      cloze4: cloze4.items,
      arithmetic: arithmetic.items.map(({ item, question: { operator } }) => ({
        ...item,
        operator,
      })),
      induction: inductionItems(settings),
      domainChoice: domainChoice.items,
    },
    leftOut: {
      lastWord: lastWord.leftOut,
      cloze4: cloze4.leftOut,
      arithmetic: arithmetic.leftOut,
      domainChoice: domainChoice.leftOut,
    },
  };
}
