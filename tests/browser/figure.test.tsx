/** Figures in a real browser: what axe says of them, what their pictures hold, how a pointer moves them. */
import axe from 'axe-core';
import { useState } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { page, userEvent } from 'vitest/browser';
import { Bars } from '../../src/ui/kit/figure/Bars.tsx';
import { Distributions } from '../../src/ui/kit/figure/Distributions.tsx';
import { figurePicture } from '../../src/ui/kit/figure/exportFigure.ts';
import { FigureFrame } from '../../src/ui/kit/figure/FigureFrame.tsx';
import { HeatMap } from '../../src/ui/kit/figure/HeatMap.tsx';
import { Histogram } from '../../src/ui/kit/figure/Histogram.tsx';
import { Sides } from '../../src/ui/kit/figure/Sides.tsx';
import { categoryLook } from '../../src/ui/kit/figure/scales.ts';
import { picturePng } from '../../src/ui/kit/picture.ts';
import { LabProvider } from '../../src/ui/kit/useLab.tsx';
import { testLab } from '../state/support.ts';
import '../../src/ui/kit/styles/tokens.css';
import '../../src/ui/kit/styles/base.css';
import '../../src/ui/kit/styles/panel.css';

const names = (n: number) => Array.from({ length: n }, (_, i) => String(i));

function Framed({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <FigureFrame
      name="figure"
      title={title}
      caption={() => ''}
      table={() => ({ columns: [{ title: 'slot' }], rows: names(40).map((name) => [name]) })}
    >
      {children}
    </FigureFrame>
  );
}

function Load({ rows, columns, title }: { rows: number; columns: number; title: string }) {
  return (
    <Framed title={title}>
      <HeatMap
        rows={names(rows)}
        columns={names(columns)}
        value={(r, c) => (c === 1 ? null : (r * 31 + c * 17) % 40)}
        mark={(r, c) => ((r * 31 + c * 17) % 40 === 0 ? 'dead' : null)}
        color="sequential"
        format="count"
        quantity="tokens"
      />
    </Framed>
  );
}

function Quantile() {
  const [at, setAt] = useState(2);
  return (
    <Framed title="Quantiles">
      <Histogram
        edges={[0, 1, 2, 3, 4]}
        series={[
          { label: 'one', counts: [1, 5, 3, 1] },
          { label: 'two', counts: [2, 1, 4, 9] },
        ]}
        format="decimal"
        asParts
        lines={[{ at, label: 'q1', onMove: setAt }]}
      />
    </Framed>
  );
}

function Everything() {
  const series = names(3).map((label, i) => ({
    label,
    ...categoryLook(9 * i),
    values: [1, -2, 3],
  }));
  return (
    <main style={{ background: 'var(--surface)' }}>
      <h1>Figures</h1>
      <h2>All</h2>
      <Sides of={['a', 'b'].map((key) => ({ key, name: `run ${key}` }))}>
        {({ key }) => <Load rows={4} columns={8} title={`Load of ${key}`} />}
      </Sides>
      <Framed title="Kinds">
        <Bars categories={['x', 'y', 'z']} series={series} format="count" ideal={1} />
      </Framed>
      <Framed title="Stacked">
        <Bars
          categories={['x', 'y', 'z']}
          series={series}
          format="count"
          stacked
          direction="vertical"
        />
      </Framed>
      <Quantile />
      <Framed title="Losses">
        <Distributions
          of={[{ category: 'code', quantiles: [0, 1, 2, 3, 4], mean: 2, count: 9 }]}
          format="nats"
        />
      </Framed>
    </main>
  );
}

let root: Root;
let place: HTMLElement;
beforeEach(async () => {
  const { lab } = await testLab();
  place = document.body.appendChild(document.createElement('div'));
  root = createRoot(place);
  show = (children) => root.render(<LabProvider lab={lab}>{children}</LabProvider>);
});
let show: (children: React.ReactNode) => void;
afterEach(() => {
  root.unmount();
  place.remove();
  document.documentElement.dataset.theme = 'light';
});

async function shown(title: string): Promise<void> {
  await expect.element(page.getByRole('figure', { name: title })).toBeVisible();
}

function drawing(title: string): SVGSVGElement {
  const frame = page.getByRole('figure', { name: title }).element();
  const svg = frame.querySelector<SVGSVGElement>('svg.figure-drawing');
  if (svg === null) throw new Error(`${title} is not drawn`);
  return svg;
}

it('axe finds nothing: light, dark and narrow, with tables open and a cursor', async () => {
  await page.viewport(1000, 900);
  show(<Everything />);
  await shown('Losses');
  for (const details of document.querySelectorAll('details')) details.open = true;
  const problems: string[] = [];
  for (const [theme, width] of [
    ['light', 1000],
    ['dark', 1000],
    ['light', 390],
  ] as const) {
    document.documentElement.dataset.theme = theme;
    await page.viewport(width, 900);
    await expect.poll(() => drawing('Losses').clientWidth).toBeLessThanOrEqual(width);
    place.querySelector<HTMLElement>('[role="grid"]')?.focus();
    await expect.poll(() => document.querySelector('.figure-tip')).not.toBeNull();
    const { violations } = await axe.run(document.body, { resultTypes: ['violations'] });
    problems.push(
      ...violations
        .filter(({ impact }) => impact !== 'minor')
        .map(({ id, nodes }) => `${theme} ${width}: ${id}: ${nodes.map((node) => node.target)}`),
    );
    expect(document.documentElement.scrollWidth, theme).toBeLessThanOrEqual(width);
  }
  expect(problems).toEqual([]);
});

/** What a program sees that reads the picture and knows nothing of the page. */
async function alone(svg: string): Promise<Document> {
  const frame = document.createElement('iframe');
  place.append(frame);
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
  frame.src = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  await loaded;
  return frame.contentDocument!;
}

const LOOKS = [
  'fill',
  'stroke',
  'stroke-width',
  'font-size',
  'text-anchor',
  'paint-order',
] as const;

function looks(of: ParentNode): string[][] {
  return [...of.querySelectorAll('path, rect, text, line')].map((part) => {
    const style = getComputedStyle(part);
    return LOOKS.map((name) => style.getPropertyValue(name));
  });
}

it.each(['light', 'dark'])('pictures look as the page does, %s', async (theme) => {
  document.documentElement.dataset.theme = theme;
  show(<Everything />);
  await shown('Losses');
  for (const title of ['Load of a', 'Kinds', 'Stacked', 'Quantiles', 'Losses']) {
    const svg = drawing(title);
    const { svg: text, width, height } = figurePicture(svg, title, null);
    expect(/var\(/.test(text), title).toBe(false);
    const picture = await alone(text);
    const [background, ...parts] = looks(picture);
    expect(background?.[0]).toBe(theme === 'light' ? 'rgb(255, 255, 255)' : 'rgb(21, 26, 32)');
    expect(parts, title).toEqual(looks(svg));
    expect([width, height]).toEqual([svg.clientWidth, svg.clientHeight]);
  }
  const picture = figurePicture(drawing('Kinds'), 'Kinds', 'What they are.');
  const bitmap = await createImageBitmap(await picturePng(picture));
  expect([bitmap.width, bitmap.height]).toEqual([3 * picture.width, 3 * picture.height]);
});

it('tells the cell under the pointer, over what cuts off, and drags a quantile', async () => {
  await page.viewport(1000, 900);
  show(
    <main className="panel" style={{ contain: 'paint' }}>
      <Load rows={4} columns={8} title="Load" />
      <Quantile />
    </main>,
  );
  await shown('Quantiles');
  const grid = page.getByRole('grid', { name: 'Values of Load' });
  await userEvent.hover(grid, { position: { x: 500, y: 100 } });
  const tip = document.querySelector('.figure-tip');
  expect(tip?.textContent).toMatch(/tokens\d+$/);
  // The panel cuts off what reaches beyond it.
  expect(tip?.closest('.panel')).toBeNull();
  const { left, top, right, bottom } = tip!.getBoundingClientRect();
  expect(Math.min(left, top)).toBeGreaterThan(0);
  expect([right <= 1000, bottom <= 900]).toEqual([true, true]);
  const slider = page.getByRole('slider', { name: 'q1' });
  const axis = drawing('Quantiles').getBoundingClientRect();
  const handle = slider.element().getBoundingClientRect();
  const point = { bubbles: true, pointerId: 1, buttons: 1, clientY: handle.top + 50 };
  slider.element().setPointerCapture = () => {};
  const middle = handle.left + handle.width / 2;
  slider.element().dispatchEvent(new PointerEvent('pointerdown', { ...point, clientX: middle }));
  const to = middle + (axis.right - 12 - middle) / 2;
  slider.element().dispatchEvent(new PointerEvent('pointermove', { ...point, clientX: to }));
  await expect.poll(() => Number(slider.element().getAttribute('aria-valuenow'))).toBeCloseTo(3, 1);
});
