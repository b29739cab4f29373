import { render, screen } from '@testing-library/react';
import { useCallback, useMemo } from 'react';
import { PlaceContext } from '../../src/ui/kit/place.ts';
import { LabProvider, useLab, useView } from '../../src/ui/kit/useLab.tsx';
import { VIEW_FIELDS, viewById } from '../../src/ui/views/registry.ts';
import type { AnyView } from '../../src/ui/views/view.ts';
import { type TestLab, testLab } from '../state/support.ts';
// Loads what the page loads when it is needed.
import './render.tsx';

type Panel = Awaited<ReturnType<AnyView['load']>>['default'];

function InPlace({ id, Panel }: { id: string; Panel: Panel }) {
  const { source, view } = useLab();
  const value = useView((s) => s.own[id]) ?? {};
  const set = useCallback((part: object) => view.getState().setOwn(id, { ...part }), [view, id]);
  const place = useMemo(() => ({ row: viewById(id), source }), [id, source]);
  return (
    <PlaceContext value={place}>
      <Panel source={source} steps={null} value={value} set={set} />
    </PlaceContext>
  );
}

/** One view over the fake trainer, without the page around it. */
export async function renderView(
  id: string,
  options: Parameters<typeof testLab>[0] = {},
): Promise<TestLab & { panel: HTMLElement }> {
  const test = await testLab({ viewFields: VIEW_FIELDS, ...options });
  const row = viewById(id);
  const { default: Panel } = await row.load();
  render(
    <LabProvider lab={test.lab}>
      <InPlace id={id} Panel={Panel} />
    </LabProvider>,
  );
  return { ...test, panel: screen.getByRole('region', { name: row.title }) };
}
