import { isNotCausal } from '../../config/generation.ts';
import type { PreparedText } from '../../data/types.ts';
import type { Engine } from '../engine/engine.ts';
import type { ValidationLoss } from './events.ts';

/** Cross-entropy over the first `batches` validation batches, at the current parameters. */
export async function validationLoss(
  engine: Engine,
  text: PreparedText,
  { batches, capacity }: { batches: number; capacity: boolean },
): Promise<ValidationLoss> {
  const hasGenerated = isNotCausal(engine.config.router);
  let generated = 0;
  const sums = text.domains.map(() => ({ loss: 0, tokens: 0 }));
  for (let i = 0; i < batches; i++) {
    const batch = text.validationBatch(i);
    const { perToken } = await engine.evaluate(batch, { capacity });
    perToken.forEach((loss, t) => {
      const sum = sums[batch.domains[t]!]!;
      sum.loss += loss;
      sum.tokens++;
    });
    if (!hasGenerated) continue;
    for (const loss of await engine.generationLoss(batch)) generated += loss;
  }
  const tokens = sums.reduce((total, sum) => total + sum.tokens, 0);
  const loss = sums.reduce((total, sum) => total + sum.loss, 0);
  const perDomain = text.domains.flatMap((name, d): [string, number][] => {
    const sum = sums[d]!;
    return sum.tokens > 0 ? [[name, sum.loss / sum.tokens]] : [];
  });
  return {
    ce: loss / tokens,
    perDomain: Object.fromEntries(perDomain),
    ...(hasGenerated && { generated: generated / tokens }),
  };
}
