/** What a model of a size costs, in the papers' figures. */
import { countParameters, paperCounts } from '../../accounting/parameters.ts';
import type { EngineConfig } from '../../config/experiment.ts';

const BYTES = 4;

/** "2.15e9", "3.6 MB": short, and exact enough to compare with a table. */
const short = (x: number) =>
  x < 1e6 ? x.toLocaleString('en') : x.toExponential(3).replace('e+', 'e');
const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(2)} GiB`;

/** Figures by their names, in order (docs/model.md, "Accounting"). */
export function sizeFigures(config: EngineConfig): [name: string, value: string][] {
  const { N, Na, ra, M, trainingM } = paperCounts(config);
  const { total } = countParameters(config);
  return [
    ['parameters', short(total)],
    ['N', short(N)],
    ['Na', `${short(Na)} (${(100 * ra).toFixed(1)} %)`],
    ['forward FLOPs per token', short(M)],
    ['training FLOPs per token', short(trainingM)],
    ['weights', gigabytes(BYTES * total)],
    ['moments', gigabytes(2 * BYTES * total)],
    ['weights, gradients and moments', gigabytes(4 * BYTES * total)],
  ];
}
