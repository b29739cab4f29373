import { lazy, useEffect, useRef } from 'react';
import { Form } from './form/Form.tsx';
import { keepFocus } from './kit/focus.ts';
import { FORM_BESIDE } from './kit/goToSetting.ts';
import { Loaded } from './kit/Loaded.tsx';
import { useView } from './kit/useLab.tsx';
import { useMedia } from './kit/useMedia.ts';
import { usePrint } from './kit/usePrint.ts';
import { useThemeAttribute } from './kit/useTheme.ts';
import { Banners } from './shell/Banners.tsx';
import { Header } from './shell/Header.tsx';
import { Rooms, useRoom } from './shell/Rooms.tsx';
import { Toasts } from './shell/Toast.tsx';
import { Transport } from './shell/Transport.tsx';
import { useDrop } from './shell/useDrop.ts';
import { useKeyboard } from './shell/useKeyboard.ts';
import './kit/styles/tokens.css';
import './kit/styles/base.css';
import './kit/styles/panel.css';
import './kit/styles/heat.css';
import './kit/styles/charts.css';
import './kit/styles/menu.css';
import './styles/layout.css';
import './styles/boxes.css';
import './styles/form.css';
import './styles/structured.css';
import './styles/forced.css';
import './styles/print.css';

const Sheets = lazy(() => import('./shell/Sheets.tsx'));

/** The dialogs; their code comes with the first of them. */
function SheetsOnDemand() {
  const isOpen = useView((s) => s.sheet !== null);
  const wasOpen = useRef(false);
  wasOpen.current ||= isOpen;
  return (
    wasOpen.current && (
      <Loaded name="This dialog" fallback={null}>
        <Sheets />
      </Loaded>
    )
  );
}

/** The settings beside the room. */
function Side() {
  return (
    <aside className="side" aria-label="Settings">
      <Form />
    </aside>
  );
}

/** The whole page; needs a `LabProvider` around it. */
export function App() {
  useKeyboard();
  useDrop();
  useThemeAttribute();
  usePrint();
  useEffect(keepFocus, []);
  const hasChrome = useRoom().chrome === 'full';
  const hasSide = useMedia(FORM_BESIDE) && hasChrome;
  return (
    <div className="app">
      {hasChrome && (
        <div className="top">
          <Header />
          <Transport />
        </div>
      )}
      <div className={hasChrome ? 'body' : 'body bare'}>
        {hasSide && <Side />}
        <main className="main" tabIndex={-1}>
          {hasChrome && <Banners />}
          <Rooms />
        </main>
      </div>
      <SheetsOnDemand />
      <Toasts />
    </div>
  );
}
