/** Rules about the network, its batch and its text. */

import { hasMoe } from '../conditions.ts';
import type { Experiment } from '../experiment.ts';
import { counted } from '../plural.ts';
import { MAX_TOKENS } from '../settings.ts';
import { type Constraint, type Finding, layersOf } from './types.ts';

/** Largest divisor of n that is at most `limit`. */
function divisorUpTo(n: number, limit: number): number {
  let d = Math.max(1, Math.min(n, limit));
  while (n % d !== 0) d--;
  return d;
}

function headWidth({ model: { D, H, positions } }: Experiment): Finding[] {
  if (D % H !== 0) {
    const heads = divisorUpTo(D, H);
    const message = `model width D = ${D} is not a multiple of H = ${H} heads`;
    const fix = { label: `Use ${heads} heads`, change: { 'model.H': heads, 'model.Hkv': heads } };
    return [{ path: 'model.H', also: ['model.D'], message, severity: 'error', fix }];
  }
  const Dh = D / H;
  if (positions === 'alibi' || Dh % 2 === 0) return [];
  const message = `head width Dh = D/H = ${Dh} is odd; rotary positions turn pairs of features and need an even one`;
  const fix = { label: 'Use ALiBi positions', change: { 'model.positions': 'alibi' } };
  return [
    { path: 'model.positions', also: ['model.D', 'model.H'], message, severity: 'error', fix },
  ];
}

function keyValueHeads({ model: { H, Hkv } }: Experiment): Finding[] {
  if (H % Hkv === 0) return [];
  const heads = divisorUpTo(H, Hkv);
  const message = `Hkv = ${Hkv} key/value heads do not divide H = ${H} query heads`;
  const fix = { label: `Use ${heads} key/value heads`, change: { 'model.Hkv': heads } };
  return [{ path: 'model.Hkv', also: ['model.H'], message, severity: 'error', fix }];
}

function arrangementLayers({ model: { arrangement, L } }: Experiment): Finding[] {
  if (typeof arrangement === 'string') return [];
  const outside = arrangement.filter((l) => l >= L);
  if (outside.length === 0) return [];
  const message = `MoE ${outside.length === 1 ? `layer ${outside[0]} does` : `layers ${outside.join(', ')} do`} not exist; ${layersOf(L)}`;
  const inside = arrangement.filter((l) => l < L);
  const fix = { label: 'Leave them out', change: { 'model.arrangement': inside } };
  return [{ path: 'model.arrangement', also: ['model.L'], message, severity: 'error', fix }];
}

function vocabulary({ model: { V }, tokenizer }: Experiment): Finding[] {
  if (V === null || tokenizer.kind === 'chars') return [];
  const entries = tokenizer.kind === 'bytes' ? 256 : tokenizer.size;
  if (V >= entries) return [];
  const message = `vocabulary V = ${V} is smaller than the ${entries} entries of the tokenizer`;
  const fix = { label: 'Take V from the tokenizer', change: { 'model.V': null } };
  return [
    {
      path: 'model.V',
      also: ['tokenizer.kind', 'tokenizer.size'],
      message,
      severity: 'error',
      fix,
    },
  ];
}

function batchTokens({ batch: { B, S } }: Experiment): Finding[] {
  if (B * S <= MAX_TOKENS) return [];
  const most = Math.max(1, Math.floor(MAX_TOKENS / S));
  const message = `a batch has B·S = ${B}·${S} = ${B * S} tokens; at most ${MAX_TOKENS} are allowed`;
  const fix = { label: `Use ${most} sequences`, change: { 'batch.B': most } };
  return [{ path: 'batch.B', also: ['batch.S'], message, severity: 'error', fix }];
}

function sharedExpert(experiment: Experiment): Finding[] {
  const { sharedHidden } = experiment.experts;
  if (sharedHidden === 0 || hasMoe(experiment)) return [];
  const message = `the shared expert of width ${sharedHidden} is not used: no layer is a MoE layer`;
  const fix = { label: 'Remove it', change: { 'experts.sharedHidden': 0 } };
  return [
    {
      path: 'experts.sharedHidden',
      also: ['model.arrangement'],
      message,
      severity: 'warning',
      fix,
    },
  ];
}

function mixHasText({ data: { mix } }: Experiment): Finding[] {
  if (Object.values(mix).some((weight) => weight > 0)) return [];
  const message = 'no corpus has a weight above 0, so there is no text to train on';
  const fix = { label: 'Use prose', change: { 'data.mix': { prose: 1 } } };
  return [{ path: 'data.mix', message, severity: 'error', fix }];
}

function uniqueTokens({ data, batch: { S } }: Experiment): Finding[] {
  if (data.uniqueTokens === null || data.uniqueTokens > S) return [];
  const message = `${counted(data.uniqueTokens, 'unique token')} cannot fill one sequence of ${counted(S, 'token')} and its next token`;
  const fix = { label: `Use ${S + 1}`, change: { 'data.uniqueTokens': S + 1 } };
  return [{ path: 'data.uniqueTokens', also: ['batch.S'], message, severity: 'error', fix }];
}

export const shapeConstraints: readonly Constraint[] = [
  { name: 'headWidth', check: headWidth },
  { name: 'keyValueHeads', check: keyValueHeads },
  { name: 'arrangementLayers', check: arrangementLayers },
  { name: 'vocabulary', check: vocabulary },
  { name: 'batchTokens', check: batchTokens },
  { name: 'sharedExpert', check: sharedExpert },
  { name: 'mixHasText', check: mixHasText },
  { name: 'uniqueTokens', check: uniqueTokens },
];
