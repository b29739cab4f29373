import { useEffect, useMemo, useRef, useState } from 'react';
import { type Finding, Health } from '../../../analysis/health.ts';
import type { RunSource } from '../../../analysis/source.ts';
import { counted } from '../../../config/plural.ts';
import type { Explanation } from '../../kit/explanation.ts';
import { goToSetting } from '../../kit/goToSetting.ts';
import { PanelFrame } from '../../kit/PanelFrame.tsx';
import { useHead } from '../../kit/place.ts';
import { useLab } from '../../kit/useLab.tsx';
import { useLiveVersion } from '../../kit/useLive.ts';
import type { ViewProps } from '../view.ts';
import { CHECKS, numbersOf, stepsOf } from './words.ts';
import './health.css';

/** Most findings that are shown unasked. */
const MOST_SHOWN = 4;

/** What has been found of a run so far; only what is new of it is looked at. */
function useFindings(source: RunSource, version: number): readonly Finding[] {
  const head = useHead(source);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another source is another run
  const health = useMemo(() => new Health(), [source]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the logs grow in place; version and head tell
  return useMemo(() => health.update(source), [health, source, version, head]);
}

function useGo() {
  const lab = useLab();
  return ({ check, layer, first }: Finding, lastStep: number): void => {
    const { shownBy } = CHECKS[check];
    if ('setting' in shownBy) {
      goToSetting(lab, shownBy.setting);
      return;
    }
    const scrub = Math.min(first, lastStep);
    lab.view.getState().set({ sought: shownBy, scrub, ...(layer === null ? {} : { layer }) });
  };
}

function Row({ finding, lastStep }: { finding: Finding; lastStep: number }) {
  const go = useGo();
  const { says } = CHECKS[finding.check];
  return (
    <li className={finding.last === null ? 'health-finding' : 'health-finding over'}>
      <button type="button" className="link-btn" onClick={() => go(finding, lastStep)}>
        {says(finding)}
      </button>{' '}
      <span className="num">
        {stepsOf(finding)}: {numbersOf(finding)}
      </span>
    </li>
  );
}

const keyOf = ({ check, layer, slot, of, first }: Finding) =>
  `${check} ${layer} ${slot} ${of} ${first}`;

function List({ findings, lastStep }: { findings: readonly Finding[]; lastStep: number }) {
  return (
    <ul className="health-list">
      {findings.map((finding) => (
        <Row key={keyOf(finding)} finding={finding} lastStep={lastStep} />
      ))}
    </ul>
  );
}

/** What goes on, the first few at once; what is over, for those who ask. */
function Findings({ findings, lastStep }: { findings: readonly Finding[]; lastStep: number }) {
  const [isWhole, setWhole] = useState(false);
  const open = findings.filter(({ last }) => last === null);
  const over = findings.filter(({ last }) => last !== null);
  return (
    <>
      {open.length > 0 && (
        <List findings={isWhole ? open : open.slice(0, MOST_SHOWN)} lastStep={lastStep} />
      )}
      {open.length > MOST_SHOWN && (
        <button type="button" className="link-btn" onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Fewer' : `${open.length - MOST_SHOWN} more`}
        </button>
      )}
      {over.length > 0 && (
        <details className="health-over">
          <summary>{counted(over.length, 'earlier finding')}, over by now</summary>
          <List findings={over} lastStep={lastStep} />
        </details>
      )}
    </>
  );
}

const CHECK_COUNT = Object.keys(CHECKS).length;

/** The run in a word or two: it changes with what is found, not with every step. */
function summary(open: readonly Finding[]): string {
  if (open.length === 0) return 'All well';
  const titles = [...new Set(open.map(({ check }) => CHECKS[check].title))];
  return `${counted(open.length, 'finding')}: ${titles.join(', ')}`;
}

/** What comes and goes within this time is not read aloud. */
const SPEAK_MS = 3000;

/** Reads a text aloud once it has stood for a while. */
function Spoken({ text }: { text: string }) {
  const [said, setSaid] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSaid(text), SPEAK_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <span role="status" className="visually-hidden">
      {said}
    </span>
  );
}

export const about: Explanation = {
  label: 'Health',
  meaning:
    'What telemetry and settings say is wrong: dead slots, collapse, routers without gradient, drops, sums that do not add up, numbers that broke. Each with its number and what is allowed.',
};

/** Whether the run is well, in one line; what is not, with its numbers and since when. */
export default function HealthPanel({ source }: ViewProps) {
  const frame = useRef<HTMLElement>(null);
  const version = useLiveVersion(frame);
  const findings = useFindings(source, version);
  const open = findings.filter(({ last }) => last === null);
  const hasSteps = source.step > 0;
  const word = hasSteps ? summary(open) : '';
  return (
    <PanelFrame
      ref={frame}
      className="health"
      beside={
        <>
          {hasSteps && (
            <span className={open.length === 0 ? 'health-word well' : 'health-word'}>{word}</span>
          )}
          <Spoken text={word} />
        </>
      }
      sub={counted(CHECK_COUNT, 'check')}
    >
      {hasSteps ? (
        <Findings findings={findings} lastStep={source.step} />
      ) : (
        <p className="empty">Nothing was trained yet: press Start.</p>
      )}
    </PanelFrame>
  );
}
