import type { FigureInputs, FigureValue } from '../analysis/figures/figure.ts';
import { askFigure, type FigureValues } from '../analysis/figures.ts';
import type { Inspection } from '../analysis/inspection.ts';
import type { AnalysisCase } from './analysisCase.ts';
import { type Comparison, compareFigure, compareUndefined } from './compare.ts';
import type { GoldenSubject, ModelInput } from './subject.ts';

/** The values of a figure by dotted name, as the goldens have them. */
function named(as: string, { values, layers }: FigureValues): [string, FigureValue][] {
  const over = Object.entries(values).map(([name, value]) => [`${as}.${name}`, value] as const);
  const perLayer = layers.flatMap(({ layer, values: of }) =>
    Object.entries(of).map(([name, value]) => [`${as}.layers.${layer}.${name}`, value] as const),
  );
  return [...over, ...perLayer].map(([name, value]) => [name, value]);
}

async function inspectionOf(
  subject: GoldenSubject,
  model: ModelInput | null,
): Promise<Inspection | null> {
  if (model === null) return null;
  const passes = await subject.openModel(model);
  try {
    return await passes.inspect([]);
  } finally {
    passes.close();
  }
}

/** All values of the case's figures by dotted name. */
async function figuresOf(golden: AnalysisCase, subject: GoldenSubject) {
  const { model, texts, asked } = golden;
  const baseline = await inspectionOf(subject, golden.baseline);
  const reference = await inspectionOf(subject, golden.reference);
  const passes = await subject.openModel(model);
  try {
    const inputs: FigureInputs = {
      inspection: await passes.inspect([]),
      tau: model.config.router.tau,
      texts,
      capacity: model.capacity,
      ...(baseline !== null && { baseline }),
      ...(reference !== null && { reference }),
    };
    const got = new Map<string, FigureValue>();
    for (const { as, request } of asked) {
      const values = await askFigure(request, inputs, (items) => passes.losses(items));
      for (const [name, value] of named(as, values)) got.set(name, value);
    }
    return got;
  } finally {
    passes.close();
  }
}

/** Everything that a case of kind `analysis` expects (the goldens' README, "Analysis"). */
export async function compareAnalysis(
  golden: AnalysisCase,
  subject: GoldenSubject,
): Promise<Comparison[]> {
  const got = await figuresOf(golden, subject);
  const toleranceOf = (name: string) => {
    const asked = golden.asked.find(({ as }) => name.startsWith(`${as}.`));
    const tolerance = asked && golden.tolerance[asked.group];
    if (tolerance === undefined)
      throw new Error(`golden ${golden.name}: "${name}" is of no figure that is asked for`);
    return tolerance;
  };
  const { tensors, scalars } = golden.expected;
  return [
    ...[...tensors].map(([name, want]) => {
      const key = name.slice('out.'.length);
      return compareFigure(name, got.get(key), want, toleranceOf(key));
    }),
    ...[...scalars].map(([name, want]) =>
      compareUndefined(name, got.get(name), want, toleranceOf(name)),
    ),
  ];
}
