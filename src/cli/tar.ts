/** Archives in tar's format (ustar), the same bytes for the same entries. */

/** A file, or a symbolic link to another entry. */
export interface TarEntry {
  /** From the archive's top, without '/' at its start; at most 100 bytes. */
  path: string;
  content: Uint8Array | { link: string };
  isExecutable?: boolean;
}

const BLOCK = 512;

const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;

/** Header of an entry: owner and group 0, time 0, so that nothing of the packing machine shows. */
function header({ path, content, isExecutable }: TarEntry): Buffer {
  const isLink = 'link' in content;
  if (Buffer.byteLength(path) > 100) throw new RangeError(`${path} is longer than 100 bytes`);
  const block = Buffer.alloc(BLOCK);
  block.write(path, 0);
  block.write(octal(isLink ? 0o777 : isExecutable ? 0o755 : 0o644, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(isLink ? 0 : content.length, 11), 124);
  block.write(octal(0, 11), 136);
  block.fill(' ', 148, 156);
  block.write(isLink ? '2' : '0', 156);
  if (isLink) block.write(content.link, 157, 100);
  block.write('ustar\0' + '00', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)} `, 148);
  return block;
}

/** The archive of entries, in the order of their paths; folders come from the paths. */
export function tarOf(entries: readonly TarEntry[]): Buffer {
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const blocks = sorted.flatMap((entry) => {
    if ('link' in entry.content) return [header(entry)];
    const rest = -entry.content.length & (BLOCK - 1);
    return [header(entry), entry.content, Buffer.alloc(rest)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}
