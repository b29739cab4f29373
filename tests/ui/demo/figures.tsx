/** All kinds of figures over invented numbers, for looking at them: `npx vite`, /tests/ui/demo/figures.html. */
import { useState } from 'react';
import { createRoot } from 'react-dom/client';
import { createLab } from '../../../src/state/lab.ts';
import { browserAddressBar } from '../../../src/state/linkSync.ts';
import { Bars } from '../../../src/ui/kit/figure/Bars.tsx';
import { Distributions } from '../../../src/ui/kit/figure/Distributions.tsx';
import { FigureFrame } from '../../../src/ui/kit/figure/FigureFrame.tsx';
import { HeatMap, type HeatMapProps } from '../../../src/ui/kit/figure/HeatMap.tsx';
import { Histogram } from '../../../src/ui/kit/figure/Histogram.tsx';
import { Sides } from '../../../src/ui/kit/figure/Sides.tsx';
import { categoryLook } from '../../../src/ui/kit/figure/scales.ts';
import type { FigureTable } from '../../../src/ui/kit/figure/table.ts';
import { LabProvider } from '../../../src/ui/kit/useLab.tsx';
import { useThemeAttribute } from '../../../src/ui/kit/useTheme.ts';
import { createFakeTrainer } from '../fakeTrainer.ts';
import '../../../src/ui/kit/styles/tokens.css';
import '../../../src/ui/kit/styles/base.css';
import '../../../src/ui/kit/styles/panel.css';
import '../../../src/ui/kit/styles/menu.css';

/** Numbers from 0 to 1 that look drawn. */
const noise = (i: number) => Math.abs(Math.sin(12.9898 * (i + 1)) * 43758.5453) % 1;

function labels(n: number, prefix = ''): string[] {
  return Array.from({ length: n }, (_, i) => `${prefix}${i}`);
}

const TABLE = (): FigureTable => ({
  columns: [{ title: 'slot' }, { title: 'load', format: 'ratio' }],
  rows: labels(12).map((label, i) => [label, i === 3 ? null : 4 * noise(i)]),
});

interface ShownProps {
  title: string;
  children: React.ReactNode;
}

function Shown({ title, children }: ShownProps) {
  return (
    <FigureFrame
      name={`switchyard-${title.toLowerCase().replaceAll(' ', '-')}`}
      title={title}
      caption={() =>
        `Invented numbers; the largest is ${Math.max(...labels(12).map((_, i) => noise(i))).toFixed(3)}`
      }
      table={TABLE}
    >
      {children}
    </FigureFrame>
  );
}

function loads(rows: number, columns: number): Omit<HeatMapProps, 'color' | 'format'> {
  const value = (r: number, c: number) =>
    (r === 1 && c === 2) || noise(r * columns + c) < 0.01 ? 0 : 4 * noise(r * columns + c) ** 2;
  return {
    rows: labels(rows, 'L'),
    columns: labels(columns),
    value: (r, c) => (r === 0 && c === 4 ? null : value(r, c)),
    mark: (r, c) => (value(r, c) === 0 ? 'dead' : null),
    axes: ['layer', 'slot'],
  };
}

const EDGES = labels(41).map((_, i) => i / 40);
const BINS = labels(40).map((_, i) =>
  Math.round(900 * Math.exp(-((i - 22) ** 2) / 90) + 30 * noise(i)),
);
const OTHER = labels(40).map((_, i) =>
  Math.round(400 * Math.exp(-((i - 29) ** 2) / 40) + 20 * noise(i)),
);

function Quantiles() {
  const [at, setAt] = useState([0.42, 0.47, 0.8]);
  return (
    <Shown title="Largest routing weight">
      <Histogram
        edges={EDGES}
        series={[
          { label: 'validation', counts: BINS },
          { label: 'dialogue', counts: OTHER },
        ]}
        format="decimal"
        quantity="largest routing weight of a token"
        asParts
        lines={at.map((value, i) => ({
          at: value,
          label: `q${i + 1}`,
          onMove: (to) => setAt((now) => now.map((old, j) => (j === i ? to : old))),
        }))}
      />
    </Shown>
  );
}

function BarFigures() {
  const kinds = ['FFN', 'zero', 'copy', 'constant'];
  const series = kinds.map((label, i) => ({
    label,
    ...categoryLook(i + (i > 2 ? 8 : 0)),
    values: labels(8).map((_, c) => noise(9 * i + c)),
  }));
  return (
    <>
      <Shown title="Share of each kind per layer">
        <Bars
          categories={labels(8, 'layer ')}
          series={series}
          stacked
          format="decimal"
          direction="vertical"
        />
      </Shown>
      <Shown title="Change of loss without a kind">
        <Bars
          categories={[
            'narrative prose',
            'code',
            'news',
            'dialogue of two people who talk at length',
          ]}
          series={[
            { label: 'without zero', color: 'var(--figure-1)', values: [0.12, -0.04, 0.31, null] },
            {
              label: 'without copy',
              color: 'var(--figure-2)',
              values: [0.02, 0.2, -0.11, 0.07],
              pattern: 'rising',
            },
          ]}
          format="nats"
        />
      </Shown>
      <Shown title="Computing experts per token">
        <Bars
          categories={labels(12, 'L')}
          series={[
            {
              label: 'computing',
              color: 'var(--figure-1)',
              values: labels(12).map((_, i) => 2 * noise(i)),
            },
          ]}
          format="decimal"
          quantity="experts that compute"
          ideal={(i) => 1 + 0.05 * i}
          direction="vertical"
        />
      </Shown>
    </>
  );
}

function Boxes() {
  return (
    <Shown title="Loss of tokens by domain">
      <Distributions
        of={['prose', 'code', 'news', 'empty'].map((category, i) => ({
          category,
          quantiles:
            i === 3 ? null : [0.1 * i, 1 + 0.2 * i, 2 + 0.3 * i, 3.1 + noise(i), 6 + noise(i)],
          mean: i === 3 ? null : 2.3 + 0.3 * i,
          count: i === 3 ? 0 : 12_345 * (i + 1),
        }))}
        format="nats"
        quantity="loss, nats per token"
      />
    </Shown>
  );
}

function Page() {
  useThemeAttribute();
  return (
    <main style={{ padding: 12, maxWidth: 1100, background: 'var(--surface)' }}>
      <h1 style={{ fontSize: 15 }}>Figures</h1>
      <h2 style={{ fontSize: 13 }}>Every kind</h2>
      <Sides
        of={[
          { key: 'a', name: 'top-2, 8 experts' },
          { key: 'b', name: 'MoE++ with τ = 0.75' },
        ]}
      >
        {({ key }) => (
          <Shown title={`Load of run ${key}`}>
            <HeatMap
              {...loads(6, 8)}
              color="ratio"
              format="ratio"
              quantity="load / ideal"
              onSelect={() => {}}
              selects="show the layer"
            />
          </Shown>
        )}
      </Sides>
      <Shown title="Assignments">
        <HeatMap {...loads(12, 16)} color="sequential" format="decimal" quantity="gate mass" />
      </Shown>
      <Shown title="Loss less the mean">
        <HeatMap
          {...loads(4, 16)}
          mark={() => null}
          value={(r, c) => noise(16 * r + c) - 0.4}
          color="signed"
          format="nats"
          quantity="nats"
        />
      </Shown>
      <Shown title="A large map">
        <HeatMap {...loads(64, 128)} color="sequential" format="decimal" quantity="gate mass" />
      </Shown>
      <BarFigures />
      <Quantiles />
      <Boxes />
    </main>
  );
}

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no element #root');
const lab = createLab({
  client: createFakeTrainer({}),
  bar: browserAddressBar(window),
  storage: null,
});
createRoot(root).render(
  <LabProvider lab={lab}>
    <Page />
  </LabProvider>,
);
