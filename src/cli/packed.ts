/** Entry point of the stable commands in a packed runner. */
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { productFile } from '../data/productFiles.ts';
import { openError } from './doctorSystem.ts';
import { leaveAfter } from './leave.mjs';
import { runCommand } from './start.ts';

const LOADER = 'libvulkan.so.1';
/** Linux: the library stays loaded after it was closed. */
const RTLD_NODELETE = 0x1000;

/**
 * Where the system has no Vulkan loader, ours is loaded: Dawn then finds it under its name. It still
 * needs the driver of the system.
 */
function lendVulkanLoader(): void {
  const own = productFile(`lib/${LOADER}`);
  if (openError(LOADER) !== null && existsSync(own))
    openError(fileURLToPath(own), constants.dlopen.RTLD_NOW | RTLD_NODELETE);
}

lendVulkanLoader();
leaveAfter(runCommand(process.argv.slice(2)));
