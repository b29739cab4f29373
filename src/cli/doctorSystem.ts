/** What Dawn's binding for Node needs of a Linux system, and what of it is missing. */
import { constants } from 'node:os';

/** The oldest that the binding runs with. */
export const OLDEST = { node: '20.19', glibc: '2.34' } as const;

/** Shared libraries by the name under which they are opened, and the packages that hold them. */
export const LIBRARIES: readonly { file: string; install: string }[] = [
  { file: 'libstdc++.so.6', install: 'libstdc++6 (Debian, Ubuntu) or libstdc++ (Fedora, RHEL)' },
  { file: 'libgcc_s.so.1', install: 'libgcc-s1 (Debian, Ubuntu) or libgcc (Fedora, RHEL)' },
  {
    file: 'libvulkan.so.1',
    install: 'libvulkan1 (Debian, Ubuntu) or vulkan-loader (Fedora, RHEL)',
  },
];

/** What is asked of the machine; tests hand in their own. */
export interface System {
  /** Version of Node, e.g. "20.20.2". */
  node: string;
  /** Version of the running glibc; null on a Linux without it, undefined elsewhere. */
  glibc: string | null | undefined;
  /** Why a shared library cannot be opened, in the words of the system's linker; null where it can. */
  openError(file: string): string | null;
}

/** `glibcVersionRuntime` is missing where the C library is another one. */
interface Report {
  header: { glibcVersionRuntime?: string };
  sharedObjects: string[];
}

/** Node's report on this process. */
const report = () => process.report.getReport() as unknown as Report;

/** Opens a library as a binding would; Node then finds out that it is none of its own. */
export function openError(file: string, flags: number = constants.dlopen.RTLD_LAZY): string | null {
  try {
    process.dlopen({ exports: {} }, file, flags);
    return null;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return message.startsWith('Module did not self-register') ? null : message;
  }
}

export function thisSystem(): System {
  const isLinux = process.platform === 'linux';
  return {
    node: process.versions.node,
    glibc: isLinux ? (report().header.glibcVersionRuntime ?? null) : undefined,
    openError: isLinux ? openError : () => null,
  };
}

/** Path of a shared library that this process has loaded, null where it has not. */
export function loadedFrom(file: string): string | null {
  return report().sharedObjects.find((path) => path.includes(`/${file}`)) ?? null;
}

/** Whether version `a` is older than `b`, number by number: 2.9 is older than 2.34. */
export function isOlder(a: string, b: string): boolean {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)];
  const i = right.findIndex((number, i) => number !== (left[i] ?? 0));
  return i >= 0 && (left[i] ?? 0) < right[i]!;
}

/** What the linker's words mean: the library that is missing or too old, and where to get it. */
export function explainOpenError(message: string): string {
  const [, old, version] = /(\S+\.so[.\d]*): version [`'](\S+)' not found/.exec(message) ?? [];
  if (old !== undefined) return `${old} is too old: it lacks ${version}`;
  const missing = /(\S+\.so[.\d]*): cannot open shared object file/.exec(message)?.[1];
  if (missing === undefined) return message;
  const row = LIBRARIES.find(({ file }) => file === missing);
  return `${missing} not found: install ${row?.install ?? 'the package that holds it'}`;
}

/** Everything that is missing or too old, one sentence each. */
export function missingOf({ node, glibc, openError }: System): string[] {
  const missing: string[] = [];
  if (isOlder(node, OLDEST.node))
    missing.push(`Node ${node} is too old: ${OLDEST.node} or newer is needed`);
  if (glibc === null)
    missing.push(`no glibc: ${OLDEST.glibc} or newer is needed, other C libraries will not do`);
  else if (glibc !== undefined && isOlder(glibc, OLDEST.glibc))
    missing.push(`glibc ${glibc} is too old: ${OLDEST.glibc} or newer is needed`);
  for (const { file } of LIBRARIES) {
    const message = openError(file);
    if (message !== null) missing.push(explainOpenError(message));
  }
  return missing;
}
