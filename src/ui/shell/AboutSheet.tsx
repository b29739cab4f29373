import { Dialog } from 'radix-ui';
import { MECHANISMS, PAPERS } from '../../config/mechanisms.ts';

const STEPS: readonly (readonly [title: string, text: string])[] = [
  [
    'A real language model',
    'A decoder-only transformer with sparse experts trains in this tab, on your own GPU, on real text. Kernels are hand-written WGSL; work grows with the experts that are chosen, not with those that exist. Nothing leaves the machine.',
  ],
  [
    'Press Start and watch the experts',
    'Loss, load of every slot, routing by kind of text and sampled text follow the run. Every figure that is underlined opens its formula and where it is from.',
  ],
  [
    'Turn knobs while it trains',
    'Settings marked “live” change at the next step and are recorded as events; the others wait for a new model. What an experiment costs is counted before it runs.',
  ],
  [
    'Share the experiment, not a picture',
    'The address holds the whole experiment, live changes included, and a copied link its curve. Opened on the same adapter it gives the same losses, bit for bit; Reproduce says whether it did.',
  ],
];

/** What a paper brought, in a row. */
function mechanismsOf(name: string): string {
  const cards = MECHANISMS.filter(({ paper }) => paper === name);
  return cards.map(({ title }) => title).join('; ');
}

/** What the page is, how it works, and whose systems it holds. */
export function AboutSheet() {
  return (
    <>
      <Dialog.Title className="dialog-title">
        Switchyard: mixture-of-experts language models, trained in the browser
      </Dialog.Title>
      <ol className="about">
        {STEPS.map(([title, text]) => (
          <li key={title}>
            <b>{title}.</b> {text}
          </li>
        ))}
      </ol>
      <h3 className="about-title">The five papers behind it</h3>
      <dl className="papers">
        {PAPERS.map(({ name, title }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <i>{title}</i>
              <span>{mechanismsOf(name)}</span>
            </dd>
          </div>
        ))}
      </dl>
      <p className="muted">
        Their systems and baselines are presets, at a size that trains here; each says what scale
        changed.
      </p>
      <div className="foot">
        <Dialog.Close className="btn">Close</Dialog.Close>
      </div>
    </>
  );
}
