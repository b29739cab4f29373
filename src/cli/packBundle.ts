/** The commands as JavaScript that needs nothing but Node and Dawn's binding. */
import { build, type Plugin, type Rolldown } from 'vite';

/** Of these the packed runner has none: what reaches for them says so instead of running. */
const LEFT_OUT = ['vite', 'playwright'];

function leaveOut(): Plugin {
  return {
    name: 'leave-out',
    enforce: 'pre',
    resolveId: (id) => (LEFT_OUT.includes(id) ? `\0${id}` : null),
    load: (id) =>
      id.startsWith('\0') && LEFT_OUT.includes(id.slice(1))
        ? `throw new Error('this needs ${id.slice(1)}, which a packed runner does not have');`
        : null,
  };
}

/** Usage texts name the program that is there. */
function nameProgram(): Plugin {
  return {
    name: 'name-program',
    enforce: 'pre',
    transform(code, id) {
      if (!/\/src\/cli\/\w+\.ts$/.test(id)) return null;
      return code.replaceAll(/npm run (\w+) --/g, './switchyard $1');
    },
  };
}

/**
 * Bundles `src/cli/packed.ts`.
 * @param root the repository's folder
 * @returns files by name: `switchyard.js`, what it loads, and `licences.md` of the bundled packages
 */
export async function bundleCommands(root: string): Promise<Map<string, string | Uint8Array>> {
  const result = await build({
    root,
    configFile: false,
    mode: 'packed',
    logLevel: 'error',
    publicDir: false,
    ssr: { noExternal: true },
    plugins: [leaveOut(), nameProgram()],
    build: {
      ssr: 'src/cli/packed.ts',
      target: 'node20',
      minify: false,
      write: false,
      license: { fileName: 'licences.md' },
      rolldownOptions: {
        shimMissingExports: true,
        output: { entryFileNames: 'switchyard.js', chunkFileNames: '[name].js' },
      },
    },
  });
  const { output } = result as Rolldown.RolldownOutput;
  return new Map(output.map((one) => [one.fileName, one.type === 'chunk' ? one.code : one.source]));
}
