import { fireEvent, render, screen } from '@testing-library/react';
import { useState } from 'react';
import { expect, it } from 'vitest';
import type { JsonValue } from '../../src/config/experiment.ts';
import { settingAt } from '../../src/config/schema.ts';
import type { StructuredSetting } from '../../src/config/settings.ts';
import BalancingInput from '../../src/ui/form/BalancingInput.tsx';

/** The editor of a setting, from null; what it was changed to last. */
function edited(path: string): () => JsonValue {
  let now: JsonValue = null;
  function Editor() {
    const [value, setValue] = useState<JsonValue>(null);
    now = value;
    const setting = settingAt(path) as StructuredSetting;
    const rest = { setting, value, id: 'a', describedBy: 'b', wrong: undefined };
    return <BalancingInput {...rest} change={setValue} />;
  }
  render(<Editor />);
  return () => now;
}

const choose = (label: string, value: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
function type(label: string, value: string): void {
  choose(label, value);
  fireEvent.blur(screen.getByLabelText(label));
}

it('edits a rule with its numbers, and refuses what is out of range', () => {
  const now = edited('router.biasRule');
  choose('Rule of the selection bias', 'sign');
  type('Rate', '0.01');
  fireEvent.click(screen.getByLabelText('centred'));
  expect(now()).toEqual({ kind: 'sign', rate: 0.01, centre: true });
  choose('Rate', '0');
  const rate = screen.getByLabelText<HTMLInputElement>('Rate');
  expect(rate.getAttribute('aria-invalid')).toBe('true');
  expect(rate.title).toMatch(/0 is not allowed; it must be a number above 0/);
  fireEvent.blur(rate);
  // What is shown is what is in force.
  expect(rate.value).toBe('0.01');
  expect(now()).toEqual({ kind: 'sign', rate: 0.01, centre: true });
  choose('Rule of the selection bias', 'quantile');
  type('Smoothing', '0.9');
  expect(now()).toEqual({ kind: 'quantile', smoothing: 0.9 });
  choose('Rule of the selection bias', 'budget');
  type('Computing slots per token', '1.5');
  expect(now()).toEqual({ kind: 'budget', rate: 0.001, computing: 1.5 });
  choose('Rule of the selection bias', '');
  expect(now()).toBeNull();
});

it('edits pools of one size and of drawn size', () => {
  const now = edited('router.pool');
  choose('Pools', 'drawn');
  type('Fewest slots', '5');
  expect(screen.getByLabelText<HTMLInputElement>('Fewest slots').value).toBe('2');
  type('Most slots', '6');
  expect(now()).toEqual({ min: 2, max: 6, evaluation: null });
  fireEvent.click(screen.getByLabelText(/not causal/));
  type('Slots in evaluation', '8');
  expect(now()).toEqual({ min: 2, max: 6, evaluation: 8 });
  choose('Pools', 'size');
  expect(now()).toEqual({ size: 4, evaluation: null });
});

it('edits the balance loss: its scope has a window or none', () => {
  const now = edited('losses.balance');
  choose('Scope of the balance loss', 'global');
  type('Steps of the window', '8');
  choose('Choices that are counted', 'unbiased');
  expect(now()).toEqual({ coefficient: 0.01, scope: 'global', window: 8, counts: 'unbiased' });
  choose('Scope of the balance loss', 'batch');
  choose('Choices that are counted', 'selected');
  expect(now()).toEqual({ coefficient: 0.01, scope: 'batch' });
});
