import { Dialog } from 'radix-ui';
import { useEffect, useId, useMemo, useState } from 'react';
import { counted } from '../../config/plural.ts';
import { formatCount } from '../kit/format.ts';
import { useLab } from '../kit/useLab.tsx';
import { embedSnippet } from './embed.ts';
import { saveShared } from './saveShared.ts';
import './share.css';
import { besides, describeNow, sharedNow } from './shareLink.ts';
import { type StudentLink, studentLink } from './studentLink.ts';

/** A text to be copied: read only, chosen whole by a click, with its button. */
function Copied({ label, text, rows }: { label: string; text: string; rows: number }) {
  const { view } = useLab();
  const id = useId();
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      view.getState().say(`${label} copied.`);
    } catch {
      view.getState().say('The browser refused the clipboard: copy the text by hand.');
    }
  };
  return (
    <div className="share-text">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        className="input"
        readOnly
        rows={rows}
        spellCheck={false}
        value={text}
        onFocus={(event) => event.currentTarget.select()}
      />
      <button type="button" className="btn small" onClick={() => void copy()}>
        Copy {label.toLowerCase()}
      </button>
    </div>
  );
}

function Typed({
  label,
  text,
  onType,
}: {
  label: string;
  text: string;
  onType: (text: string) => void;
}) {
  const id = useId();
  return (
    <div className="share-text">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        className="input"
        value={text}
        maxLength={300}
        onChange={(event) => onType(event.target.value)}
      />
    </div>
  );
}

function Embed() {
  const lab = useLab();
  const described = useMemo(() => describeNow(lab), [lab]);
  const [caption, setCaption] = useState(described.caption);
  const [alt, setAlt] = useState(described.alt);
  const href = useMemo(() => sharedNow(lab, { room: 'embed' }).href, [lab]);
  return (
    <details>
      <summary>Embed in another page</summary>
      <div className="share-embed">
        <Typed label="Caption" text={caption} onType={setCaption} />
        <Typed label="Text for those who do not see it" text={alt} onType={setAlt} />
        <Copied label="Snippet" text={embedSnippet({ href, caption, alt })} rows={6} />
      </div>
    </details>
  );
}

/** The link of a run that a conversion made; null for any other, and until it is there. */
function useStudentLink(): StudentLink | null {
  const lab = useLab();
  const [found, setFound] = useState<StudentLink | null>(null);
  useEffect(() => {
    let isShown = true;
    void studentLink(lab).then((link) => isShown && setFound(link));
    return () => {
      isShown = false;
    };
  }, [lab]);
  return found;
}

/** Ways to give the run to others: its link with results, a file, a snippet for another page. */
export function ShareSheet() {
  const lab = useLab();
  const [withBesides, setWithBesides] = useState(false);
  const others = useMemo(() => besides(lab).length, [lab]);
  const link = useMemo(() => sharedNow(lab, { withBesides }), [lab, withBesides]);
  const { length: steps, firstStep } = lab.run.getState().metrics;
  const student = useStudentLink();
  return (
    <>
      <Dialog.Title className="dialog-title">Share</Dialog.Title>
      <p className="muted">
        {steps > 0
          ? `The link holds the experiment with its live changes, and the results of ${counted(steps, 'step')}: who opens it sees the curve at once, and can ${
              firstStep > 1
                ? `train it from its start; what a fork began with at step ${formatCount(firstStep - 1)} is in its file alone.`
                : 'reproduce it.'
            }`
          : 'The link holds the experiment. Once it was trained, the link holds the curve too.'}{' '}
        Nothing is sent anywhere: all of it is in the link itself.
      </p>
      {others > 0 && (
        <label className="share-besides">
          <input
            type="checkbox"
            checked={withBesides}
            onChange={(event) => setWithBesides(event.target.checked)}
          />
          With the {counted(others, 'run')} drawn beside it
        </label>
      )}
      {student !== null && (
        <>
          <p>{`A conversion made this run. ${student.says}`}</p>
          {student.href !== null && (
            <Copied label="Link of the student" text={student.href} rows={4} />
          )}
        </>
      )}
      <Copied
        label={student === null ? 'Link' : 'Link of its settings'}
        text={link.href}
        rows={4}
      />
      <p className="muted num" role="status">
        {link.isTooLong
          ? `${formatCount(link.characters)} characters, more than the ${formatCount(link.most)} that programs leave whole: save a file instead, which holds the run with everything that it recorded.`
          : `${formatCount(link.characters)} characters.`}
      </p>
      <Embed />
      <div className="foot">
        <button
          type="button"
          className={link.isTooLong ? 'btn primary' : 'btn'}
          onClick={() => void saveShared(lab, withBesides)}
        >
          Save as a file
        </button>
        <Dialog.Close className="btn">Close</Dialog.Close>
      </div>
    </>
  );
}
