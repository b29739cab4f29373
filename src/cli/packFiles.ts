/** What the archive of `npm run pack` holds. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPackage } from '../../scripts/corpora/packages.mjs';
import { parseCorpusIndex } from '../data/corpora.ts';
import { productFile } from '../data/productFiles.ts';
import { dawnBinding, nodeBinary, vulkanLoader } from './packBinaries.ts';
import { bundleCommands } from './packBundle.ts';
import slurm from './slurm.sh?raw';
import launcher from './switchyard.sh?raw';
import type { TarEntry } from './tar.ts';

/** At the same places as in the repository, where `productFile` looks for them. */
const CARRIED = ['public/corpora/', 'tests/fixtures/goldens/'];

const file = (path: string, content: string | Uint8Array): TarEntry => ({
  path,
  content: typeof content === 'string' ? Buffer.from(content) : content,
});

const read = (path: string) => readFileSync(productFile(path));

/** All files of a folder of the product. */
function folder(path: string): TarEntry[] {
  const url = productFile(path);
  return readdirSync(url, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const from = join(entry.parentPath, entry.name);
      return file(path + from.slice(fileURLToPath(url).length), readFileSync(from));
    });
}

function manifest(): TarEntry {
  const { name, version, license, type } = JSON.parse(read('package.json').toString());
  return file('package.json', `${JSON.stringify({ name, version, license, type }, null, 2)}\n`);
}

/** Licences of the packages that the corpora are made from. */
function corporaLicences(): TarEntry[] {
  const index = parseCorpusIndex(read('public/corpora/index.json').toString());
  const names = new Set(index.corpora.map(({ source }) => source.package));
  const own = JSON.parse(read('package.json').toString()).name;
  return [...names].flatMap((name) => {
    if (name === own) return [];
    const { directory } = findPackage(name);
    const texts = readdirSync(directory).filter((one) => /^(licen[cs]e|notice)/i.test(one));
    if (texts.length === 0) throw new Error(`the npm package ${name} has no licence to carry`);
    const place = `licences/corpora/${name.replace('/', '-')}`;
    return texts.map((one) => file(`${place}-${one}`, readFileSync(join(directory, one))));
  });
}

async function commands(): Promise<TarEntry[]> {
  const bundle = await bundleCommands(fileURLToPath(productFile('')));
  return [...bundle].map(([name, text]) =>
    file(name === 'licences.md' ? 'licences/packages.md' : `lib/${name}`, text),
  );
}

function loader(): TarEntry[] {
  const found = vulkanLoader();
  if (found === null) return [];
  return [
    file('lib/libvulkan.so.1', found.bytes),
    file('licences/vulkan-loader.txt', found.licence),
  ];
}

function node(): TarEntry[] {
  const { bytes, licence } = nodeBinary();
  return [{ ...file('node', bytes), isExecutable: true }, file('licences/node.txt', licence)];
}

/**
 * Everything in the archive.
 * @throws Error where something that must be carried is missing
 */
export async function packedFiles({ withNode }: { withNode: boolean }): Promise<TarEntry[]> {
  return [
    { ...file('switchyard', launcher), isExecutable: true },
    { ...file('slurm.sh', slurm), isExecutable: true },
    ...(withNode ? node() : []),
    // Beside the code of the npm package webgpu, which is bundled and looks for it there.
    file(
      'lib/dist/linux-x64/dawn.node',
      dawnBinding(productFile('node_modules/webgpu/dist/linux-x64/dawn.node')),
    ),
    ...loader(),
    ...(await commands()),
    ...CARRIED.flatMap(folder),
    { path: 'goldens', content: { link: 'tests/fixtures/goldens' } },
    manifest(),
    file('README.md', read('docs/runner.md')),
    file('licences/switchyard.txt', read('LICENSE')),
    file('licences/dawn.md', read('node_modules/webgpu/LICENSE.md')),
    ...corporaLicences(),
  ];
}
