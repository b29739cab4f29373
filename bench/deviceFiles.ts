/** The files of `bench/devices` and the page made of them, on disk. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type Devices, devicesPage } from './devices.ts';
import type { BenchReport } from './report.ts';

const folder = new URL('devices/', import.meta.url);
const page = new URL('../docs/devices.md', import.meta.url);

/** One report per file, by its path below `bench/devices`. */
export function deviceReports(kind: keyof Devices): Map<string, BenchReport> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const own = names.filter((name) => name.startsWith(`${kind}/`) && name.endsWith('.json')).sort();
  return new Map(
    own.map((name) => [name, JSON.parse(readFileSync(new URL(name, folder), 'utf8'))]),
  );
}

export function currentDevicesPage(): string {
  const of = (kind: keyof Devices) => [...deviceReports(kind).values()];
  return devicesPage({ gpu: of('gpu'), software: of('software') });
}

/** Writes docs/devices.md anew. @returns its path */
export function writeDevicesPage(): string {
  writeFileSync(page, currentDevicesPage());
  return fileURLToPath(page);
}
