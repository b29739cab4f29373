import { lazy, Suspense } from 'react';
import type { StructuredSetting } from '../../config/settings.ts';
import { ArrangementInput } from './ArrangementInput.tsx';
import type { InputProps } from './inputProps.ts';
import { MixInput } from './MixInput.tsx';
import { PerLayerInput } from './PerLayerInput.tsx';
import { PolicyInput } from './PolicyInput.tsx';
import { SlotsInput } from './SlotsInput.tsx';

const BalancingInput = lazy(() => import('./BalancingInput.tsx'));

/** Editor of a value with a shape of its own. */
export function StructuredInput(props: InputProps<StructuredSetting>) {
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
      return (
        <Suspense fallback={<p id={props.id}>…</p>}>
          <BalancingInput {...props} />
        </Suspense>
      );
    case 'hash':
    case 'events':
      return null;
  }
}
