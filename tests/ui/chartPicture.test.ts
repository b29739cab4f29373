import { expect, it } from 'vitest';
import { marksOf } from '../../src/ui/kit/charts/Crosshair.tsx';
import { chartSvg } from '../../src/ui/kit/charts/exporters.ts';
import { MARGIN, plotSize } from '../../src/ui/kit/charts/plotSize.ts';

const SIZE = { width: 400, height: 120 };
const SVG = 'http://www.w3.org/2000/svg';

function chart(): SVGSVGElement {
  const svg = document.createElementNS(SVG, 'svg');
  Object.defineProperty(svg, 'clientWidth', { value: SIZE.width });
  Object.defineProperty(svg, 'clientHeight', { value: SIZE.height });
  document.body.append(svg);
  return svg;
}

it('pictures have seams and changes of the run where they are, and in words', () => {
  const long = `From step 60: ${'x'.repeat(200)}`;
  const markers = [
    { step: 41, title: 'From step 41: trained in PyTorch', kind: 'seam' },
    { step: 60, title: long, kind: 'change' },
    { step: 500, title: 'outside of what is shown', kind: 'seam' },
  ] as const;
  const marks = marksOf(markers, { min: 0, max: 100, isLog: false });
  const { svg } = chartSvg(chart(), 'Loss', [], marks);
  const picture = new DOMParser().parseFromString(svg, 'image/svg+xml');
  const words = [...picture.querySelectorAll('text')].map(({ textContent }) => textContent);
  expect(words).toEqual([
    'Loss',
    'From step 41: trained in PyTorch',
    expect.stringMatching(/^From step 60: x+…$/),
  ]);
  expect(words[2]!.length).toBe(80);

  const plot = plotSize(SIZE.width, SIZE.height);
  const across = [...picture.querySelectorAll('line')].filter(
    (line) => Number(line.getAttribute('y2')) === MARGIN.top + plot.height,
  );
  const places = across.map((line) => Number(line.getAttribute('x1')));
  expect(places).toEqual([0.41, 0.6].map((at) => MARGIN.left + at * plot.width));
  // A change is dashed.
  expect(across.map((line) => line.hasAttribute('stroke-dasharray'))).toEqual([false, true]);
});
