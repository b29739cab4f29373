/** Text never becomes markup or code, and nothing is fetched but in one place. */
import { describe, expect, it } from 'vitest';
import { POLICY } from '../scripts/policy.mjs';
import { filesUnder, textOf } from './support/sourceTree.ts';

interface Rule {
  what: string;
  pattern: RegExp;
  /** What the pattern must find. */
  examples: readonly string[];
  /** The only file that may. */
  only?: string;
}

const RULES: readonly Rule[] = [
  {
    what: 'fetches',
    pattern: /\bfetch\b/,
    examples: ['fetch(url)', 'globalThis.fetch'],
    only: 'src/data/fetchSource.ts',
  },
  {
    what: 'opens a connection',
    pattern:
      /\b(XMLHttpRequest|WebSocket|WebSocketStream|EventSource|WebTransport|RTCPeerConnection|sendBeacon)\b/,
    examples: ['new XMLHttpRequest()', 'new WebSocket(url)', 'navigator.sendBeacon(url)'],
  },
  {
    what: 'loads code from an address that is not written there',
    pattern:
      /\bimport\((?!')|\bimportScripts\b|new (Shared)?Worker\((?!new URL\('\.\/)|serviceWorker/,
    examples: ['import(name)', 'importScripts(url)', 'new Worker(url)', 'import(`./x.ts`)'],
  },
  {
    what: 'runs text',
    pattern: /\beval\b|\bFunction\(|\bset(Timeout|Interval)\(\s*['"`]|javascript:/,
    examples: ['eval(text)', 'new Function(text)', "setTimeout('run()')", 'javascript:run()'],
  },
  {
    what: 'makes markup of text',
    pattern:
      /\b(inner|outer)HTML\b|insertAdjacentHTML|document\.write|createContextualFragment|(set|parse)HTMLUnsafe|setHTML\b|text\/html|dangerouslySetInnerHTML|srcdoc/i,
    examples: [
      'element.innerHTML = text',
      'element.outerHTML',
      "insertAdjacentHTML('afterbegin', text)",
      'document.writeln(text)',
      "new DOMParser().parseFromString(text, 'text/html')",
      'dangerouslySetInnerHTML={{ __html: text }}',
      '<iframe srcDoc={text} />',
    ],
  },
  {
    what: 'makes an element that loads or runs',
    pattern:
      /createElement(NS)?\([^)]*(['"](script|iframe|object|embed|base|foreignObject)['"])|<(script|iframe|embed)\b|<(object|base|foreignObject)[\s/]/,
    examples: ["document.createElement('script')", '<iframe src={url} />'],
  },
  {
    what: 'sets a handler or a style from text',
    pattern: /setAttribute(NS)?\([^)]*['"](on\w+|style)['"]|\.cssText\b/,
    examples: ["element.setAttribute('onload', text)", "setAttribute('style', text)"],
  },
  {
    what: 'leaves the page',
    pattern: /window\.open\b|\blocation\.(assign|replace)\b|\blocation(\.href)?\s*=(?!=)/,
    examples: ['window.open(url)', 'location.assign(url)', 'location.href = url', 'location = url'],
  },
  {
    what: 'points elsewhere than into the page',
    pattern: /\bhref=(?!\{`#|"#)|\baction=|\bformAction=/,
    examples: ['<a href={link}>', '<a href="https://example.org">', '<form action={url}>'],
  },
];

/** The code of a file without its comments. */
function codeOf(path: string): string {
  return textOf(path)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(^|\s)\/\/.*$/gm, '$1');
}

const SOURCES = filesUnder('src', '.ts', '.tsx', '.mjs').map((path) => ({
  path,
  code: codeOf(path),
}));

describe('the source', () => {
  it.each(RULES)('nowhere $what', ({ pattern, examples, only }) => {
    for (const example of examples) expect(example).toMatch(pattern);
    const found = SOURCES.filter(({ code }) => pattern.test(code)).map(({ path }) => path);
    expect(found).toEqual(only === undefined ? [] : [only]);
  });

  it('loads nothing from its style sheets but what stands beside them', () => {
    const sheets = filesUnder('src', '.css').map((path) => ({ path, text: textOf(path) }));
    expect(sheets.length).toBeGreaterThan(5);
    const found = sheets.filter(({ text }) => /@import|url\(\s*['"]?(?!\.\/|#)/.test(text));
    expect(found.map(({ path }) => path)).toEqual([]);
  });
});

describe('the page', () => {
  const html = textOf('index.html');

  it('has neither scripts nor handlers nor styles in its markup', () => {
    const scripts = [...html.matchAll(/<script\b([^>]*)>([^<]*)<\/script>/g)];
    expect(scripts).toHaveLength(2);
    for (const [, attributes, body] of scripts) {
      expect(attributes).toMatch(/ src="\.?\//);
      expect(body).toBe('');
    }
    expect(html).not.toMatch(/<style|\s(on\w+|style)=/);
  });

  it('sets its theme before anything is painted: first, and without waiting', () => {
    expect(html.indexOf('<script src="/theme.js"></script>')).toBeGreaterThan(0);
    expect(html.indexOf('theme.js')).toBeLessThan(html.indexOf('type="module"'));
  });
});

describe('the policy', () => {
  it('lets no text run, and nothing reach another origin', () => {
    const directives = new Map(
      POLICY.split('; ').map((directive) => {
        const [name = '', ...sources] = directive.split(' ');
        return [name, sources] as const;
      }),
    );
    for (const name of ['default-src', 'script-src', 'connect-src', 'worker-src'])
      expect(directives.get(name), name).toEqual(["'self'"]);
    for (const name of ['object-src', 'base-uri', 'form-action', 'frame-src'])
      expect(directives.get(name), name).toEqual(["'none'"]);
    expect(POLICY).not.toMatch(/https?:|\*|unsafe-eval|unsafe-hashes/);
  });

  it('stands in the README as it is, for hosts', () => {
    expect(textOf('README.md').includes(POLICY)).toBe(true);
  });
});
