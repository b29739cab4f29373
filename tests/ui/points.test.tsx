import { render } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { Points, type PointsProps } from '../../src/ui/kit/figure/Points.tsx';
import { LabProvider } from '../../src/ui/kit/useLab.tsx';
import { testLab } from '../state/support.ts';
import './render.tsx';

const AXES: Pick<PointsProps, 'x' | 'y'> = {
  x: { label: 'step', format: 'count' },
  y: { label: 'loss, nats', format: 'units' },
};

/** The drawing of some points. */
async function drawn(props: Pick<PointsProps, 'series' | 'across'>) {
  const { lab } = await testLab();
  const { container, unmount } = render(
    <LabProvider lab={lab}>
      <Points {...props} {...AXES} />
    </LabProvider>,
  );
  const texts = [...container.querySelectorAll('svg text')];
  const paths = (selector: string) =>
    [...container.querySelectorAll(selector)].map((path) => path.getAttribute('d') ?? '');
  return {
    paths,
    count: (selector: string) => container.querySelectorAll(selector).length,
    texts,
    unmount,
  };
}

/** So many points over 200 steps, each of which spreads by 1. */
const line = (n: number, isLoose = false) => ({
  label: `${n} points`,
  isLoose,
  points: Array.from({ length: n }, (_, i) => ({
    x: (200 / n) * i,
    y: i,
    ySpread: [i - 1, i + 1] as const,
  })),
});

describe('points', () => {
  it('have marks and whiskers, but a band where they lie close', async () => {
    const { count } = await drawn({ series: [line(5), line(200)] });
    expect(count('svg path.figure-outline')).toBe(2);
    expect(count('svg path.figure-band')).toBe(1);
    expect(count('svg path.figure-whisker')).toBe(1);
  });

  it('keep their marks where no line goes through them', async () => {
    const { count } = await drawn({ series: [line(200, true)] });
    expect(count('svg path.figure-band')).toBe(0);
    expect(count('svg path.figure-whisker')).toBe(1);
  });

  it('show single values where they are too few for a spread', async () => {
    const few = { label: 'two seeds', points: [{ x: 1, y: 2, values: [1, 3] }] };
    const three = {
      label: 'three',
      points: [{ x: 1, y: 2, values: [1, 2, 3], ySpread: [0, 4] as const }],
    };
    const dots = async (series: typeof few | typeof three) => {
      const { paths, unmount } = await drawn({ series: [series] });
      const all = paths('svg path.figure-dot');
      unmount();
      return all.join('').split('M').length - 1;
    };
    expect(await dots(few)).toBe(2);
    expect(await dots(three)).toBe(0);
  });

  it('say what is upright and what runs along', async () => {
    const { texts } = await drawn({ series: [line(5)] });
    const words = texts.map(({ textContent }) => textContent);
    expect(words).toContain('loss, nats');
    expect(words).toContain('step');
  });

  it('leave the name of a line across at the end that is free', async () => {
    const end = async (y: number) => {
      const { texts, unmount } = await drawn({
        series: [line(5)],
        across: [{ label: 'dense', y }],
      });
      unmount();
      return texts.find(({ textContent }) => textContent === 'dense')?.getAttribute('text-anchor');
    };
    expect(await end(3.5)).toBe('start');
    expect(await end(0.5)).toBe('end');
  });
});
