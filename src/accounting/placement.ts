/**
 * Experts on simulated devices (MoDSE 3.2). Tokens live on the devices in contiguous shards; an
 * assignment to an expert elsewhere moves the token there and the result back, 2·D float32.
 * Zero-computation experts are on every device (MoE++) and move nothing; a negated slot runs where
 * its twin's weights are.
 */

import type { Slot } from '../config/experiment.ts';
import { expertOfSlots, expertWidths } from '../config/slots.ts';
import { swigluWeights } from './parameters.ts';
import type { RoutingTable } from './slotUse.ts';

export type PlacementPolicy = 'pair' | 'sequential' | 'greedy';

/** Device of each FFN expert [N]. */
export function placeExperts(
  widths: readonly number[],
  devices: number,
  policy: PlacementPolicy,
): number[] {
  requireDevices(devices);
  switch (policy) {
    case 'pair':
      return placePairs(widths, devices);
    case 'sequential':
      return widths.map((_, i) => Math.floor((i * devices) / widths.length));
    case 'greedy':
      return placeGreedily(widths, devices);
  }
}

/** Widest with narrowest, and so inwards; both of a pair on one device, pairs in equal blocks. */
function placePairs(widths: readonly number[], devices: number): number[] {
  const order = byWidth(widths);
  const pairs = Math.ceil(order.length / 2);
  const device = new Array<number>(order.length).fill(0);
  for (let pair = 0; pair < pairs; pair++) {
    const home = Math.floor((pair * devices) / pairs);
    device[order[pair]!] = home;
    device[order[order.length - 1 - pair]!] = home;
  }
  return device;
}

/** Widest first, each on the device with the least width so far; ties go to the lower device. */
function placeGreedily(widths: readonly number[], devices: number): number[] {
  const held = new Array<number>(devices).fill(0);
  const device = new Array<number>(widths.length).fill(0);
  for (const expert of byWidth(widths)) {
    const home = held.indexOf(Math.min(...held));
    device[expert] = home;
    held[home]! += widths[expert]!;
  }
  return device;
}

/** Expert indices from widest to narrowest, ties by index. */
function byWidth(widths: readonly number[]): number[] {
  return widths.map((_, i) => i).sort((a, b) => widths[b]! - widths[a]! || a - b);
}

/** Kept assignments of each slot by the device on which their tokens live [G][R]. */
export function countsByShard(routing: RoutingTable, R: number, devices: number): number[][] {
  requireDevices(devices);
  const counts = Array.from({ length: devices }, () => new Array<number>(R).fill(0));
  const T = routing.selected.length / routing.W;
  for (let t = 0; t < T; t++) {
    const shard = counts[Math.floor((t * devices) / T)]!;
    for (let w = 0; w < routing.W; w++) {
      const slot = routing.selected[t * routing.W + w]!;
      if (slot >= 0 && routing.dropped[t * routing.W + w] !== 1) shard[slot]!++;
    }
  }
  return counts;
}

/** What `countsByShard` is on average when only the totals [R] are known: every shard alike. */
export function evenShards(kept: ArrayLike<number>, devices: number): number[][] {
  requireDevices(devices);
  const share = Array.from(kept, (count) => count / devices);
  return Array.from({ length: devices }, () => [...share]);
}

export interface PlacementInput {
  /** Model width. */
  D: number;
  policy: PlacementPolicy;
  /** Number of devices G. */
  devices: number;
  layers: readonly { slots: readonly Slot[]; counts: readonly (readonly number[])[] }[];
  /** Bytes per second of one device's link, both directions together. */
  bytesPerSec: number;
  /** FLOP per second of one device. */
  flopsPerSec: number;
  /** `training`: three times the FLOPs and twice the bytes of `forward`. */
  pass: 'forward' | 'training';
}

/** One device over all MoE layers. */
export interface DeviceLoad {
  /** Weights of the FFN experts that it holds. */
  parameters: number;
  /** Kept assignments that its FFN experts compute. */
  tokens: number;
  flops: number;
  /** Bytes through its link: each moved assignment counts at both of its ends. */
  bytes: number;
  /** Seconds of computing and moving, without waiting for others. */
  seconds: number;
}

export interface PlacementReport {
  devices: DeviceLoad[];
  /** Max/mean over the devices; 1 is even, NaN where nothing is there to share. */
  imbalance: Record<keyof DeviceLoad, number>;
  /** Bytes moved between devices, each assignment counted once. */
  movedBytes: number;
  /** Every layer ends when its slowest device has finished: Σ_layers max over the devices. */
  stepSeconds: number;
  /** The same if the work of each layer were spread evenly. */
  evenSeconds: number;
}

const LOADS = ['parameters', 'tokens', 'flops', 'bytes', 'seconds'] as const;

/** Loads of G devices under a placement with measured routing. Throws on G < 1 or shards ≠ G. */
export function simulatePlacement(input: PlacementInput): PlacementReport {
  requireDevices(input.devices);
  const devices = emptyLoads(input.devices);
  let movedBytes = 0;
  let stepSeconds = 0;
  let evenSeconds = 0;
  for (const layer of input.layers) {
    const loads = emptyLoads(input.devices);
    movedBytes += addLayer(loads, layer, input);
    const seconds = loads.map((load) => load.seconds);
    stepSeconds += Math.max(...seconds);
    evenSeconds += mean(seconds);
    loads.forEach((load, g) => {
      for (const name of LOADS) devices[g]![name] += load[name];
    });
  }
  const imbalance = { parameters: 0, tokens: 0, flops: 0, bytes: 0, seconds: 0 };
  for (const name of LOADS) {
    const values = devices.map((device) => device[name]);
    imbalance[name] = Math.max(...values) / mean(values);
  }
  return { devices, imbalance, movedBytes, stepSeconds, evenSeconds };
}

/** Adds one layer's work to the devices and returns the bytes that it moves between them. */
function addLayer(
  loads: DeviceLoad[],
  { slots, counts }: PlacementInput['layers'][number],
  { D, policy, pass, bytesPerSec, flopsPerSec }: PlacementInput,
): number {
  if (counts.length !== loads.length) {
    throw new RangeError(
      `placement: counts of ${counts.length} shards for ${loads.length} devices`,
    );
  }
  const widths = expertWidths(slots);
  const home = placeExperts(widths, loads.length, policy);
  const [flopFactor, byteFactor] = pass === 'training' ? [3, 2] : [1, 1];
  let movedBytes = 0;
  home.forEach((g, expert) => {
    loads[g]!.parameters += swigluWeights(D, widths[expert]!);
  });
  expertOfSlots(slots).forEach((expert, slot) => {
    if (expert < 0) return;
    const here = loads[home[expert]!]!;
    counts.forEach((shard, g) => {
      const assignments = shard[slot]!;
      here.tokens += assignments;
      here.flops += flopFactor * 2 * swigluWeights(D, widths[expert]!) * assignments;
      if (g === home[expert]) return;
      const bytes = byteFactor * 2 * D * 4 * assignments;
      movedBytes += bytes;
      here.bytes += bytes;
      loads[g]!.bytes += bytes;
    });
  });
  for (const load of loads) {
    load.seconds = load.flops / flopsPerSec + load.bytes / bytesPerSec;
  }
  return movedBytes;
}

function emptyLoads(devices: number): DeviceLoad[] {
  return Array.from({ length: devices }, () => ({
    parameters: 0,
    tokens: 0,
    flops: 0,
    bytes: 0,
    seconds: 0,
  }));
}

function requireDevices(devices: number): void {
  if (!Number.isInteger(devices) || devices < 1) {
    throw new RangeError(`placement: ${devices} devices; needed is a whole number from 1`);
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
