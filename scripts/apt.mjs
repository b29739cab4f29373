// @ts-check
/** Installing on Debian as root. The machine's own sources are read, never changed. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SOURCES = '/etc/apt/sources.list';
const SOURCE_PARTS = '/etc/apt/sources.list.d';
/** Dawn refuses the lavapipe of older versions. */
const OLDEST_MESA = 25;

/** @returns {Record<string, string>} the fields of /etc/os-release, empty where there is none */
function osRelease() {
  if (!existsSync('/etc/os-release')) return {};
  const lines = readFileSync('/etc/os-release', 'utf8').matchAll(/^(\w+)="?([^"\n]*)"?$/gm);
  return Object.fromEntries([...lines].map(([, name, value]) => [name, value]));
}

/** Ubuntu's chromium package is a stub for another package manager, so this is for Debian alone. */
export function canUseApt() {
  return process.getuid?.() === 0 && osRelease().ID === 'debian';
}

/** @param {string[]} argv standard output goes to standard error @returns {boolean} */
function apt(argv) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status } = spawnSync('apt-get', ['-q', '-y', ...argv], { env, stdio: ['ignore', 2, 2] });
  return status === 0;
}

/** @param {string[]} packages @param {string[]} options @returns {boolean} */
export function install(packages, options = []) {
  apt([...options, 'update']);
  return apt([...options, 'install', '--no-install-recommends', ...packages]);
}

/** Mesa's Vulkan drivers, from the backports where the distribution's own are too old. */
export function installMesa() {
  apt(['update']);
  if (candidateMajor('mesa-vulkan-drivers') >= OLDEST_MESA) {
    return install(['mesa-vulkan-drivers', 'libvulkan1']);
  }
  const suite = `${osRelease().VERSION_CODENAME}-backports`;
  const parts = sourcesWith(suite);
  try {
    const options = ['-o', `Dir::Etc::sourceparts=${parts}`, '-o', 'APT::Get::List-Cleanup=0'];
    return install(['mesa-vulkan-drivers', 'libvulkan1'], [...options, '-t', suite]);
  } finally {
    rmSync(parts, { recursive: true });
  }
}

/** Major version that apt would install, 0 for none. @param {string} name */
function candidateMajor(name) {
  const { stdout } = spawnSync('apt-cache', ['policy', name], { encoding: 'utf8' });
  return Number(/Candidate: (?:\d+:)?(\d+)/.exec(stdout)?.[1] ?? 0);
}

/** A folder with the machine's source parts and one for `suite`, taken from its main mirror. @param {string} suite */
function sourcesWith(suite) {
  const folder = mkdtempSync(join(tmpdir(), 'apt-sources-'));
  if (existsSync(SOURCE_PARTS)) cpSync(SOURCE_PARTS, folder, { recursive: true });
  const files = [SOURCES, ...readdirSync(folder).map((name) => join(folder, name))];
  const source = files.filter(existsSync).flatMap((file) => readSources(file));
  const own = source.find(({ suites }) => suites.includes(osRelease().VERSION_CODENAME ?? ''));
  if (own) {
    const signed = own.signedBy ? `Signed-By: ${own.signedBy}\n` : '';
    const entry = `Types: deb\nURIs: ${own.uri}\nSuites: ${suite}\nComponents: main\n${signed}`;
    writeFileSync(join(folder, 'switchyard-backports.sources'), entry);
  }
  return folder;
}

/**
 * Entries of a one-line (`.list`) or deb822 (`.sources`) file.
 * @param {string} file @returns {{ uri: string, suites: string[], signedBy: string | undefined }[]}
 */
function readSources(file) {
  const text = readFileSync(file, 'utf8').replace(/^\s*#.*\n?/gm, '');
  if (file.endsWith('.sources')) {
    return text.split(/\n\s*\n/).map((stanza) => {
      const field = (/** @type {string} */ name) =>
        new RegExp(`^${name}:\\s*(.+)$`, 'mi').exec(stanza)?.[1]?.trim();
      const [uri = ''] = (field('URIs') ?? '').split(/\s+/);
      return { uri, suites: (field('Suites') ?? '').split(/\s+/), signedBy: field('Signed-By') };
    });
  }
  const lines = text.matchAll(/^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)/gm);
  return [...lines].map(([, options = '', uri = '', suite = '']) => ({
    uri,
    suites: [suite],
    signedBy: /signed-by=(\S+)/.exec(options)?.[1],
  }));
}
