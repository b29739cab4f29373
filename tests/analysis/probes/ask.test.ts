import { describe, expect, it } from 'vitest';
import { askProbe, type ProbeModel } from '../../../src/analysis/probes/ask.ts';
import type { ProbeItems } from '../../../src/analysis/probes/items.ts';
import { isDecided, isRight, trials } from '../../../src/analysis/probes/results.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const V = 256;

/** Logits that want one token. */
function wanting(id: number): Float32Array {
  const logits = new Float32Array(V);
  logits[id] = 9;
  return logits;
}

/** A model of bytes that writes `text` behind any prompt, and finds every token as unlikely as its value. */
function writing(text: string, seen: number[][] = []): ProbeModel {
  let from = -1;
  return {
    encode: bytes,
    bytesOf: (id) => Uint8Array.of(id),
    losses: async (tokens) => {
      seen.push([...tokens]);
      return tokens.slice(1).map((token) => token / 100);
    },
    logits: async (tokens) => {
      // What came behind the same token before; itself where nothing did.
      const rows = tokens.map((token, i) => {
        const before = tokens.lastIndexOf(token, i - 1);
        return wanting(i > 0 && before >= 0 ? tokens[before + 1]! : token);
      });
      return Float32Array.from(rows.flatMap((row) => [...row]));
    },
    next: async (tokens) => {
      if (from < 0) from = tokens.length;
      seen.push([...tokens]);
      return wanting(bytes(text)[tokens.length - from] ?? 0);
    },
  };
}

const greedy = {
  domain: 'prose',
  candidate: 0,
  prompt: 'abcdef',
  answer: ' on',
  most: 7,
  promptTokens: 4,
};

function itemsWith(items: Partial<ProbeItems['items']>): ProbeItems {
  const none = { lastWord: [], cloze4: [], arithmetic: [], domainChoice: [] };
  const induction = { m: 0, ids: 0, sequences: [] };
  const counts = { lastWord: {}, cloze4: {}, arithmetic: {} };
  const leftOut = { lastWord: {}, cloze4: {}, arithmetic: {}, domainChoice: {} };
  return {
    domains: ['prose'],
    candidates: counts,
    items: { ...none, induction, ...items },
    leftOut,
  };
}

describe('greedy text', () => {
  const items = itemsWith({ lastWord: [greedy] });
  const asked = async (text: string) => {
    const seen: number[][] = [];
    const { right } = await askProbe('lastWord', items, writing(text, seen));
    return { right: right[0], steps: seen.length, first: seen[0] };
  };

  it('goes on from the kept part of the prompt until it is decided', async () => {
    expect(await asked(' on.')).toEqual({ right: 1, steps: 4, first: [...bytes('cdef')] });
    expect(await asked(' one')).toMatchObject({ right: 0, steps: 4 });
    expect(await asked(' off')).toMatchObject({ right: 0, steps: 3 });
    // A letter of two bytes is seen when it is whole.
    expect(await asked(' oné')).toMatchObject({ right: 0, steps: 5 });
    expect(await asked(' on— ')).toMatchObject({ right: 1, steps: 6 });
  });

  it('tells what goes on by the task', () => {
    const right = (task: 'lastWord' | 'arithmetic', text: string | Uint8Array) =>
      isRight(task, greedy, typeof text === 'string' ? bytes(text) : text);
    expect(right('lastWord', ' on')).toBe(true);
    expect(right('lastWord', ' on7')).toBe(false);
    expect(right('lastWord', ' on\u0301')).toBe(false);
    expect(right('lastWord', Uint8Array.of(...bytes(' on'), 0xc3))).toBe(true);
    expect(right('lastWord', ' o')).toBe(false);
    expect(right('arithmetic', ' on7')).toBe(false);
    expect(right('arithmetic', ' onx')).toBe(true);
    expect(isDecided(greedy, bytes(' o'))).toBe(false);
    expect(isDecided(greedy, bytes(' on'))).toBe(false);
    expect(isDecided(greedy, bytes('x'))).toBe(true);
    expect(isDecided(greedy, Uint8Array.of(...bytes(' on'), 0xc3))).toBe(false);
    expect(isDecided(greedy, Uint8Array.of(...bytes(' on'), 0x80, 0x80, 0x80, 0x80))).toBe(true);
  });

  it('writes as many tokens as it may, and those without text too', async () => {
    const silent: ProbeModel = { ...writing(''), bytesOf: () => new Uint8Array() };
    let steps = 0;
    const next = (tokens: readonly number[]) => {
      steps++;
      return silent.next(tokens);
    };
    const { right } = await askProbe('lastWord', items, { ...silent, next });
    expect([right[0], steps]).toEqual([0, 7]);
  });
});

describe('choices', () => {
  const item = {
    domain: 'prose',
    candidate: 0,
    prompt: 'abc',
    options: ['zz', 'ad', 'dddd'],
    true: 1,
    tokens: [2, 2, 4],
    promptTokens: [3, 3, 1],
  };

  it('sums behind the kept prompt, by token and by character', async () => {
    const seen: number[][] = [];
    const items = itemsWith({ cloze4: [item] });
    const { perToken, perCharacter } = await askProbe('cloze4', items, writing('', seen));
    expect(seen.map((tokens) => String.fromCharCode(...tokens))).toEqual([
      'abczz',
      'abcad',
      'cdddd',
    ]);
    // Σ ln p: −2.44, −1.97, −4.
    expect([perToken.picks, perCharacter.picks]).toEqual([[1], [1]]);
    expect(perToken).toMatchObject({ right: [1], correct: 1, of: 1, chance: 0.25 });
    const chance = await askProbe('domainChoice', itemsWith({ domainChoice: [item] }), writing(''));
    expect(chance.perToken.chance).toBeCloseTo(1 / 3, 14);
  });
});

describe('induction', () => {
  it('asks for the second copy, and compares its loss with the first’s', async () => {
    const induction = { m: 4, ids: 50, sequences: [[5, 7, 6, 8]] };
    const result = await askProbe('induction', itemsWith({ induction }), writing(''));
    expect(result).toMatchObject({ right: [1, 1, 1], accuracy: 1, chance: 0.02 });
    const wanted = -Math.log(Math.exp(9) / (Math.exp(9) + V - 1));
    const others = -Math.log(1 / (Math.exp(9) + V - 1));
    expect(result.gain).toBeCloseTo(others - wanted, 6);
  });

  it('is undefined without items', async () => {
    const result = await askProbe('induction', itemsWith({}), writing(''));
    expect(result).toEqual({
      correct: 0,
      of: 0,
      accuracy: null,
      low: null,
      high: null,
      chance: null,
      right: [],
      gain: null,
    });
  });
});

it('tells how far it is, and can be stopped', async () => {
  const told: unknown[] = [];
  const items = itemsWith({ lastWord: [greedy, greedy] });
  const stop = askProbe('lastWord', items, writing(' on.'), (...progress) => {
    told.push(progress);
    if (progress[1] === 1) throw new Error('stopped');
  });
  await expect(stop).rejects.toThrow('stopped');
  expect(told).toEqual([
    ['lastWord', 0, 2],
    ['lastWord', 1, 2],
  ]);
});

it('keeps Wilson’s interval within 0 and 1', () => {
  for (const N of [1, 7, 9, 33, 64])
    for (const right of [Array(N).fill(0), Array(N).fill(1)]) {
      const { low, high } = trials(right, 0);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(1);
    }
});
