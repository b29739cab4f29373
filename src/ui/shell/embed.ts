/** The snippet that shows a run in another page: text alone, nothing here becomes an element. */

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => ESCAPES[sign] ?? sign);
}

/** `<name a="b">content</name>`; the content is markup already. */
function tagged(
  name: string,
  attributes: Readonly<Record<string, string>>,
  content: string,
): string {
  const list = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(value)}"`);
  return `<${name}${list.join('')}>${content}</${name}>`;
}

export interface EmbedText {
  /** Address of the page in its room without chrome. */
  href: string;
  /** Shown below. */
  caption: string;
  /** What it shows, for who does not see it. */
  alt: string;
}

/** A figure with the page in a frame, a caption and the text for who does not see it. */
export function embedSnippet({ href, caption, alt }: EmbedText): string {
  const frame = tagged(
    'iframe',
    {
      src: href,
      title: alt,
      width: '100%',
      height: '560',
      loading: 'lazy',
      style: 'border:1px solid #8884;border-radius:8px',
    },
    '',
  );
  return tagged('figure', {}, `\n  ${frame}\n  ${tagged('figcaption', {}, escaped(caption))}\n`);
}
