/** The programs that travel along, and whether they start wherever the archive is meant to. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isOlder } from './doctorSystem.ts';
import { type NeededVersion, neededVersions } from './elf.ts';

/**
 * The newest versions that systems with glibc 2.34 have: RHEL 9 and its kin, whose C++ library is
 * GCC 11's.
 */
const NEWEST: Readonly<Record<string, string>> = {
  GLIBC: '2.34',
  GLIBCXX: '3.4.29',
  CXXABI: '1.3.13',
};

/** What every glibc system with a C++ library has, as far as Node uses it. */
const OF_EVERY_SYSTEM =
  /^(ld-linux-x86-64|linux-vdso|lib(c|m|dl|rt|pthread|stdc\+\+|gcc_s|atomic))\.so/;

/** Versions that a file needs and that some system with glibc 2.34 lacks. */
export function tooNew(bytes: Uint8Array): NeededVersion[] {
  return neededVersions(bytes).filter(({ version }) => {
    const [name = '', number = ''] = version.split('_');
    const newest = NEWEST[name];
    return newest !== undefined && isOlder(newest, number);
  });
}

/** @throws Error with the versions that a file should not need */
function refuseTooNew(name: string, bytes: Uint8Array): void {
  const versions = tooNew(bytes).map(({ library, version }) => `${version} of ${library}`);
  if (versions.length > 0)
    throw new Error(
      `${name} needs ${versions.join(', ')}, which systems with glibc 2.34 do not have`,
    );
}

const WAIT = '_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE';

/**
 * Dawn's binding, fit for GCC 11's C++ library. It asks for GCC 12's (GLIBCXX_3.4.30) because of
 * `condition_variable::wait` alone, and every C++ library offers that as GLIBCXX_3.4.11 too: its
 * entry then asks for that version. A binding that asks for more stays as it is.
 */
export function portableBinding(bytes: Uint8Array): Uint8Array {
  const versions = neededVersions(bytes);
  const newer = versions.find(({ version }) => version === 'GLIBCXX_3.4.30');
  const older = versions.find(({ version }) => version === 'GLIBCXX_3.4.11');
  if (!newer || !older || newer.symbols.join() !== WAIT) return bytes;
  const patched = Uint8Array.from(bytes);
  // The hash and the name of the version: first and third field of its entry.
  for (const field of [0, 8])
    patched.copyWithin(newer.offset + field, older.offset + field, older.offset + field + 4);
  return patched;
}

/** @throws Error where the binding is missing or would not load on systems with glibc 2.34 */
export function dawnBinding(file: URL): Uint8Array {
  if (!existsSync(file))
    throw new Error('the npm package webgpu has no binding for linux-x64: run npm install');
  const bytes = portableBinding(readFileSync(file));
  refuseTooNew("Dawn's binding", bytes);
  return bytes;
}

/** Where Node's licence lies: beside its folders in what nodejs.org offers, or in the distribution's. */
function nodeLicence(node: string): Uint8Array {
  const files = [join(dirname(node), '../LICENSE'), '/usr/share/doc/nodejs/LICENSE'];
  const found = files.find(existsSync);
  if (found === undefined)
    throw new Error(`Node's licence must travel with it and is not in ${files.join(' or ')}`);
  return readFileSync(found);
}

/** Libraries that a Node has loaded once it runs. */
function librariesOf(node: string): string[] {
  const script = 'console.log(JSON.stringify(process.report.getReport().sharedObjects))';
  const text = execFileSync(node, ['-e', script], { encoding: 'utf8', env: {} });
  const paths: string[] = JSON.parse(text);
  return paths.map((path) => basename(path));
}

/**
 * This machine's Node and its licence.
 * @throws Error where it runs elsewhere than on x86-64 Linux, or needs what would not travel
 */
export function nodeBinary(): { bytes: Uint8Array; licence: Uint8Array } {
  const machine = `${process.platform}-${process.arch}`;
  if (machine !== 'linux-x64')
    throw new Error(
      `--with-node packs this machine's Node, which is for ${machine}, not linux-x64`,
    );
  const node = realpathSync(process.execPath);
  const others = librariesOf(node).filter(
    (name) => name.includes('.so') && !OF_EVERY_SYSTEM.test(name),
  );
  if (others.length > 0)
    throw new Error(
      `${node} needs ${others.join(', ')}, which would not travel: use Node from nodejs.org`,
    );
  const bytes = readFileSync(node);
  refuseTooNew(node, bytes);
  return { bytes, licence: nodeLicence(node) };
}

const LOADER = '/usr/lib/x86_64-linux-gnu/libvulkan.so.1';
/** Who wrote it, and the licence that this names. */
const LOADER_LICENCE = [
  '/usr/share/doc/libvulkan1/copyright',
  '/usr/share/common-licenses/Apache-2.0',
];

/** This machine's Vulkan loader as Debian installs it; null where there is none that runs elsewhere. */
export function vulkanLoader(): { bytes: Uint8Array; licence: Uint8Array } | null {
  if (![LOADER, ...LOADER_LICENCE].every(existsSync)) return null;
  const bytes = readFileSync(LOADER);
  if (tooNew(bytes).length > 0) return null;
  return { bytes, licence: Buffer.concat(LOADER_LICENCE.map((file) => readFileSync(file))) };
}
