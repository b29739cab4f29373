import { compareAnalysis } from './analysis.ts';
import {
  type Comparison,
  compareScalar,
  compareTensors,
  compareText,
  EXACT,
  worstFirst,
} from './compare.ts';
import type { GoldenCase, PolicyCase, SplitCase, TrainCase } from './format.ts';
import { compareProbes } from './probes.ts';
import { compareStatistics } from './statistics.ts';
import type { GoldenSubject, TrainCaseOutput } from './subject.ts';
import { groupOf } from './tolerance.ts';

export interface GoldenReport {
  name: string;
  passed: boolean;
  /** Everything that was compared, worst first. */
  comparisons: Comparison[];
}

/** Runs one case on a subject and compares all that the case expects (the goldens' README). */
export async function runCase(golden: GoldenCase, subject: GoldenSubject): Promise<GoldenReport> {
  const comparisons = worstFirst(await compareCase(golden, subject));
  return { name: golden.name, passed: comparisons.every(({ passed }) => passed), comparisons };
}

function compareCase(golden: GoldenCase, subject: GoldenSubject): Promise<Comparison[]> {
  switch (golden.kind) {
    case 'train':
      return compareTrain(golden, subject);
    case 'ladimo-split':
      return compareSplit(golden, subject);
    case 'ladimo-policy':
      return comparePolicy(golden, subject);
    case 'analysis':
      return compareAnalysis(golden, subject);
    case 'probes':
      return Promise.resolve(compareProbes(golden));
    case 'statistics':
      return Promise.resolve(compareStatistics(golden));
  }
}

async function compareTrain(golden: TrainCase, subject: GoldenSubject): Promise<Comparison[]> {
  const { config, parameters, batches } = golden;
  return compareOutput(golden, await subject.train({ config, parameters, batches }));
}

async function compareSplit(golden: SplitCase, subject: GoldenSubject): Promise<Comparison[]> {
  const { config, layer, alpha, dense, parameters, batches } = golden;
  const isRouter = ([name]: [string, unknown]) => name.includes('.router.');
  const router = new Map([...parameters].filter(isRouter));
  const output = await subject.ladimoSplit({ config, layer, alpha, dense, router, batches });
  const split = [...parameters]
    .filter((entry) => !isRouter(entry))
    .map(([name, want]) => compareTensors(`split.${name}`, output.split.get(name), want, EXACT));
  return [...split, ...compareOutput(golden, output)];
}

async function comparePolicy(golden: PolicyCase, subject: GoldenSubject): Promise<Comparison[]> {
  const { expected, tolerance, pu, pe, layers, maxWeights } = golden;
  const got = await subject.ladimoPolicy({ pu, pe, layers, maxWeights });
  const scalar = (name: string, value: number | undefined, want: number) =>
    compareScalar(name, value, want, tolerance.loss);
  const comparisons = [
    scalar('alpha', got.alpha, expected.alpha),
    scalar('beta', got.beta, expected.beta),
  ];
  expected.layers.forEach((want, i) => {
    const layer = got.layers[i];
    comparisons.push(
      compareText(`layers.${i}.layer`, layer?.layer, want.layer),
      compareText(`layers.${i}.kind`, layer?.kind, want.kind),
      scalar(`layers.${i}.alpha`, layer?.alpha, want.alpha),
      scalar(`layers.${i}.beta`, layer?.beta, want.beta),
    );
  });
  const shape = [layers.length, maxWeights[0]?.length ?? 0];
  const data = Int32Array.from(got.tokenK.flatMap((row) => [...row]));
  comparisons.push(compareTensors('out.token_k', { shape, data }, expected.tokenK, EXACT));
  return comparisons;
}

function compareOutput(golden: TrainCase | SplitCase, got: TrainCaseOutput): Comparison[] {
  const { expected, tolerance } = golden;
  const comparisons: Comparison[] = [];
  for (const [name, want] of expected.tensors) {
    const allowed = tolerance[groupOf(name)];
    if (allowed === undefined)
      throw new Error(`golden ${golden.name}: there is no tolerance for "${name}"`);
    comparisons.push(compareTensors(name, got.tensors.get(name), want, allowed));
  }
  const scalar = (name: string, value: number | undefined, want: number) =>
    comparisons.push(compareScalar(name, value, want, tolerance.loss));
  for (const [term, want] of Object.entries(expected.losses)) {
    scalar(`losses.${term}`, got.steps[0]?.loss[term], want);
  }
  scalar('gradNorm', got.steps[0]?.gradNorm, expected.gradNorm);
  expected.steps.forEach((want, i) => {
    const step = got.steps[i];
    for (const [term, value] of Object.entries(want.loss)) {
      scalar(`steps.${i}.loss.${term}`, step?.loss[term], value);
    }
    scalar(`steps.${i}.gradNorm`, step?.gradNorm, want.gradNorm);
    for (const [layer, counts] of Object.entries(want.counts ?? {}))
      comparisons.push(compareText(`steps.${i}.counts.${layer}`, step?.counts?.[layer], counts));
    comparisons.push(compareScalar(`steps.${i}.lr`, step?.lr, want.lr, { abs: 0, rel: 1e-6 }));
  });
  for (const [layer, places] of Object.entries(expected.capacity)) {
    comparisons.push(compareText(`capacity.${layer}`, got.capacity[layer], places));
  }
  return comparisons;
}
