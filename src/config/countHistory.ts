/** The history of counts that the balance loss over a window of steps keeps (docs/balancing.md, "Losses"). */
import { layerSelection } from './balancing.ts';
import type { EngineConfig, ModelConfig } from './experiment.ts';
import { isMoeLayer, slotsOfLayer } from './layers.ts';

/** What of an experiment says which counts are kept. */
export type Counted = Pick<EngineConfig, 'router' | 'experts' | 'losses'> & {
  model: Pick<ModelConfig, 'L' | 'arrangement'>;
};

/** Steps before the current one that a history holds at most: G − 1, 0 where there is none. */
export function historySteps({ balance }: EngineConfig['losses']): number {
  return balance?.scope === 'global' ? balance.window - 1 : 0;
}

/** Name of the history of layer l in checkpoints: [n ≤ G − 1, R] whole numbers, oldest first. */
export function countHistoryName(l: number): string {
  return `layers.${l}.moe.router.count_history`;
}

/** Whether a name is that of a history of counts. */
export function isCountHistory(name: string): boolean {
  return name.endsWith('.moe.router.count_history');
}

/** The layers that have a history, with their number of slots R. */
export function historyLayers(config: Counted): { layer: number; R: number }[] {
  if (historySteps(config.losses) === 0) return [];
  const layers = Array.from({ length: config.model.L }, (_, l) => l);
  return layers
    .filter((l) => isMoeLayer(config.model, l) && layerSelection(config, l) !== 'hash')
    .map((layer) => ({ layer, R: slotsOfLayer(config.experts, layer).length }));
}

/** Layers whose history holds on after a change: of the same slots, counted in the same way. */
export function keptHistories(before: Counted, after: Counted): number[] {
  const countsOf = ({ losses }: Counted) => losses.balance?.counts ?? 'selected';
  if (countsOf(before) !== countsOf(after)) return [];
  const slots = ({ experts }: Counted, l: number) => JSON.stringify(slotsOfLayer(experts, l));
  return historyLayers(after)
    .map(({ layer }) => layer)
    .filter((l) => slots(before, l) === slots(after, l));
}
