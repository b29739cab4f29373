/** Spellings of vendors and architectures as people know them. */
const NAMES: Readonly<Record<string, string>> = {
  nvidia: 'NVIDIA',
  amd: 'AMD',
  arm: 'Arm',
  rdna: 'RDNA',
  gcn: 'GCN',
  xe: 'Xe',
  img: 'IMG',
  gpu: 'GPU',
  llvmpipe: 'llvmpipe',
  swiftshader: 'SwiftShader',
};

/** "nvidia ada-lovelace" as "NVIDIA Ada Lovelace"; a name that has capitals already is left alone. */
export function adapterName(description: string): string {
  const seen = new Set<string>();
  const words = description.split(/\s+/).filter((word) => {
    const key = word.toLowerCase();
    return !seen.has(key) && seen.add(key);
  });
  return words
    .map((word) =>
      /[A-Z].*[A-Z]|\d\.\d/.test(word) ? word : word.split('-').map(spelled).join(' '),
    )
    .join(' ');
}

function spelled(word: string): string {
  const [, letters = '', rest = ''] = /^([a-z]+)(.*)$/i.exec(word) ?? [];
  const known = NAMES[letters.toLowerCase()];
  if (letters === '') return word;
  return (known ?? letters.charAt(0).toUpperCase() + letters.slice(1)) + rest;
}
