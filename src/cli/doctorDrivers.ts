/** Which Vulkan drivers a Linux machine has: the files in which the Vulkan loader looks them up. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { explainOpenError, type System } from './doctorSystem.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const paths = (list: string | undefined) => (list ?? '').split(':').filter((path) => path !== '');

/** Folders of driver files in the loader's order. */
function folders(env: Environment): string[] {
  const home = env.HOME ?? homedir();
  const bases = [
    env.XDG_CONFIG_HOME || join(home, '.config'),
    ...paths(env.XDG_CONFIG_DIRS || '/etc/xdg'),
    '/usr/local/etc',
    '/etc',
    env.XDG_DATA_HOME || join(home, '.local/share'),
    ...paths(env.XDG_DATA_DIRS || '/usr/local/share:/usr/share'),
  ];
  return [...new Set(bases.map((base) => join(base, 'vulkan/icd.d')))];
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.sort().map((name) => join(folder, name));
}

/** Driver files that the loader reads: those that the environment names, or else the system's. */
export function driverFiles(env: Environment = process.env): string[] {
  const named = paths(env.VK_DRIVER_FILES || env.VK_ICD_FILENAMES);
  if (named.length > 0) return named;
  return [...paths(env.VK_ADD_DRIVER_FILES), ...folders(env).flatMap(filesIn)];
}

/** The library of a driver file. @throws where the file cannot be read or names none */
function libraryOf(file: string): string {
  const { ICD } = JSON.parse(readFileSync(file, 'utf8')) as { ICD?: { library_path?: unknown } };
  const { library_path: path } = ICD ?? {};
  if (typeof path !== 'string') throw new Error('it names no library_path');
  return path.includes('/') ? resolve(dirname(file), path) : path;
}

/** Why a driver file's driver cannot be loaded; null where it can. */
export function driverError(file: string, { openError }: System): string | null {
  try {
    const message = openError(libraryOf(file));
    return message === null ? null : explainOpenError(message);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
