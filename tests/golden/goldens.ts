import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type GoldenCase, parseCase } from '../../src/golden/format.ts';

const directory = fileURLToPath(new URL('../fixtures/goldens/', import.meta.url));

/** Names of the fixture cases, sorted. */
export const GOLDEN_NAMES = readdirSync(directory)
  .filter((name) => existsSync(`${directory}${name}/case.json`))
  .sort();

/** case.json and the tensors' bytes of a fixture, if it has them. */
export function readGolden(name: string): { json: unknown; bytes: Uint8Array | null } {
  const json: unknown = JSON.parse(readFileSync(`${directory}${name}/case.json`, 'utf8'));
  const tensors = `${directory}${name}/tensors.safetensors`;
  return { json, bytes: existsSync(tensors) ? readFileSync(tensors) : null };
}

export function loadGolden(name: string): GoldenCase {
  const { json, bytes } = readGolden(name);
  return parseCase(json, bytes);
}
