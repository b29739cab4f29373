import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { problemOf } from '../../src/ui/views/samples/request.ts';
import { requestOf } from '../../src/ui/views/samples/writeTexts.ts';
import { renderPage } from './render.tsx';

/** The view “Sampled text”: what is asked for, as it is written, token by token. */

const TYPED = { prompts: 'a\nb', temperature: '0.5', tokens: '7', stops: '' };

describe('a request', () => {
  it('has a prompt and a stop text a line', () => {
    expect(requestOf({ ...TYPED, stops: '.\n\n\\n\\n\n\\\\n' }, 9)).toEqual({
      prompts: ['a', 'b'],
      temperature: 0.5,
      tokens: 7,
      stops: ['.', '\n\n', '\\n'],
      seed: 9,
      candidates: 8,
    });
  });

  it.each([
    [{ temperature: '' }, 'Temperature (empty): a number from 0 to 100'],
    [{ tokens: '4097' }, 'Tokens 4097: a whole number from 1 to 4096'],
    [{ prompts: 'a\n'.repeat(16) }, '17 prompts: 1 to 16, one a line'],
  ])('is refused: %o', (wrong, problem) => {
    expect(problemOf({ ...TYPED, ...wrong })).toBe(problem);
    expect(problemOf(TYPED)).toBeNull();
  });
});

async function runTo(test: Awaited<ReturnType<typeof renderPage>>, steps: number): Promise<void> {
  await act(() => test.lab.commands.start());
  act(() => test.trainer.advance(steps));
}

async function written() {
  const test = await renderPage();
  await runTo(test, 100);
  const panel = screen.getByRole('region', { name: 'Sampled text' });
  fireEvent.change(within(panel).getByLabelText('Prompt'), { target: { value: 'One \nTwo ' } });
  fireEvent.change(within(panel).getByLabelText('Stop at'), { target: { value: '\\n' } });
  fireEvent.click(within(panel).getByRole('button', { name: 'Sample' }));
  const now = await within(panel).findByRole('region', { name: 'Written now' });
  await waitFor(() => expect(now.textContent).toContain('step 100'));
  return { test, panel, now };
}

it('writes all prompts at once, and tells speed, cost and whose window was recomputed', async () => {
  const { test, panel, now } = await written();
  expect(test.trainer.calls.at(-1)).toMatchObject([
    'generate',
    { prompts: ['One ', 'Two '], stops: ['\n'] },
  ]);
  const texts = within(now).getAllByRole('listitem');
  expect(texts.map((text) => text.querySelector('b')?.textContent)).toEqual(['One ', 'Two ']);
  const text = texts[0]!.querySelector('p')!.textContent!.slice('One '.length);
  expect(text.length).toBeGreaterThan(20);
  expect(now.textContent).toContain(`${2 * text.length} tokens · 512 tokens/s · 123 KFLOP per`);
  expect(now.textContent).toContain(
    'For 2 tokens the whole window was recomputed: the text is longer than 64 tokens.',
  );
  // What stands above is not listed a second time.
  expect(within(panel).getAllByText('Two')).toHaveLength(1);
});

it('shows candidates and routing of a token, by the pointer and by the keyboard', async () => {
  const { now } = await written();
  const [text, other] = within(now).getAllByRole('listitem') as [HTMLElement, HTMLElement];
  expect(within(now).queryByRole('table')).toBeNull();
  const second = text.querySelectorAll('p > span')[1]!;
  fireEvent.pointerEnter(second);
  const [candidates, routing] = within(text).getAllByRole('table');
  expect(candidates!.textContent).toContain('Token 2: ');
  expect(candidates!.textContent).toContain('60.0%');
  expect(within(candidates!).getByText('¤')).toBeDefined();
  expect(within(routing!).getAllByRole('row')[0]!.textContent).toBe('Layer 0E₁ 0.75 · E₀ 0.25');
  expect(second.className).toBe('active');

  const picker = within(other).getByRole('slider', { name: 'Token of text 2' });
  fireEvent.focus(picker);
  const last = Number(picker.getAttribute('max'));
  expect(within(other).getAllByRole('table')[0]!.textContent).toContain(`Token ${last}: `);
  expect(within(other).getAllByRole('table')[0]!.textContent).toContain('by its window as a whole');
  fireEvent.change(picker, { target: { value: '3' } });
  expect(picker.getAttribute('aria-valuetext')).toMatch(/^3: .+, 60%$/);
  expect(within(other).getAllByRole('table')[0]!.textContent).toContain('Token 3: ');
});

it('streams, and stops where it is told to', async () => {
  const test = await renderPage();
  await runTo(test, 5);
  let end: () => void = () => undefined;
  const { generate } = test.trainer;
  test.trainer.generate = async (request, onTokens) => {
    const generation = await generate(request, (some) => onTokens(some.slice(0, 2)));
    await new Promise<void>((resolve) => {
      end = resolve;
    });
    const texts = generation.texts.map((text) => ({
      ...text,
      text: text.text.slice(0, 2),
      end: 'cancelled' as const,
    }));
    return { ...generation, texts };
  };
  const panel = screen.getByRole('region', { name: 'Sampled text' });
  fireEvent.click(within(panel).getByRole('button', { name: 'Sample' }));
  const stop = await within(panel).findByRole('button', { name: 'Stop' });
  const now = within(panel).getByRole('region', { name: 'Written now' });
  await waitFor(() => expect(now.querySelectorAll('p > span').length).toBeGreaterThan(1));
  expect(now.getAttribute('aria-busy')).toBe('true');
  fireEvent.click(stop);
  await waitFor(() => expect(test.called()).toContain('stopGenerating'));
  end();
  await within(panel).findByRole('button', { name: 'Sample' });
  expect(now.textContent).toContain('stopped');
});

it('is done in a room that nobody looks at, and can sample again there', async () => {
  const test = await renderPage();
  await runTo(test, 5);
  let end: () => void = () => undefined;
  const { generate } = test.trainer;
  test.trainer.generate = async (request, onTokens) => {
    await new Promise<void>((resolve) => {
      end = resolve;
    });
    return generate(request, onTokens);
  };
  const panel = screen.getByRole('region', { name: 'Sampled text' });
  fireEvent.click(within(panel).getByRole('button', { name: 'Sample' }));
  await within(panel).findByRole('button', { name: 'Stop' });
  const room = panel.closest<HTMLElement>('[data-room]');
  fireEvent.keyDown(document.body, { key: '2' });
  await waitFor(() => expect(room?.style.display).toBe('none'));
  await act(async () => end());
  fireEvent.keyDown(document.body, { key: '1' });
  await waitFor(() => expect(room?.style.display).not.toBe('none'));
  await within(panel).findByRole('button', { name: 'Sample' });
  expect(within(panel).getByRole('region', { name: 'Written now' }).textContent).toContain(
    'step 5',
  );
});
