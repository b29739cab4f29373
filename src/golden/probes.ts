import { type ProbeItems, probeItems } from '../analysis/probes/items.ts';
import { onlyOneRight, type ProbeAnswers, probeResults } from '../analysis/probes/score.ts';
import { bytesTokenizer, utf8Encode } from '../data/tokenizers/bytes.ts';
import { bytesOf } from './analysisCase.ts';
import { type Comparison, compareTree } from './compare.ts';
import type { ProbesCase } from './probesSchema.ts';

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

function answersOf(given: ProbesCase['scoring'][number]): ProbeAnswers {
  const { lastWord, arithmetic, ...rest } = given;
  return { ...rest, lastWord: lastWord.map(bytesOf), arithmetic: arithmetic.map(bytesOf) };
}

/** Everything that a case of kind `probes` expects (the goldens' README, "Probes"). */
export function compareProbes(golden: ProbesCase): Comparison[] {
  const made = itemsIn(golden);
  const [first, second] = golden.scoring;
  const results = [first, second].map((given) => probeResults(made, answersOf(given)));
  const got = {
    candidates: made.candidates,
    items: made.items,
    leftOut: made.leftOut,
    results,
    onlyOne: onlyOneRight(results[0]!, results[1]!),
  };
  return Object.entries(golden.expected).map(([name, want]) =>
    compareTree(name, got[name as keyof typeof got], want),
  );
}
