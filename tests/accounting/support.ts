import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { EngineConfig } from '../../src/config/experiment.ts';
import { plainRouter } from '../../src/config/plainRouter.ts';

const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));

/** Rows of a CSV of a paper's table, all columns as numbers. */
export function paperTable(name: string): Record<string, number>[] {
  const [header, ...rows] = readFileSync(`${fixtures}papers/${name}.csv`, 'utf8')
    .trim()
    .split('\n');
  const columns = header!.split(',');
  return rows.map((row) => {
    const cells = row.split(',');
    return Object.fromEntries(columns.map((column, i) => [column, Number(cells[i])]));
  });
}

export function paperTables(prefix: string): string[] {
  const files = readdirSync(`${fixtures}papers`).filter((file) => file.startsWith(prefix));
  return files.map((file) => file.replace('.csv', ''));
}

interface GoldenParameters {
  name: string;
  config: EngineConfig;
  /** Elements of every stored parameter, by name. */
  sizes: Map<string, number>;
}

/** Configuration and parameter sizes of every golden case that is a whole model. */
export function goldenParameters(): GoldenParameters[] {
  const cases = readdirSync(`${fixtures}goldens`, { withFileTypes: true });
  return cases.flatMap((entry) => {
    if (!entry.isDirectory()) return [];
    const folder = `${fixtures}goldens/${entry.name}`;
    const golden = JSON.parse(readFileSync(`${folder}/case.json`, 'utf8'));
    // Cases of texts have no tensors.
    if (!existsSync(`${folder}/tensors.safetensors`)) return [];
    const file = readFileSync(`${folder}/tensors.safetensors`);
    const headerLength = Number(file.readBigUInt64LE(0));
    const header: Record<string, { shape: number[] }> = JSON.parse(
      file.toString('utf8', 8, 8 + headerLength),
    );
    const sizes = new Map<string, number>();
    for (const [tensor, { shape }] of Object.entries(header)) {
      // A selection bias is a state, no parameter.
      if (!tensor.startsWith('param.') || tensor.endsWith('.selection_bias')) continue;
      sizes.set(
        tensor.slice('param.'.length),
        shape.reduce((a, b) => a * b, 1),
      );
    }
    const isModel = golden.config?.model !== undefined && sizes.has('embed.weight');
    return isModel ? [{ name: entry.name, config: golden.config, sizes }] : [];
  });
}

/** A small full MoE of 4 plain experts, with the given parts replaced. */
export function smallConfig(parts: {
  model?: Partial<EngineConfig['model']>;
  router?: Partial<EngineConfig['router']>;
  experts?: Partial<EngineConfig['experts']>;
  batch?: Partial<EngineConfig['batch']>;
}): Pick<EngineConfig, 'model' | 'router' | 'experts' | 'batch'> {
  return {
    model: {
      V: 64,
      D: 32,
      L: 3,
      H: 4,
      Hkv: 2,
      positions: 'rope',
      ropeBase: 10000,
      keyNorm: false,
      normEps: 1e-5,
      tied: false,
      denseHidden: 96,
      arrangement: 'full',
      ...parts.model,
    },
    router: plainRouter({ gate: 'softmax', ...parts.router }),
    experts: {
      slots: [48, 48, 48, 48].map((hidden) => ({ kind: 'ffn', hidden })),
      sharedHidden: 0,
      ...parts.experts,
    },
    batch: { B: 4, S: 16, ...parts.batch },
  };
}
