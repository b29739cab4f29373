import { render, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { Plot } from '../../src/ui/kit/charts/Plot.tsx';

const axis = { min: 0, max: 200, isLog: false };
const size = { width: 600, height: 200, lines: [], baselines: [], x: axis, xUnit: 1 };

it('numbers its axes where a canvas draws the lines, and none where nothing is drawn', async () => {
  const { container, rerender } = render(<Plot {...size} y={axis} hasValues={true} />);
  const texts = () => [...container.querySelectorAll('text')].map(({ textContent }) => textContent);
  await waitFor(() => expect(texts()).toEqual(expect.arrayContaining(['0', '100', '200'])));
  rerender(<Plot {...size} y={axis} hasValues={false} />);
  expect(texts()).toEqual([]);
});
