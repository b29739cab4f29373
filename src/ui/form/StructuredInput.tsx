import { lazy, Suspense } from 'react';
import type { StructuredSetting } from '../../config/settings.ts';
import type { InputProps } from '../kit/inputProps.ts';
import { ArrangementInput } from './ArrangementInput.tsx';
import { MixInput } from './MixInput.tsx';
import { PerLayerInput } from './PerLayerInput.tsx';
import { SlotsInput } from './SlotsInput.tsx';

// What few experiments have is loaded with the first of them.
const BalancingInput = lazy(() => import('./BalancingInput.tsx'));
const PolicyInput = lazy(() => import('./PolicyInput.tsx'));

/** Editor of a value with a shape of its own. */
export function StructuredInput(props: InputProps<StructuredSetting>) {
  return (
    <Suspense fallback={<p id={props.id}>…</p>}>
      <Editor {...props} />
    </Suspense>
  );
}

function Editor(props: InputProps<StructuredSetting>) {
  switch (props.setting.kind) {
    case 'arrangement':
      return <ArrangementInput {...props} />;
    case 'slots':
      return <SlotsInput {...props} />;
    case 'perLayer':
      return <PerLayerInput {...props} />;
    case 'policy':
      return <PolicyInput {...props} />;
    case 'mix':
      return <MixInput {...props} />;
    case 'biasRule':
    case 'pool':
    case 'balance':
      return <BalancingInput {...props} />;
    case 'hash':
    case 'events':
      return null;
  }
}
