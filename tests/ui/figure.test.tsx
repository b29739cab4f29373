/** Figures as a keyboard and a listener meet them. */
import { act, fireEvent, render, screen, within } from '@testing-library/react';
import { type ReactNode, useState } from 'react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { DEFAULTS_V1 } from '../../src/config/defaults.ts';
import { setPath } from '../../src/config/edit.ts';
import { decodeLink } from '../../src/config/permalink.ts';
import { Bars } from '../../src/ui/kit/figure/Bars.tsx';
import { Distributions } from '../../src/ui/kit/figure/Distributions.tsx';
import { exportFigure, figurePicture } from '../../src/ui/kit/figure/exportFigure.ts';
import { FigureFrame } from '../../src/ui/kit/figure/FigureFrame.tsx';
import { HeatMap } from '../../src/ui/kit/figure/HeatMap.tsx';
import { Histogram } from '../../src/ui/kit/figure/Histogram.tsx';
import { Sides } from '../../src/ui/kit/figure/Sides.tsx';
import type { FigureTable } from '../../src/ui/kit/figure/table.ts';
import * as files from '../../src/ui/kit/files.ts';
import { onPaper } from '../../src/ui/kit/picture.ts';
import { PlaceContext, useSource } from '../../src/ui/kit/place.ts';
import { LabProvider } from '../../src/ui/kit/useLab.tsx';
import { useThemeAttribute } from '../../src/ui/kit/useTheme.ts';
import { type TestLab, testLab } from '../state/support.ts';
import './render.tsx';

const saved = vi.spyOn(files, 'saveFile').mockImplementation(() => undefined);

const TABLE = vi.fn(
  (): FigureTable => ({
    columns: [{ title: 'layer' }, { title: 'load', format: 'ratio' }],
    rows: [
      ['1', 1.25],
      ['3', null],
    ],
  }),
);

let test: TestLab;
beforeEach(async () => {
  saved.mockClear();
  TABLE.mockClear();
  test = await testLab();
});

function show(children: ReactNode) {
  return render(<LabProvider lab={test.lab}>{children}</LabProvider>);
}

function framed(children: ReactNode, title = 'Load') {
  return (
    <FigureFrame name="load" title={title} caption={() => 'Largest 1.25×'} table={TABLE}>
      {children}
    </FigureFrame>
  );
}

const VALUES = [
  [1.25, 0.5, null],
  [0, 4, 1],
];

function LoadMap({ onSelect }: { onSelect?: (row: number, column: number) => void }) {
  return (
    <HeatMap
      rows={['L1', 'L3']}
      columns={['0', '1', '2']}
      value={(r, c) => VALUES[r]?.[c] ?? null}
      mark={(r, c) => (VALUES[r]?.[c] === 0 ? 'dead' : null)}
      color="ratio"
      format="ratio"
      quantity="load / ideal"
      axes={['', 'slot']}
      {...(onSelect && { onSelect, selects: 'show the layer' })}
    />
  );
}

const grid = () => screen.getByRole('grid');
const drawn = () => document.querySelector('svg.figure-drawing')?.textContent;

function values(of: Element, ...names: string[]) {
  return names.map((name) => of.getAttribute(name));
}

/** What a listener hears: the cell that the cursor is on. */
function said(): string {
  const id = grid().getAttribute('aria-activedescendant') ?? '';
  const cell = within(grid()).getByRole('gridcell');
  expect(cell.id).toBe(id);
  return cell.textContent ?? '';
}

const tip = () => document.querySelector('.figure-tip')?.textContent ?? null;

describe('a drawing', () => {
  it('is one stop of the tab key, whose arrows say value after value', () => {
    show(framed(<LoadMap />));
    expect(document.querySelectorAll('.figure-stage [tabindex="0"]')).toHaveLength(1);
    expect(grid().getAttribute('aria-label')).toBe('Values of Load');
    expect(values(grid(), 'aria-rowcount', 'aria-colcount')).toEqual(['2', '3']);
    expect(tip()).toBeNull();
    act(() => grid().focus());
    expect(said()).toBe('L1, slot 0: load / ideal 1.25×');
    expect(tip()).toContain('1.25×');
    fireEvent.keyDown(grid(), { key: 'End' });
    expect(said()).toBe('L1, slot 2: load / ideal – (undefined)');
    fireEvent.keyDown(grid(), { key: 'ArrowDown' });
    fireEvent.keyDown(grid(), { key: 'ArrowRight' });
    expect(said()).toBe('L3, slot 2: load / ideal 1.00×');
    fireEvent.keyDown(grid(), { key: 'Home' });
    expect(said()).toBe('L3, slot 0: load / ideal 0.00× (dead)');
    expect(tip()).toContain('dead');
    fireEvent.keyDown(grid(), { key: 'Escape' });
    expect(tip()).toBeNull();
    expect(fireEvent.keyDown(grid(), { key: 'a' })).toBe(true);
  });

  it('says the same under the pointer, and is chosen from by both', () => {
    const onSelect = vi.fn();
    show(framed(<LoadMap onSelect={onSelect} />));
    expect(grid().getAttribute('aria-label')).toBe('Values of Load; Enter: show the layer');
    // Without layout a drawing is 640 pixels wide.
    const at = { clientX: 600, clientY: 30 };
    fireEvent.pointerMove(grid(), { clientX: 200, clientY: 30 });
    expect(tip()).toBe('L1, slot 1load / ideal0.50×');
    fireEvent.pointerMove(grid(), at);
    expect(tip()).toBeNull();
    fireEvent.click(grid(), { clientX: 100, clientY: 60 });
    expect(onSelect).toHaveBeenLastCalledWith(1, 0);
    act(() => grid().focus());
    fireEvent.keyDown(grid(), { key: 'ArrowRight' });
    fireEvent.keyDown(grid(), { key: 'Enter' });
    expect(onSelect).toHaveBeenLastCalledWith(1, 1);
    fireEvent.pointerLeave(grid());
  });

  it('names the table as its alternative, and is not drawn anew by the cursor', () => {
    const value = vi.fn(() => 1);
    show(
      framed(
        <HeatMap rows={['a']} columns={['b', 'c']} value={value} color="ratio" format="ratio" />,
      ),
    );
    expect(screen.getByRole('img').getAttribute('aria-label')).toBe(
      'Load: its numbers are in the table below',
    );
    act(() => grid().focus());
    value.mockClear();
    fireEvent.keyDown(grid(), { key: 'ArrowRight' });
    // What the tip and the listener are told, and no more.
    expect(value.mock.calls.length).toBeLessThanOrEqual(4);
  });

  it('of nothing has no cursor', () => {
    show(framed(<Bars categories={[]} series={[]} format="count" />));
    expect(screen.queryByRole('grid')).toBeNull();
    expect(screen.getByRole('img')).toBeTruthy();
  });

  it('writes numbers in cells, hatches what has none, and says what the hatching is', () => {
    const { container } = show(framed(<LoadMap />));
    const texts = [...container.querySelectorAll('.figure-number')].map((text) => text.textContent);
    expect(texts).toEqual(['1.3', '.50', '0', '4', '1']);
    expect(container.querySelector('.figure-dead')?.getAttribute('d')).not.toBe('');
    expect(drawn()).toMatch(/load \/ ideal.*dead.*undefined/);
  });
});

describe('bars', () => {
  it('tell category, series, number and ideal', () => {
    const series = [
      { label: 'FFN', color: 'var(--figure-1)', values: [0.5, -0.25] },
      { label: 'zero', color: 'var(--figure-2)', values: [null, 1] },
    ];
    const { container } = show(
      framed(<Bars categories={['L1', 'L2']} series={series} format="decimal" ideal={0.75} />),
    );
    act(() => grid().focus());
    expect(said()).toBe('L1: FFN 0.500, ideal 0.750');
    fireEvent.keyDown(grid(), { key: 'ArrowRight' });
    expect(said()).toBe('L1: zero –, ideal 0.750');
    const texts = [...container.querySelectorAll('.figure-number')].map((text) => text.textContent);
    expect(texts).toEqual(['0.500', '–', '−0.250', '1.000']);
    expect(container.querySelectorAll('svg > line.figure-ideal')).toHaveLength(2);
    expect(drawn()).toMatch(/^FFNzeroideal/);
  });

  it('have no number that the dashed line crosses out', () => {
    const values = [1, 1.45, 1.5, 1.55, 2];
    const series = [{ label: 'FFN', color: 'var(--figure-1)', values }];
    const { container } = show(
      framed(
        <Bars
          categories={values.map(String)}
          series={series}
          format="decimal"
          direction="vertical"
          ideal={1.5}
        />,
      ),
    );
    const line = Number(container.querySelector('line.figure-ideal')?.getAttribute('y1'));
    const feet = [...container.querySelectorAll('.figure-number')].map((text) =>
      Number(text.getAttribute('y')),
    );
    expect(feet).toHaveLength(5);
    // A number's digits reach 8 pixels above its foot.
    for (const foot of feet) expect(foot <= line - 2 || foot - 8 >= line, `${foot}`).toBe(true);
    expect(feet[4]).toBeLessThan(feet[3]!);
  });
});

it('box plots tell five quantiles, mean and count, and draw nothing of no values', () => {
  const of = [
    { category: 'code', quantiles: [0, 1, 2, 3, 9] as const, mean: 2.5, count: 1200 },
    { category: 'none', quantiles: null, mean: null, count: 0 },
  ];
  const { container } = show(framed(<Distributions of={of} format="decimal" />));
  act(() => grid().focus());
  expect(said()).toBe(
    'code: least 0.000, quarter 1.000, median 2.000, three quarters 3.000, most 9.000, mean 2.500, count 1,200',
  );
  expect(container.querySelectorAll('.figure-box')).toHaveLength(1);
  expect(drawn()).toContain('n 1,200');
});

function Quantiles({ hear }: { hear: (at: number) => void }) {
  const [at, setAt] = useState(0.5);
  const onMove = (to: number) => {
    hear(to);
    setAt(to);
  };
  return framed(
    <Histogram
      edges={[0, 0.5, 1]}
      series={[{ label: 'all', counts: [3, 1] }]}
      format="decimal"
      lines={[
        { at, label: 'q1', onMove },
        { at: 0.9, label: 'fixed' },
      ]}
    />,
  );
}

it('quantiles of a histogram are sliders, moved by keys and by pointer', () => {
  const hear = vi.fn();
  show(<Quantiles hear={hear} />);
  const slider = screen.getByRole('slider', { name: 'q1' });
  expect(screen.getAllByRole('slider')).toHaveLength(1);
  expect(values(slider, 'aria-valuemin', 'aria-valuemax', 'aria-valuenow')).toEqual([
    '0',
    '1',
    '0.5',
  ]);
  act(() => slider.focus());
  fireEvent.keyDown(slider, { key: 'ArrowRight' });
  expect(hear).toHaveBeenLastCalledWith(0.51);
  expect(values(slider, 'aria-valuetext')).toEqual(['0.510']);
  expect(document.activeElement).toBe(slider);
  expect(drawn()).toContain('q1 0.510');
  slider.setPointerCapture = vi.fn();
  fireEvent.pointerDown(slider, { buttons: 1, clientX: 48, pointerId: 1 });
  expect(hear).toHaveBeenLastCalledWith(0);
  fireEvent.pointerMove(slider, { buttons: 1, clientX: 9999 });
  expect(hear).toHaveBeenLastCalledWith(1);
  hear.mockClear();
  fireEvent.pointerMove(slider, { buttons: 0, clientX: 100 });
  expect(hear).not.toHaveBeenCalled();
  act(() => grid().focus());
  expect(said()).toBe('0.000 to 0.500: all 3 (75.0%)');
});

describe('the frame', () => {
  it('makes its table when it is opened, under the heading of the figure', () => {
    show(framed(<LoadMap />));
    expect(screen.getByRole('figure', { name: 'Load' })).toBeTruthy();
    expect(screen.getByRole('heading', { level: 3 }).textContent).toBe('Load');
    expect(TABLE).not.toHaveBeenCalled();
    const details = document.querySelector('details');
    if (details === null) throw new Error('no table');
    details.open = true;
    fireEvent(details, new Event('toggle'));
    const cells = within(screen.getByRole('table')).getAllByRole('cell');
    expect(cells.map((cell) => cell.textContent)).toEqual(['1', '1.25×', '3', '–']);
    expect(screen.getByRole('table').getAttribute('aria-rowcount')).toBe('3');
  });

  async function choose(item: string): Promise<void> {
    const button = screen.getByRole('button', { name: 'Export Load' });
    // The first press loads the menu; then it opens as menus do.
    fireEvent.click(button);
    fireEvent.keyDown(button, { key: 'Enter' });
    fireEvent.click(await screen.findByRole('menuitem', { name: item }));
    await vi.waitFor(() => expect(saved).toHaveBeenCalled());
  }

  it('is exported as table, caption and picture', async () => {
    show(framed(<LoadMap />));
    await choose('CSV, all digits');
    expect(saved).toHaveBeenLastCalledWith('load.csv', 'layer,load\n1,1.25\n3,\n', 'text/csv');
    saved.mockClear();
    await choose('Caption');
    const [name, text] = saved.mock.lastCall ?? [];
    expect(name).toBe('load.txt');
    expect(text).toMatch(/^Load\. Largest 1\.25×\. Experiment: http:.*#.*v=1/);
    saved.mockClear();
    await choose('SVG');
    const [, svg] = saved.mock.lastCall ?? [];
    const picture = new DOMParser().parseFromString(String(svg), 'image/svg+xml').documentElement;
    expect(picture.querySelectorAll('.figure-number')).toHaveLength(5);
    expect(picture.getAttribute('width')).toBe('640');
    // A cursor is no part of the picture.
    expect(picture.querySelector('.figure-mark')).toBeNull();
  });

  it('names the experiments of the runs that it shows', async () => {
    const other = setPath(DEFAULTS_V1, 'router.K', 3);
    const figure = {
      ...{ name: 'load', title: 'Load', caption: () => '', table: TABLE, svg: null },
      runs: [
        { name: 'a', experiment: DEFAULTS_V1 },
        { name: 'b', experiment: other },
      ],
    };
    await exportFigure(figure, test.lab, 'caption');
    const links = [...String(saved.mock.lastCall?.[1]).matchAll(/[ab]: http[^#]*#(\S+)/g)];
    expect(links.map(([, link = '']) => decodeLink(link).experiment)).toEqual([DEFAULTS_V1, other]);
  });

  it('is drawn in light colours while a picture is made of a dark page', async () => {
    const Theme = () => {
      useThemeAttribute();
      return null;
    };
    show(<Theme />);
    act(() => test.lab.view.getState().set({ theme: 'dark' }));
    const { dataset } = document.documentElement;
    expect(dataset.theme).toBe('dark');
    const seen = await act(() => onPaper(() => ({ svg: `${dataset.theme}`, width: 1, height: 1 })));
    expect(seen.svg).toBe('light');
    expect(dataset.theme).toBe('dark');
  });

  it('has title and caption in its picture where they are asked for', () => {
    const { container } = show(framed(<LoadMap />));
    const svg = container.querySelector('svg.figure-drawing');
    if (!(svg instanceof SVGSVGElement)) throw new Error('no drawing');
    const bare = figurePicture(svg, 'Load', null);
    const whole = figurePicture(svg, 'Load <b>', 'word '.repeat(60));
    expect(bare.svg).not.toContain('word');
    expect(whole.svg).toContain('Load &lt;b&gt;');
    expect(whole.svg.match(/word/g)).toHaveLength(60);
    expect(whole.height).toBeGreaterThan(bare.height + 60);
  });
});

function Experts() {
  return <p>{useSource().head.experiment.router.K} experts per token</p>;
}

it('two runs stand under their names, each with its own source', () => {
  const { source } = test.lab;
  const row = { id: 'x', title: 'X', needs: {} };
  const sides = [2, 3].map((K) => ({
    key: String(K),
    name: `top-${K}`,
    source: {
      ...source,
      head: { ...source.head, experiment: setPath(DEFAULTS_V1, 'router.K', K) },
    },
  }));
  const { rerender } = show(
    <PlaceContext value={{ row, source }}>
      <Sides of={sides}>{() => framed(<Experts />)}</Sides>
    </PlaceContext>,
  );
  const second = screen.getByRole('region', { name: 'top-3' });
  expect(within(second).getByRole('heading', { level: 3 }).textContent).toBe('top-3');
  expect(within(second).getByRole('heading', { level: 4 }).textContent).toBe('Load');
  within(second).getByText('3 experts per token');
  rerender(
    <LabProvider lab={test.lab}>
      <PlaceContext value={{ row, source }}>
        <Sides of={sides.slice(0, 1)}>{() => framed(<Experts />)}</Sides>
      </PlaceContext>
    </LabProvider>,
  );
  expect(screen.queryByRole('region')).toBeNull();
  expect(screen.getByRole('heading', { level: 3 }).textContent).toBe('Load');
  screen.getByText('2 experts per token');
});
