import { type ProbeItems, probeItems } from '../analysis/probes/items.ts';
import {
  arithmeticResult,
  choiceResult,
  greedyResult,
  inductionResult,
  onlyOne,
} from '../analysis/probes/results.ts';
import { bytesTokenizer, utf8Encode } from '../data/tokenizers/bytes.ts';
import { bytesOf } from './analysisCase.ts';
import { type Comparison, compareTree } from './compare.ts';
import type { ProbesCase } from './probesSchema.ts';

const CLOZE_CHANCE = 0.25;

/** The items of the case's documents. */
function itemsIn({ settings, domains, documents }: ProbesCase): ProbeItems {
  const { encode } = bytesTokenizer;
  const named = domains.map((name) => ({
    name,
    training: documents[name]?.training ?? [],
    validation: documents[name]?.validation ?? [],
  }));
  const used = new Set(
    named.flatMap(({ validation }) => validation.flatMap((t) => [...utf8Encode(t)])),
  );
  const ids = [...used].sort((a, b) => a - b);
  return probeItems(named, { ...settings, encode, ids });
}

function resultsOf({ items, domains }: ProbeItems, given: ProbesCase['scoring'][number]) {
  const words = given.lastWord.map(bytesOf);
  return {
    lastWord: greedyResult('lastWord', items.lastWord, words, domains),
    cloze4: choiceResult(items.cloze4, given.cloze4, domains, CLOZE_CHANCE),
    arithmetic: arithmeticResult(items.arithmetic, given.arithmetic.map(bytesOf), domains),
    induction: inductionResult(items.induction, given.induction),
    domainChoice: choiceResult(items.domainChoice, given.domainChoice, domains, null),
  };
}

type Results = ReturnType<typeof resultsOf>;

function onlyOneOf(a: Results, b: Results) {
  const choices = (task: 'cloze4' | 'domainChoice') => ({
    perToken: onlyOne(a[task].perToken, b[task].perToken),
    perCharacter: onlyOne(a[task].perCharacter, b[task].perCharacter),
  });
  return {
    lastWord: onlyOne(a.lastWord, b.lastWord),
    cloze4: choices('cloze4'),
    arithmetic: onlyOne(a.arithmetic, b.arithmetic),
    induction: onlyOne(a.induction, b.induction),
    domainChoice: choices('domainChoice'),
  };
}

/** Everything that a case of kind `probes` expects (the goldens' README, "Probes"). */
export function compareProbes(golden: ProbesCase): Comparison[] {
  const made = itemsIn(golden);
  const results = golden.scoring.map((given) => resultsOf(made, given));
  const [first, second] = results;
  const got = {
    candidates: made.candidates,
    items: made.items,
    leftOut: made.leftOut,
    results,
    onlyOne: onlyOneOf(first!, second!),
  };
  return Object.entries(golden.expected).map(([name, want]) =>
    compareTree(name, got[name as keyof typeof got], want),
  );
}
