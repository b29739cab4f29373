/** What stands below a figure in a paper: words, numbers, and where the experiment is found. */

/** The link of a run that a figure shows. */
export interface FigureLink {
  /** The run's name; '' where one run is all that the figure shows. */
  name: string;
  href: string;
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return trimmed === '' || /[.!?…]$/.test(trimmed) ? trimmed : `${trimmed}.`;
}

/** Title, what the view says with its numbers, and the links of the experiments. */
export function captionText(title: string, caption: string, links: readonly FigureLink[]): string {
  const where = links.map(({ name, href }) => (name === '' ? href : `${name}: ${href}`));
  const end =
    where.length === 0
      ? ''
      : `${where.length === 1 ? 'Experiment' : 'Experiments'}: ${where.join(' ')}`;
  return [sentence(title), sentence(caption), end].filter((part) => part !== '').join(' ');
}

/** Text in lines of so many letters at most; a word that is longer is cut. */
export function wrapped(text: string, letters: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter((part) => part !== '')) {
    if (line !== '' && line.length + 1 + word.length > letters) {
      lines.push(line);
      line = '';
    }
    let rest = line === '' ? word : `${line} ${word}`;
    for (; rest.length > letters; rest = rest.slice(letters)) lines.push(rest.slice(0, letters));
    line = rest;
  }
  return line === '' ? lines : [...lines, line];
}
