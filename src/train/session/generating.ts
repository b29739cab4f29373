/** Texts that a model writes side by side, token by token. */
import { type SlotRows, stepCosts } from '../../accounting/costs.ts';
import type { EngineConfig } from '../../config/experiment.ts';
import { hashChain, uniform } from '../../config/hash.ts';
import { createPieceDecoder } from '../../data/tokenizers/pieces.ts';
import type { PreparedText, Tokenizer } from '../../data/types.ts';
import { type Engine, MOST_TEXTS, type NextToken } from '../engine/engine.ts';
import type { TokenRouting } from '../engine/tokenRouting.ts';
import { switchyardError } from './errors.ts';
import type {
  Candidate,
  GeneratedText,
  GeneratedToken,
  GenerateRequest,
  Generation,
  TokenListener,
} from './events.ts';
import { giveWay } from './giveWay.ts';
import { checkRequest, pickToken, startOf } from './sampling.ts';

/** Least time between two reports of tokens. */
const REPORT_MS = 50;
/** Most candidates that are told. */
const MOST_CANDIDATES = 32;

export interface Listening {
  /** Whether the run was closed. */
  isCancelled(): boolean;
  /** Whether the texts are to end where they are. */
  isToStop(): boolean;
  /** Hears of the tokens, a few at a time. */
  onTokens: TokenListener;
}

type Settings = GenerateRequest & { capacity: boolean };

/** @throws ConfigInvalid */
function checkTexts({ prompts, stops, candidates }: GenerateRequest): void {
  if (prompts.length < 1 || prompts.length > MOST_TEXTS)
    throw switchyardError(
      'ConfigInvalid',
      `${prompts.length} prompts at once; 1 … ${MOST_TEXTS} are possible.`,
    );
  if (stops.includes(''))
    throw switchyardError('ConfigInvalid', 'A stop text is empty; one character is the least.');
  if (!(Number.isInteger(candidates) && candidates >= 0 && candidates <= MOST_CANDIDATES))
    throw switchyardError(
      'ConfigInvalid',
      `${candidates} candidates; 0 … ${MOST_CANDIDATES} are possible.`,
    );
}

/** The probabilities of a softmax over logits. */
function probabilitiesOf(logits: Float32Array): Float64Array {
  const largest = logits.reduce((a, b) => Math.max(a, b));
  const weights = Float64Array.from(logits, (z) => Math.exp(z - largest));
  const total = weights.reduce((a, b) => a + b);
  return weights.map((weight) => weight / total);
}

/** The n most probable tokens; the lower id of equal ones first. */
function mostProbable(probabilities: Float64Array, n: number): number[] {
  const best: number[] = [];
  probabilities.forEach((p, id) => {
    if (best.length === n && !(p > probabilities[best[n - 1]!]!)) return;
    const at = best.findIndex((other) => p > probabilities[other]!);
    best.splice(at < 0 ? best.length : at, 0, id);
    best.length = Math.min(best.length, n);
  });
  return n === 0 ? [] : best;
}

/** One of the texts. */
class Text {
  readonly tokens: number[];
  text = '';
  end: GeneratedText['end'] | null = null;
  private written = 0;
  private readonly decode: ReturnType<typeof createPieceDecoder>;
  private readonly prompt: number;
  private readonly seed: number;
  private readonly settings: Settings;
  private readonly tokenizer: Tokenizer;

  /** @param start tokens of the prompt */
  constructor(prompt: number, start: ArrayLike<number>, settings: Settings, tokenizer: Tokenizer) {
    this.prompt = prompt;
    this.tokens = Array.from(start);
    this.settings = settings;
    this.tokenizer = tokenizer;
    this.decode = createPieceDecoder(tokenizer);
    this.seed = prompt === 0 ? settings.seed : hashChain(settings.seed, prompt);
  }

  /** Adds a token, and ends the text where it is time. @throws NonFinite */
  add({ logits, routing, isRecomputed }: NextToken): GeneratedToken {
    const { temperature, candidates, tokens, stops } = this.settings;
    const index = this.written++;
    const id = pickToken(logits, temperature, uniform(this.seed, index));
    const probabilities = probabilitiesOf(logits);
    const candidate = (one: number): Candidate => ({
      id: one,
      label: this.tokenizer.label(one),
      probability: probabilities[one]!,
    });
    const piece = this.decode([id]);
    this.tokens.push(id);
    this.text += piece;
    const ends = stops.map((stop) => this.text.indexOf(stop)).filter((at) => at >= 0);
    if (ends.length > 0) {
      this.text = this.text.slice(0, Math.min(...ends));
      this.end = 'stop';
    } else if (this.written === tokens) this.end = 'tokens';
    return {
      ...candidate(id),
      prompt: this.prompt,
      index,
      text: piece,
      candidates: mostProbable(probabilities, candidates).map(candidate),
      routing,
      isRecomputed,
    };
  }
}

/** What tokens cost: by the slots that they chose, and the keys that they saw. */
class Spending {
  tokens = 0;
  recomputed = 0;
  private readonly config: EngineConfig;
  private readonly chosen = new Map<number, Float64Array>();
  private readonly slots: ReadonlyMap<number, number>;
  private keys = 0;

  constructor({ config, layers }: Pick<Engine, 'config' | 'layers'>) {
    this.config = config;
    this.slots = new Map(layers.map(({ layer, slots }) => [layer, slots]));
  }

  /** @param context tokens before the one that was written */
  note(routing: readonly TokenRouting[], context: number, isRecomputed: boolean): void {
    this.tokens++;
    if (isRecomputed) this.recomputed++;
    else this.keys += context;
    for (const { layer, selected } of routing) {
      const counts = this.chosen.get(layer) ?? new Float64Array(this.slots.get(layer) ?? 0);
      for (const slot of selected) counts[slot]!++;
      this.chosen.set(layer, counts);
    }
  }

  /** FLOPs of a token in a pass over sequences of S. */
  private perToken(S: number): number {
    const rows: SlotRows = new Map(
      [...this.chosen].map(([layer, counts]) => [layer, counts.map((n) => n / this.tokens)]),
    );
    return stepCosts({ ...this.config, batch: { B: 1, S } }, rows).forwardFlopsPerToken;
  }

  get flopsPerToken(): number {
    const kept = this.tokens - this.recomputed;
    const { S } = this.config.batch;
    // A token of a causal pass over 2n − 1 sees n keys on the average.
    const one = kept === 0 ? 0 : kept * this.perToken((2 * this.keys) / kept - 1);
    const whole = this.recomputed === 0 ? 0 : this.recomputed * S * this.perToken(S);
    return (one + whole) / this.tokens;
  }
}

/**
 * Texts after several prompts; the first is what `sampleText` writes after it.
 * @throws ConfigInvalid for what cannot be written; Cancelled
 */
export async function generateTexts(
  engine: Engine,
  text: PreparedText,
  settings: Settings,
  { isCancelled, isToStop, onTokens }: Listening,
): Promise<Generation> {
  checkRequest(settings);
  checkTexts(settings);
  const { tokenizer } = text;
  const { step } = engine;
  const texts = settings.prompts.map(
    (prompt, p) => new Text(p, startOf(text, prompt), settings, tokenizer),
  );
  const spending = new Spending(engine);
  const start = performance.now();
  let waiting: GeneratedToken[] = [];
  let reported = start;
  const report = () => {
    if (waiting.length > 0) onTokens(waiting);
    waiting = [];
    reported = performance.now();
  };
  while (texts.some(({ end }) => end === null)) {
    if (isCancelled()) throw switchyardError('Cancelled', 'The texts were cancelled.');
    if (isToStop()) {
      for (const one of texts) one.end ??= 'cancelled';
      break;
    }
    const contexts = texts.map(({ tokens, end }) => (end === null ? tokens : null));
    const next = await engine.next(contexts, { capacity: settings.capacity, routing: true });
    for (const [p, one] of texts.entries()) {
      if (one.end !== null) continue;
      const token = one.add(next[p] as NextToken);
      spending.note(token.routing, one.tokens.length - 1, token.isRecomputed);
      waiting.push(token);
    }
    if (performance.now() - reported >= REPORT_MS) report();
    await giveWay();
  }
  const seconds = (performance.now() - start) / 1000;
  report();
  const { tokens, recomputed, flopsPerToken } = spending;
  return {
    step,
    texts: texts.map(({ text: written, end }, p) => ({
      prompt: settings.prompts[p] as string,
      text: written,
      end: end ?? 'tokens',
    })),
    tokens,
    recomputed,
    tokensPerSec: tokens / seconds,
    flopsPerToken: tokens === 0 ? 0 : flopsPerToken,
  };
}
