import { figuresAt } from '../../src/analysis/figuresAt.ts';
import type { FiguresAt } from '../../src/analysis/followed.ts';
import type { Inspection } from '../../src/analysis/inspection.ts';
import type { Experiment } from '../../src/config/experiment.ts';
import { hashChain } from '../../src/config/hash.ts';
import type { LayerSpace } from '../../src/config/telemetry.ts';
import { fakePass } from '../support/fakePass.ts';

/** Rows of figures without a model, of one run: each is compared with the one before. */
export function fakeFigures() {
  let earlier: Inspection | null = null;
  return (experiment: Experiment, spaces: readonly LayerSpace[], step: number): FiguresAt => {
    const tokens = Uint32Array.from({ length: 128 }, (_, u) => hashChain(u) % 200);
    // Another step, another model: a few tokens choose as if they were others.
    const seen = tokens.map((id, u) => (hashChain(step, u) % 8 === 0 ? id + step : id));
    const batch = { tokens: seen, targets: tokens, domains: new Uint8Array(tokens.length) };
    const request = { batches: [batch], S: 32, capacity: false, interventions: [] };
    const pass = fakePass(spaces, experiment.router.K, request);
    const inspection = { ...pass, tokens: Int32Array.from(tokens), domainNames: ['prose'] };
    const row = figuresAt(step, inspection, earlier);
    earlier = inspection;
    return row;
  };
}
