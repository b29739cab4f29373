import { describe, expect, test } from 'vitest';
import {
  EQUALRES_DENSE_SHAPES,
  EQUALRES_SHAPES,
  equalResDense,
  equalResMoe,
} from '../../src/accounting/fullSize/equalres.ts';
import type { CostConfig } from '../../src/accounting/layerGroups.ts';
import { estimateMemory } from '../../src/accounting/memory.ts';
import {
  type Resource,
  type SolveRequest,
  type SolveTarget,
  solve,
} from '../../src/accounting/solver.ts';
import type { EngineConfig, Slot } from '../../src/config/experiment.ts';
import { allSpaces, bestTokens, configOf, randomRequest, worstOf } from './solverBruteForce.ts';
import { smallConfig } from './support.ts';

describe('500 random requests', () => {
  const requests = Array.from({ length: 500 }, (_, seed) => ({
    seed,
    request: randomRequest(seed),
  }));
  const answers = requests.map(({ seed, request }) => ({ seed, request, answer: solve(request) }));

  test('every answer verifies by the accounting within 1 % and is what was asked for', () => {
    const solved = answers.filter(({ answer }) => answer.ok);
    expect(solved.length).toBeGreaterThan(150);
    for (const { seed, request, answer } of solved) {
      if (!answer.ok) continue;
      const { config, tokens, steps } = answer;
      const { target } = request;
      expect(worstOf(request, config, tokens), `seed ${seed}`).toBeLessThanOrEqual(0.01);
      expect(tokens, `seed ${seed}`).toBe(steps * config.batch.B * config.batch.S);
      const widths = config.experts.slots.flatMap((slot) =>
        slot.kind === 'ffn' ? slot.hidden : [],
      );
      if (target.experts) expect(widths, `seed ${seed}`).toHaveLength(target.experts);
      if (target.K) expect(config.router.K, `seed ${seed}`).toBe(target.K);
      if (target.widths) expect(widths, `seed ${seed}`).toEqual(target.widths);
      expect(config.router.K, `seed ${seed}`).toBeLessThanOrEqual(config.experts.slots.length);
    }
  });

  test('every refusal is right: no space of the whole grid matches', () => {
    const refused = answers.filter(({ answer }) => !answer.ok);
    expect(refused.length).toBeGreaterThan(150);
    let searched = 0;
    for (const { seed, request, answer } of refused) {
      if (answer.ok || answer.nearest === null) continue;
      for (const space of allSpaces(request)) {
        const config = configOf(request, space);
        const worst = worstOf(request, config, bestTokens(request, config));
        expect(worst, `seed ${seed}, ${JSON.stringify(space)}`).toBeGreaterThan(0.01);
      }
      searched++;
    }
    expect(searched).toBeGreaterThan(80);
  }, 60_000);

  test('a refusal without a nearest configuration is a request that leaves nothing to search', () => {
    for (const { seed, request, answer } of answers) {
      if (answer.ok || answer.nearest !== null) continue;
      const { target, hold } = request;
      const listed = target.widths ?? target.ratios;
      const isContradictory =
        (target.experts !== undefined && listed && listed.length !== target.experts) ||
        (hold.every((name) => name === 'trainingCompute') && !target.widths && !target.granularity);
      const hasNoLayer =
        request.template.model.L === 1 && request.template.model.arrangement !== 'full';
      const isEmpty = isContradictory || hasNoLayer || allSpaces(request).length === 0;
      expect(isEmpty, `seed ${seed}: ${answer.reason}`).toBe(true);
    }
  });
});

describe('the papers', () => {
  test('EqualRes 2B: from the dense baseline to 20 % activation at equal N and C', () => {
    const answer = solve({
      template: equalResMoe(EQUALRES_SHAPES['2B'], { E: 8, K: 7, De: 1, Dse: 1 }),
      reference: { config: equalResDense(EQUALRES_DENSE_SHAPES['2B']), tokens: 6.5e10 },
      hold: ['totalParameters', 'trainingCompute'],
      target: { ra: 0.1994, K: 7, shared: 'matched' },
      bounds: { maxExperts: 128, maxWidth: 4096, widthStep: 32 },
    });
    if (!answer.ok) throw new Error(answer.reason);
    const { slots, sharedHidden } = answer.config.experts;
    expect(slots).toHaveLength(92);
    expect(slots[0]).toEqual({ kind: 'ffn', hidden: 320 });
    expect(sharedHidden).toBe(2240);
    expect(Math.abs(answer.tokens / 2.99e11 - 1)).toBeLessThan(0.02);
  });

  test('MoDSE: widths in the paper’s ratios keep the total of the uniform layer', () => {
    const template = smallConfig({ model: { D: 32, L: 2 } });
    const uniform = new Array<Slot>(8).fill({ kind: 'ffn', hidden: 80 });
    const answer = solve({
      template,
      reference: {
        config: { ...template, experts: { slots: uniform, sharedHidden: 0 } },
        tokens: 1e6,
      },
      hold: ['totalParameters'],
      target: { ratios: [4.5, 0.5, 4, 1, 3, 2, 2.5, 2.5], shared: 'none' },
    });
    if (!answer.ok) throw new Error(answer.reason);
    expect(answer.mismatch.totalParameters).toBe(0);
    const widths = answer.config.experts.slots.map((slot) => ('hidden' in slot ? slot.hidden : 0));
    expect(widths).toEqual([144, 16, 128, 32, 96, 64, 80, 80]);
  });
});

describe('refusals', () => {
  const template = smallConfig({});
  const request = (target: SolveTarget, hold: Resource[] = ['totalParameters']): SolveRequest => ({
    template,
    reference: { config: template, tokens: 1e5 },
    hold,
    target,
  });

  const within = (target: SolveTarget, hold?: Resource[]): SolveRequest => ({
    ...request(target, hold),
    bounds: { maxSlots: 8, maxWidth: 60, maxHidden: 100 },
  });
  const pooled = (target: SolveTarget): SolveRequest => {
    const { router, ...rest } = template;
    const pool = { size: 2, evaluation: null };
    return { ...request(target), template: { ...rest, router: { ...router, pool } } };
  };

  test('gives no space with more slots, wider experts or more of a pool than there can be', () => {
    const free = { shared: 'matched', negated: true, ra: 0.5 } as const;
    const answer = solve(within(free, ['activeParameters']));
    const found = answer.ok ? answer : answer.nearest;
    expect(found?.config.experts.slots.length).toBeLessThanOrEqual(8);
    expect(found?.config.experts.sharedHidden).toBeLessThanOrEqual(100);
    const chosen = solve(pooled({ shared: 'none', experts: 4, ra: 0.9 }));
    const nearest = chosen.ok ? chosen : chosen.nearest;
    expect(nearest?.config.router.K).toBeLessThanOrEqual(2);
  });

  test('counts the memory of the template’s losses', () => {
    const losses = {
      switch: null,
      ...{ heterogeneous: null, ternary: null, reward: null, dynamic: null, zloss: null },
      balance: { coefficient: 0.01, scope: 'global', window: 4096, counts: 'selected' },
    } as unknown as EngineConfig['losses'];
    const own = { ...template, losses };
    const answer = solve({
      template: own,
      reference: { config: own, tokens: 1e5 },
      hold: ['memory'],
      target: { shared: 'none' },
    });
    const size = (config: CostConfig) => estimateMemory({ ...config, losses }).total;
    if (!answer.ok) throw new Error(answer.reason);
    expect(Math.abs(size(answer.config) / size(own) - 1)).toBeLessThanOrEqual(0.01);
  });

  test.each([
    [request({ shared: 'none', ra: 1.5 }), 'Activation rate 1.5'],
    [request({ shared: 'none', experts: 4, K: 5 }), 'K = 5 of 4 slots'],
    [request({ shared: 'none' }, ['trainingCompute']), 'nothing fixes the widths'],
    [request({ shared: 'none' }, []), 'Nothing is held equal'],
    [request({ shared: 'none', experts: 3, ratios: [1, 2] }), 'given twice: 3 and 2'],
    [request({ shared: 'none', experts: 200 }), '200 experts: allowed are 128'],
    [request({ shared: 'none', experts: 2.5 }), '2.5 experts'],
    [within({ shared: 'none', experts: 5, negated: true }), '10 slots: allowed are 8'],
    [within({ shared: 'none', widths: [40, 200] }), 'Width 200: allowed are 100'],
    [within({ shared: 300, experts: 2 }), 'Width 300: allowed are 100'],
    [within({ shared: 'none', granularity: 1.2 }), 'width 80: allowed are 60'],
    [pooled({ shared: 'none', experts: 4, K: 3 }), 'K = 3 of pools of 2 slots'],
  ])('%#: a wrong request is told its number', (wrong, message) => {
    const answer = solve(wrong);
    expect(answer).toMatchObject({ ok: false, nearest: null });
    expect(answer.ok ? '' : answer.reason).toContain(message);
  });

  test('names the closest configuration and by how much it misses', () => {
    const answer = solve(request({ shared: 'none', experts: 2, K: 1, ra: 0.2 }));
    if (answer.ok) throw new Error('solved');
    expect(answer.reason).toMatch(
      /closest, 1 of 2 slots .*activation rate \d+\.\d+ % for 20\.00 %/,
    );
    expect(answer.nearest).not.toBeNull();
  });
});
