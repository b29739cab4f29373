import { render, screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { FULL_SIZE_MODELS } from '../../src/accounting/fullSize.ts';
import FullSize from '../../src/ui/views/accounting/FullSize.tsx';

test('every full-size model stands beside what its paper prints', () => {
  render(<FullSize />);
  const [head, ...rows] = screen.getAllByRole('row');
  expect(head?.textContent).toContain('printed');
  const models = rows.filter((row) => within(row).queryAllByRole('cell').length > 0);
  expect(models).toHaveLength(FULL_SIZE_MODELS.length);
  const tcmoe = FULL_SIZE_MODELS.find((model) => model.printed?.withVocabulary);
  const row = models[FULL_SIZE_MODELS.indexOf(tcmoe!)];
  const [N, printed] = within(row!).getAllByRole('cell');
  const million = (text: string | null | undefined) => Number.parseFloat(text ?? '');
  expect(Math.abs(million(N?.textContent) / million(printed?.textContent) - 1)).toBeLessThan(0.01);
});
