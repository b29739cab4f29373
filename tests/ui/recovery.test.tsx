import { fireEvent, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { convertedView } from './converting.ts';
import { DOMAINS } from './fakeRecords.ts';
import { csvOf } from './figureFiles.ts';

const TITLE = 'Recovery of domains';

it('trains on a domain, and shows every domain before and after', async () => {
  const { trainer, panel, state } = await convertedView('recovery');
  expect(panel.getAttribute('aria-label')).toBe(TITLE);
  const domain = DOMAINS[1]!;
  fireEvent.change(within(panel).getByLabelText('Domain to train on'), {
    target: { value: domain },
  });
  fireEvent.click(within(panel).getByRole('button', { name: 'Train the converted layers' }));
  const words = await within(panel).findByText(/before, .* after/);
  expect(trainer.calls).toContainEqual(['domains', { id: 'c1', domain, steps: 200 }]);
  const [result] = state().domains;
  const rows = await csvOf(panel, `Trained on ${domain}`);
  expect(rows.map((row) => row.domain)).toEqual([...DOMAINS, 'all']);
  for (const [i, name] of DOMAINS.entries())
    for (const side of ['teacher', 'before', 'after'] as const)
      expect(Number(rows[i]![side])).toBe(result![side].perDomain[name]);
  const cost = result!.before.perDomain[domain]! - result!.teacher.perDomain[domain]!;
  expect(words.textContent).toContain(`${((100 * 0.05) / cost).toFixed(1)}% of what`);
});
