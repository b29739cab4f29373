/** What the names and shapes of a checkpoint's tensors tell of its model (docs/model.md, "Parameter names"). */
import type { Arrangement, Change, JsonValue, Slot } from '../../config/experiment.ts';
import { isMoeLayer } from '../../config/layers.ts';
import { listed } from '../../config/plural.ts';
import { show } from '../../config/values.ts';

export type Shapes = ReadonlyMap<string, readonly number[]>;

/** What is told of the slots of a MoE layer. */
interface Slots {
  R: number;
  ffn: readonly number[];
  constants: number;
}

export interface Told {
  /** Settings by their paths. */
  known: Change;
  /** Entries of the vocabulary. */
  V: number;
  D: number;
  /** Rows of every key matrix: Hkv·Dh. */
  keyRows: number;
  /** Width of a head, where keys are normalised. */
  headWidth: number | null;
  /** Widths of the FFN experts of the first MoE layer that has other slots, or of the first at all. */
  ffn: readonly number[];
  /** Slots that are no FFN experts: how many, and what they could be; null where there are none. */
  otherSlots: { count: number; constants: number; layer: number } | null;
}

function fail(message: string): never {
  throw new RangeError(message);
}

/** Names of a layer's tensors, without `layers.<l>.`. */
const LAYER_NAMES = [
  /^attn_norm\.weight$/,
  /^ffn_norm\.weight$/,
  /^attn\.(q|k|v|o|k_norm)\.weight$/,
  /^ffn\.(gate|up|down)\.weight$/,
  /^moe\.router\.(weight|bias|selection_bias|noise\.weight|noise_norm\.weight|residual\.weight)$/,
  /^moe\.experts\.\d+\.(gate|up|down)\.weight$/,
  /^moe\.constants\.\d+\.(vector|mix\.weight)$/,
  /^moe\.shared\.(gate|up|down)\.weight$/,
];

/** @throws RangeError for a name that the specification does not have */
function checkNames(shapes: Shapes): void {
  const wrong = [...shapes.keys()].filter((name) => {
    const [, rest] = /^layers\.(?:0|[1-9]\d*)\.(.*)$/.exec(name) ?? [];
    if (rest !== undefined) return !LAYER_NAMES.some((pattern) => pattern.test(rest));
    return !['embed.weight', 'head.weight', 'final_norm.weight'].includes(name);
  });
  if (wrong.length > 0)
    fail(
      `the specification has no ${wrong.length === 1 ? 'tensor' : 'tensors'} ${listed(wrong.map(show), ', ')}; its names are those of docs/model.md, such as "layers.0.attn.q.weight"`,
    );
}

/** A tensor of two axes. @throws RangeError where it is missing or has others */
function matrix(shapes: Shapes, name: string): readonly [number, number] {
  const shape = shapes.get(name) ?? fail(`"${name}" is missing`);
  const [rows, columns] = shape;
  if (shape.length !== 2 || rows === undefined || columns === undefined || rows * columns === 0)
    fail(`"${name}" has shape [${shape}]; two axes are needed`);
  return [rows, columns];
}

/** How many of consecutive numbers from 0 a name exists with. */
function countOf(shapes: Shapes, name: (i: number) => string): number {
  let count = 0;
  while (shapes.has(name(count))) count += 1;
  return count;
}

/** The one value that all layers have. */
function common<T>(of: string, layers: readonly number[], read: (l: number) => T): T | null {
  const values = layers.map(read);
  const other = values.findIndex((value) => value !== values[0]);
  if (other > 0)
    fail(
      `layers ${layers[0]} and ${layers[other]} have different ${of} (${values[0]} and ${values[other]}); a model here has one`,
    );
  return values[0] ?? null;
}

function arrangementOf(L: number, moe: readonly number[]): Arrangement {
  const layers = Array.from({ length: L }, (_, l) => l);
  const names = ['dense', 'full', '1dense', 'interleave'] as const;
  const isThat = (arrangement: Arrangement) =>
    layers.every((l) => isMoeLayer({ arrangement }, l) === moe.includes(l));
  return names.find(isThat) ?? [...moe];
}

function slotsOf(shapes: Shapes, l: number): Slots {
  const prefix = `layers.${l}.moe`;
  const [R] = matrix(shapes, `${prefix}.router.weight`);
  const experts = countOf(shapes, (i) => `${prefix}.experts.${i}.gate.weight`);
  const constants = countOf(shapes, (c) => `${prefix}.constants.${c}.vector`);
  const ffn = Array.from(
    { length: experts },
    (_, i) => matrix(shapes, `${prefix}.experts.${i}.gate.weight`)[0],
  );
  if (experts + constants > R)
    fail(
      `layer ${l} has ${experts} FFN experts and ${constants} constant ones, its router ${R} slots`,
    );
  return { R, ffn, constants };
}

const ffnSlots = ({ ffn }: Slots): Slot[] => ffn.map((hidden) => ({ kind: 'ffn', hidden }));

/** Expert spaces of the MoE layers, as far as every slot is an FFN expert. */
function expertsOf(spaces: ReadonlyMap<number, Slots>): Change {
  const [first] = [...spaces.values()].map(ffnSlots);
  if (first === undefined) return {};
  const others = [...spaces]
    .map(([l, space]) => [String(l), ffnSlots(space)] as const)
    .filter(([, slots]) => JSON.stringify(slots) !== JSON.stringify(first));
  return {
    'experts.slots': first,
    'experts.perLayer': others.length === 0 ? null : Object.fromEntries(others),
  };
}

function routersOf(shapes: Shapes, moe: readonly number[]): Change {
  const has = (what: string, layers: readonly number[], name: string) =>
    common(`routers: some with ${what}, some without`, layers, (l) =>
      shapes.has(`layers.${l}.moe.router.${name}`),
    ) ?? false;
  const shared = common('widths of the shared expert', moe, (l) => {
    const name = `layers.${l}.moe.shared.gate.weight`;
    return shapes.has(name) ? matrix(shapes, name)[0] : 0;
  });
  return {
    'router.bias': has('a bias', moe, 'bias'),
    'router.noise': has('a noise branch', moe, 'noise.weight'),
    // The first MoE layer has no router before it.
    'router.gatingResidual': has('a residual', moe.slice(1), 'residual.weight'),
    'experts.sharedHidden': shared ?? 0,
  };
}

/** Selection biases, which no rule moves unless it is set; layers before them can only select by hash. */
function biasesOf(shapes: Shapes, moe: readonly number[]): Record<string, JsonValue> {
  const biased = moe.filter((l) => shapes.has(`layers.${l}.moe.router.selection_bias`));
  if (biased.length === 0) return {};
  const first = moe.length - biased.length;
  if (moe[first] !== biased[0])
    fail(`the layers ${biased.join(', ')} with a selection bias are not the last MoE layers`);
  const rule = { 'router.biasRule': { kind: 'none' } };
  return first === 0 ? rule : { ...rule, 'router.hashLayers': first };
}

/** @throws RangeError, as the end of a sentence, for tensors of which no model here consists */
export function tellShapes(shapes: Shapes): Told {
  const [V, D] = matrix(shapes, 'embed.weight');
  checkNames(shapes);
  const L = countOf(shapes, (l) => `layers.${l}.attn.q.weight`);
  if (L === 0) fail('"layers.0.attn.q.weight" is missing');
  const layers = Array.from({ length: L }, (_, l) => l);
  const moe = layers.filter((l) => shapes.has(`layers.${l}.moe.router.weight`));
  const dense = layers.filter((l) => !moe.includes(l));
  const keyRows = common('numbers of key rows', layers, (l) => {
    return matrix(shapes, `layers.${l}.attn.k.weight`)[0];
  });
  const headWidth = common('widths of key norms', layers, (l) => {
    return shapes.get(`layers.${l}.attn.k_norm.weight`)?.[0] ?? null;
  });
  const hidden = common('widths of their feed-forward part', dense, (l) => {
    return matrix(shapes, `layers.${l}.ffn.gate.weight`)[0];
  });
  const spaces = new Map(moe.map((l) => [l, slotsOf(shapes, l)]));
  const open = [...spaces].find(([, { R, ffn }]) => R > ffn.length);
  const known: Record<string, JsonValue> = {
    'model.V': V,
    'model.D': D,
    'model.L': L,
    'model.tied': !shapes.has('head.weight'),
    'model.keyNorm': headWidth !== null,
    'model.arrangement': arrangementOf(L, moe),
    ...(hidden === null ? {} : { 'model.denseHidden': hidden }),
    ...(moe.length === 0 ? {} : { ...routersOf(shapes, moe), ...biasesOf(shapes, moe) }),
    ...(open === undefined ? (expertsOf(spaces) as Record<string, JsonValue>) : {}),
  };
  return {
    known,
    V,
    D,
    keyRows: keyRows ?? D,
    headWidth,
    ffn: (open?.[1] ?? [...spaces.values()][0])?.ffn ?? [],
    otherSlots: open
      ? { count: open[1].R - open[1].ffn.length, constants: open[1].constants, layer: open[0] }
      : null,
  };
}
