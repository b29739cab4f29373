/** Every shader agrees with its header and its descriptor, and every operation has its whole card. */
import { describe, expect, it } from 'vitest';
import type { Access, KernelSpec } from '../src/gpu/kernel.ts';
import { loadLabBodies } from '../src/kernels/bodies.ts';
import { serial } from '../src/kernels/software/serial.ts';
import { filesUnder, importsOf, textOf } from './support/sourceTree.ts';

interface Binding {
  slot: number;
  name: string;
  type: string;
  access: Access;
}

/** `//   3 m_TD  array<vec4f>  [T, D4]  read  note`: columns are two spaces or more apart. */
const ROW = /^\/\/ {3}(\d+) (\w+)\s+(\S+)\s{2,}\S.*?\s{2,}(read|readWrite)(?:\s{2,}|$)/gm;
const DECLARATION =
  /^@group\(0\) @binding\((\d+)\) var<storage, (read|read_write)> (\w+): (.+);$/gm;

function headerBindings(source: string): Binding[] {
  return [...source.matchAll(ROW)].map(([, slot, name = '', type = '', access]) => ({
    slot: Number(slot),
    name,
    type,
    access: access === 'read' ? 'read' : 'readWrite',
  }));
}

function declaredBindings(source: string): Binding[] {
  return [...source.matchAll(DECLARATION)].map(([, slot, access, name = '', type = '']) => ({
    slot: Number(slot),
    name,
    type,
    access: access === 'read' ? 'read' : 'readWrite',
  }));
}

/** Fields of `struct Dims`, in order, as [name, type]. */
function declaredDims(source: string): [string, string][] {
  const body = /struct Dims \{([^}]*)\}/.exec(source)?.[1] ?? '';
  return [...body.matchAll(/(\w+)\s*:\s*(\w+)/g)].map(([, name = '', type = '']) => [name, type]);
}

/** `// constants: A, B = 2 (meaning)` as ['A', 'B']. */
function headerConstants(source: string): string[] {
  const line = /^\/\/ constants: (.*)$/m.exec(source)?.[1] ?? '';
  if (line === 'none') return [];
  const names = line.replaceAll(/\([^)]*\)|=\s*\w+/g, '').split(',');
  return names.map((name) => name.trim());
}

function isKernelSpec(value: unknown): value is KernelSpec {
  return typeof value === 'object' && value !== null && 'source' in value && 'bindings' in value;
}

const shaders = filesUnder('shaders', '.wgsl').map((path) => ({ path, source: textOf(path) }));
/** A kernel is a file that binds buffers; what binds none is a prelude, `main` or not. */
const kernels = shaders
  .filter(({ source }) => source.match(DECLARATION) !== null)
  .map(({ path, source }) => ({ name: path.replace(/^.*\/|\.wgsl$/g, ''), path, source }));

const modules = import.meta.glob<Record<string, unknown>>('../src/kernels/**/*.ts', {
  eager: true,
});
const usual = Object.values(modules).flatMap((module) =>
  Object.values(module).filter(isKernelSpec),
);
await loadLabBodies();
/** And those that differ from them by their source alone (src/kernels/software/serial.ts). */
const specs = [...usual, ...usual.map((spec) => serial(spec).spec)].filter(
  (spec, i, all) => all.findIndex(({ name }) => name === spec.name) === i,
);

describe.each(kernels)('$path', ({ name, source }) => {
  it('has a header that names every binding as it is declared', () => {
    const header = headerBindings(source);
    expect(header.length).toBeGreaterThan(0);
    expect(header).toEqual(declaredBindings(source));
    expect(header.map(({ slot }) => slot)).toEqual(header.map((_, i) => i));
  });

  it('says constants, dispatch and writes', () => {
    for (const field of ['constants', 'dispatch', 'writes']) {
      expect(source).toMatch(new RegExp(`^// ${field}: \\S`, 'm'));
    }
  });

  it('has one descriptor with its bindings, dims and constants', () => {
    const found = specs.filter((spec) => spec.name === name);
    expect(found.map((spec) => spec.source)).toEqual([source]);
    const [spec] = found as [KernelSpec];
    const declared = declaredBindings(source);
    expect(Object.entries(spec.bindings)).toEqual(declared.map((b) => [b.name, b.access]));
    expect(Object.entries(spec.dims)).toEqual(declaredDims(source));
    expect([...(spec.constants ?? [])].sort()).toEqual(headerConstants(source).sort());
  });
});

it('has no descriptor without a shader, and no kernel name twice', () => {
  expect(specs.map(({ name }) => name).sort()).toEqual(kernels.map(({ name }) => name).sort());
  expect(new Set(usual.map(({ name }) => name)).size).toBe(usual.length);
});

it('gives every kernel one entry point, its own or that of a prelude', () => {
  const all = [...usual, ...usual.map((spec) => serial(spec).spec)];
  const entries = ({ source, preludes = [] }: KernelSpec) =>
    [...preludes, source].join('\n').match(/^@compute @workgroup_size\(\w+\)\nfn main\(/gm);
  expect(all.filter((spec) => entries(spec)?.length !== 1).map(({ name }) => name)).toEqual([]);
});

it.each(shaders)('$path writes vectors that invocations share as a whole', ({ source }) => {
  // Whoever writes a component may write all of the vector, as compilers for Direct3D do.
  const vectors = source.matchAll(/^var<workgroup> (\w+): array<(?:vec|mat)/gm);
  const writes = [...vectors].flatMap(([, name]) => [
    ...source.matchAll(new RegExp(`\\b${name}\\[[^\\]]*\\](?:\\[|\\.)[^;=]* [-+*/|&]?= .*`, 'g')),
  ]);
  expect(writes.map(([line]) => line)).toEqual([]);
});

it.each(shaders)('$path calls nothing in constants of the module', ({ source }) => {
  // Firefox had no built-in functions in constants when it brought WebGPU.
  expect(source.match(/^(?:const|override) .*\w\(.*/gm)).toBeNull();
});

it('uses every prelude', () => {
  const used = new Set(
    usual.flatMap((spec) => [spec, serial(spec).spec]).flatMap((spec) => spec.preludes ?? []),
  );
  const preludes = shaders.filter(({ source }) => source.match(DECLARATION) === null);
  expect(preludes.filter(({ source }) => !used.has(source)).map(({ path }) => path)).toEqual([]);
});

describe('bodies for adapters without a GPU', () => {
  it('lie in folders of their own, and kernels for GPUs load nothing of those', () => {
    const softwareSources = new Set(
      shaders.filter(({ path }) => path.includes('/software/')).map(({ source }) => source),
    );
    const ofSoftware = Object.entries(modules)
      .filter(([path]) => path.includes('/software/'))
      .flatMap(([, module]) => Object.values(module).filter(isKernelSpec))
      .map(({ name }) => name);
    const strays = usual
      .filter(({ name }) => !ofSoftware.includes(name))
      .filter(({ source, preludes = [] }) =>
        [source, ...preludes].some((text) => softwareSources.has(text)),
      );
    expect(strays.map(({ name }) => name)).toEqual([]);
  });

  it('are chosen in one place', () => {
    const asking = filesUnder('src/kernels', '.ts').filter((path) =>
      /\b(adapterClass|usesQuads)\b/.test(textOf(path)),
    );
    expect(asking).toEqual(['src/kernels/bodies.ts']);
    const loading = [...filesUnder('src', '.ts'), ...filesUnder('src', '.tsx')]
      .filter((path) => !path.startsWith('src/kernels/software/'))
      .filter((path) =>
        importsOf(path).some(({ target }) => target.startsWith('src/kernels/software/')),
      );
    expect(loading).toEqual(['src/kernels/bodies.ts']);
  });
});

describe('operation cards', () => {
  /** Sums that several operations share live in shaders/common; they have no equation of their own. */
  const isShared = ({ path }: { path: string }) => path.startsWith('shaders/common/');
  const operationOf = ({ name }: { name: string }) => name.split('.')[0] ?? '';
  const operations = [...new Set(kernels.filter((k) => !isShared(k)).map(operationOf))];
  const shared = [...new Set(kernels.filter(isShared).map(operationOf))];
  const present = new Set([
    ...filesUnder('src/reference', '.ts'),
    ...filesUnder('tests', '.test.ts'),
  ]);

  /** The operation's own name, and that of the file which holds its descriptors (adjoint pairs share one). */
  function namesOf(op: string): string[] {
    const holders = Object.entries(modules).filter(([, module]) =>
      Object.values(module).some((value) => isKernelSpec(value) && value.name.startsWith(`${op}.`)),
    );
    return [op, ...holders.map(([path]) => path.replace(/^.*\/|\.ts$/g, ''))];
  }

  it.each(operations)('%s has a reference and both tests', (op) => {
    const card = [
      (name: string) => `src/reference/${name}.ts`,
      (name: string) => `tests/reference/${name}.test.ts`,
      (name: string) => `tests/kernels/${name}.gpu.test.ts`,
    ];
    const missing = card.filter((path) => !namesOf(op).some((name) => present.has(path(name))));
    expect(missing.map((path) => path(op))).toEqual([]);
  });

  it('tests the shared kernels too', () => {
    const missing = shared.filter((op) => !present.has(`tests/kernels/${op}.gpu.test.ts`));
    expect(missing).toEqual([]);
  });
});
