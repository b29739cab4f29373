import { fireEvent, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { convertedView } from './converting.ts';

const TITLE = 'Teacher and student write';

it('has both continue one prompt, and marks from where they differ', async () => {
  const { trainer, panel } = await convertedView('twotexts');
  expect(panel.getAttribute('aria-label')).toBe(TITLE);
  fireEvent.click(within(panel).getByRole('button', { name: 'Write both' }));
  await within(panel).findByText('They agree on the first 5 tokens.');
  const teacher = within(panel).getByRole('region', { name: 'Teacher' });
  const student = within(panel).getByRole('region', { name: 'Student, layers 0 to 2 converted' });
  expect(teacher.querySelector('p')?.textContent).toBe('The the sea');
  expect(student.querySelector('p')?.textContent).toBe('The the sky');
  expect(student.querySelector('.twotexts-other')?.textContent).toBe('ky');
  const [, asked] = trainer.calls.find(([name]) => name === 'write')!;
  expect(asked).toMatchObject({
    student: { layers: [0, 1, 2] },
    request: { prompts: ['The '], temperature: 0.8, tokens: 120 },
  });
});
