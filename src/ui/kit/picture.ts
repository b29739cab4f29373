/** Drawings of the page as pictures of their own; loaded with the first export. */

import { setPictured } from './usePrint.ts';

/** A picture, and its size in pixels. */
export interface Picture {
  svg: string;
  width: number;
  height: number;
}

/** What is written around a drawing, and the room that it takes, in pixels. */
export interface Around {
  /** In the drawing's coordinates: above it they are negative. */
  marks: readonly SVGElement[];
  above: number;
  below: number;
}

const STYLES = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'stroke-opacity',
  'opacity',
  'paint-order',
  'font-size',
  'font-family',
  'font-weight',
  'text-anchor',
  'dominant-baseline',
];

const SVG = 'http://www.w3.org/2000/svg';
export const FONT = { 'font-family': 'system-ui, sans-serif', 'font-size': 11 } as const;
/** What a letter takes at most, on the average, in `FONT`. */
export const LETTER_PX = 6.4;

/** Characters that no XML document can hold, not even escaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const NOT_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\p{Surrogate}]/gu;

/** An element of a picture. Text and attributes stand as they are: nothing is read as markup. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  text = '',
): SVGElement {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.textContent = text.replaceAll(NOT_XML, '\ufffd');
  return made;
}

/** Colours as they are drawn in an element: `var(--text)` is its value there. */
export function colorsOf(of: Element): (color: string) => string {
  const root = getComputedStyle(of);
  return (color) => root.getPropertyValue(color.replace(/^var\((.*)\)$/, '$1')) || color;
}

/** A copy of a drawing that looks the same without the page's style sheets. */
function styledCopy(svg: SVGSVGElement): SVGSVGElement {
  const copy = svg.cloneNode(true);
  if (!(copy instanceof SVGSVGElement)) throw new TypeError('the drawing is not an SVG');
  const originals = svg.querySelectorAll<SVGElement>('*');
  for (const [i, part] of copy.querySelectorAll<SVGElement>('*').entries()) {
    const original = originals[i];
    if (original === undefined) continue;
    const computed = getComputedStyle(original);
    for (const name of STYLES) {
      part.removeAttribute(name);
      part.style.setProperty(name, computed.getPropertyValue(name));
    }
    // A line's name is for the page; not every name can stand in a document.
    delete part.dataset.line;
    delete part.dataset.dots;
  }
  return copy;
}

/** What a dark page takes to be drawn in light colours, in milliseconds. */
const REDRAWN_MS = 60;

/** A picture made of the page as it looks on paper: in light colours. */
export async function onPaper(make: () => Picture): Promise<Picture> {
  if (document.documentElement.dataset.theme !== 'dark') return make();
  setPictured(true);
  try {
    await new Promise((resolve) => setTimeout(resolve, REDRAWN_MS));
    return make();
  } finally {
    setPictured(false);
  }
}

/** A drawing as a file of its own: computed styles written in, background and name added. */
export function pictureOf(
  svg: SVGSVGElement,
  title: string,
  { width, height: inner }: Readonly<Record<'width' | 'height', number>>,
  { marks, above, below }: Around,
): Picture {
  const copy = styledCopy(svg);
  const height = inner + above + below;
  copy.setAttribute('viewBox', `0 ${-above} ${width} ${height}`);
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  const fill = colorsOf(svg)('var(--surface)');
  copy.removeAttribute('aria-label');
  copy.removeAttribute('aria-hidden');
  const background = element('rect', { x: 0, y: -above, width, height, fill });
  copy.prepend(element('title', {}, title), background, ...marks);
  return { svg: new XMLSerializer().serializeToString(copy), width, height };
}

/** A picture drawn at three times its size. */
export async function picturePng({ svg, width, height }: Picture): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = new OffscreenCanvas(width * 3, height * 3);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser draws no 2D canvas');
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: 'image/png' });
}
