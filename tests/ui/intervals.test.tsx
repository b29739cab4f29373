import { render } from '@testing-library/react';
import { expect, it } from 'vitest';
import { layIntervals } from '../../src/ui/kit/figure/Intervals.tsx';
import './render.tsx';

const NAMES = ['TC-MoE, α₂ 0.005 − Random drop', 'TC-MoE, α₂ 0.005 − Top-P'];

function labels(width: number): Element[] {
  const of = NAMES.map((category) => ({ category, mean: 0, wide: [-1, 1] as const, values: [0] }));
  const props = { of, format: 'nats', quantity: 'effect', names: ['95 %', '90 %'] } as const;
  const { drawing } = layIntervals(props, width);
  const { container } = render(
    <svg role="img" aria-label="Intervals">
      {drawing}
    </svg>,
  );
  return [...container.querySelectorAll('text.figure-label')];
}

it('has names at the left of intervals, and whole above them where they would be cut', () => {
  const [wide, narrow] = [labels(900), labels(330)];
  for (const found of [wide, narrow])
    expect(found.map(({ textContent }) => textContent)).toEqual(NAMES);
  const anchors = [wide, narrow].map(([first]) => first?.getAttribute('text-anchor'));
  expect(anchors).toEqual(['end', 'start']);
});
