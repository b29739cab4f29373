/** Where slots and ribbons are: layers from left to right, slots in their own order. */
import { type SankeyNode, sankey, sankeyLinkHorizontal } from 'd3-sankey';
import type { Look } from '../../../state/looks/looked.ts';
import type { FlowStep } from './steps.ts';

export interface FlowNode {
  /** Place among the shown layers, and the slot. */
  column: number;
  slot: number;
}

export interface FlowBox extends FlowNode {
  x: number;
  y: number;
  width: number;
  height: number;
  /** Tokens whose first slot it is. */
  tokens: number;
}

export interface FlowRibbon {
  from: FlowNode;
  to: FlowNode;
  tokens: number;
  path: string;
  width: number;
}

export interface FlowLayout {
  boxes: readonly FlowBox[];
  ribbons: readonly FlowRibbon[];
}

interface Extra {
  tokens: number;
}
type Node = SankeyNode<FlowNode, Extra>;

const NODE_PX = 12;
const PAD_PX = 6;

export interface FlowArea {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** @param steps of neighbouring layers, one behind the other */
export function flowLayout(
  { layers }: Look,
  steps: readonly FlowStep[],
  { left, top, right, bottom }: FlowArea,
): FlowLayout {
  const [first] = steps;
  if (first === undefined) return { boxes: [], ribbons: [] };
  const places = [first.from, ...steps.map(({ to }) => to)];
  const offsets: number[] = [];
  const nodes: FlowNode[] = [];
  for (const [column, place] of places.entries()) {
    offsets.push(nodes.length);
    layers[place]?.kinds.forEach((_, slot) => {
      nodes.push({ column, slot });
    });
  }
  const links = steps.flatMap(({ counts }, column) => {
    const [, R = 0] = counts.shape;
    return Array.from(counts.data, (tokens, at) => ({
      source: offsets[column]! + Math.floor(at / R),
      target: offsets[column + 1]! + (at % R),
      value: tokens,
      tokens,
    })).filter(({ tokens }) => tokens > 0);
  });
  const laid = sankey<FlowNode, Extra>()
    .nodeWidth(NODE_PX)
    .nodePadding(PAD_PX)
    .nodeAlign(({ column }) => column)
    // Slots keep their order, and nothing is moved to be prettier.
    .nodeSort(() => 0)
    .iterations(0)
    .extent([
      [left, top],
      [right, bottom],
    ])({ nodes, links });
  const ribbon = sankeyLinkHorizontal<FlowNode, Extra>();
  return {
    boxes: laid.nodes.map(({ column, slot, x0 = 0, x1 = 0, y0 = 0, y1 = 0, value = 0 }) => ({
      ...{ column, slot, x: x0, y: y0, width: x1 - x0, height: y1 - y0, tokens: value },
    })),
    ribbons: laid.links.map((link) => ({
      from: link.source as Node,
      to: link.target as Node,
      tokens: link.tokens,
      path: ribbon(link) ?? '',
      width: link.width ?? 0,
    })),
  };
}
