import { extentOf, type Series, valueAt } from './series.ts';

function cell(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** All steps of all lines, not only the drawn ones; empty cells where there is no value. */
export function seriesCsv(series: readonly Series[]): string {
  const lines = [['step', ...series.map(({ key }) => cell(key))].join(',')];
  const [first, last] = extentOf(series) ?? [1, 0];
  for (let step = first; step <= last; step++) {
    const cells = series.map((line) => {
      const value = valueAt(line, step);
      return Number.isFinite(value) ? String(value) : '';
    });
    lines.push([step, ...cells].join(','));
  }
  return `${lines.join('\n')}\n`;
}

const STYLES = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-opacity',
  'font-size',
  'font-family',
  'text-anchor',
];

/** A chart as a file of its own: computed styles written in, background and legend added. */
export function chartSvg(svg: SVGSVGElement, title: string, series: readonly Series[]): string {
  const copy = svg.cloneNode(true);
  if (!(copy instanceof SVGSVGElement)) throw new TypeError('the chart is not an SVG');
  const originals = svg.querySelectorAll<SVGElement>('*');
  for (const [i, element] of copy.querySelectorAll<SVGElement>('*').entries()) {
    const original = originals[i];
    if (original === undefined) continue;
    const computed = getComputedStyle(original);
    for (const name of STYLES) element.style.setProperty(name, computed.getPropertyValue(name));
  }
  const { clientWidth: width, clientHeight: height } = svg;
  const style = getComputedStyle(document.documentElement);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('viewBox', `0 -24 ${width} ${height + 24}`);
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height + 24));
  copy.insertAdjacentHTML(
    'afterbegin',
    `<rect x="0" y="-24" width="${width}" height="${height + 24}" fill="${style.getPropertyValue('--surface')}"/>` +
      legendMarkup(title, series, svg, style.getPropertyValue('--text')),
  );
  return new XMLSerializer().serializeToString(copy);
}

function legendMarkup(
  title: string,
  series: readonly Series[],
  svg: SVGSVGElement,
  textColor: string,
): string {
  const resolve = (color: string) =>
    getComputedStyle(svg).getPropertyValue(color.replace(/^var\((.*)\)$/, '$1')) || color;
  const text = (x: number, fill: string, content: string) =>
    `<text x="${x}" y="-9" font-family="system-ui, sans-serif" font-size="11" fill="${fill}">${content}</text>`;
  let x = 8 + title.length * 6.5 + 16;
  const entries = series.map(({ label, color }) => {
    const entry = text(x, resolve(color), label);
    x += label.length * 6 + 14;
    return entry;
  });
  return text(8, textColor, title) + entries.join('');
}

/** An SVG drawn at three times its size. */
export async function chartPng(svg: string, width: number, height: number): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = new OffscreenCanvas(width * 3, (height + 24) * 3);
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser draws no 2D canvas');
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return canvas.convertToBlob({ type: 'image/png' });
}
