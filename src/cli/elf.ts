/** As much of ELF as says which versions of which libraries a 64-bit little-endian file needs. */

/** A version of a library that must be there, e.g. GLIBC_2.34 of libc.so.6. */
export interface NeededVersion {
  library: string;
  version: string;
  /** Symbols that are asked for in this version. */
  symbols: string[];
  /** Where its entry (Vernaux) stands in the file. */
  offset: number;
}

interface Section {
  type: number;
  offset: number;
  size: number;
  /** Index of the section with its texts. */
  link: number;
  /** For some types the number of entries. */
  info: number;
}

const SECTION = { dynsym: 11, versym: 0x6fffffff, verneed: 0x6ffffffe } as const;

function sectionsOf(view: DataView): Section[] {
  if (view.getUint32(0) !== 0x7f454c46 || view.getUint16(4) !== 0x0201)
    throw new Error('not a 64-bit little-endian ELF file');
  const start = Number(view.getBigUint64(40, true));
  return Array.from({ length: view.getUint16(60, true) }, (_, i) => {
    const at = start + 64 * i;
    return {
      type: view.getUint32(at + 4, true),
      offset: Number(view.getBigUint64(at + 24, true)),
      size: Number(view.getBigUint64(at + 32, true)),
      link: view.getUint32(at + 40, true),
      info: view.getUint32(at + 44, true),
    };
  });
}

/** @throws Error for a file of another kind */
export function neededVersions(bytes: Uint8Array): NeededVersion[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const sections = sectionsOf(view);
  const find = (type: number) => sections.find((one) => one.type === type);
  const [symbols, versions, needs] = [SECTION.dynsym, SECTION.versym, SECTION.verneed].map(find);
  if (!symbols || !versions || !needs) return [];
  const text = (section: Section, offset: number) => {
    const from = sections[section.link]!.offset + offset;
    return Buffer.from(bytes.subarray(from, bytes.indexOf(0, from))).toString('latin1');
  };

  const symbolsOf = (index: number) => {
    const names: string[] = [];
    for (let i = 0; i < symbols.size / 24; i++) {
      if ((view.getUint16(versions.offset + 2 * i, true) & 0x7fff) !== index) continue;
      names.push(text(symbols, view.getUint32(symbols.offset + 24 * i, true)));
    }
    return names;
  };

  const found: NeededVersion[] = [];
  let need = needs.offset;
  for (let i = 0; i < needs.info; i++) {
    const library = text(needs, view.getUint32(need + 4, true));
    let offset = need + view.getUint32(need + 8, true);
    for (let k = 0; k < view.getUint16(need + 2, true); k++) {
      const version = text(needs, view.getUint32(offset + 8, true));
      const index = view.getUint16(offset + 6, true);
      found.push({ library, version, symbols: symbolsOf(index), offset });
      offset += view.getUint32(offset + 12, true);
    }
    need += view.getUint32(need + 12, true);
  }
  return found;
}
