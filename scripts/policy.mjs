// @ts-check
/**
 * What the page may load, run and reach: the last wall, should text ever become markup. One list for
 * the built page (a meta element), for `npm start` (headers) and for the README.
 */

/** Directives of the content security policy; what is not listed falls back to `default-src`. */
const DIRECTIVES = {
  'default-src': "'self'",
  // Neither inline scripts nor handlers in attributes, neither `eval` nor addresses with code.
  'script-src': "'self'",
  // Menus and dialogs of the widget library lock scrolling with style elements of their own.
  'style-src': "'self' 'unsafe-inline'",
  // Charts become PNG through an SVG in a data address.
  'img-src': "'self' data: blob:",
  'connect-src': "'self'",
  'worker-src': "'self'",
  'frame-src': "'none'",
  'object-src': "'none'",
  'base-uri': "'none'",
  'form-action': "'none'",
};

/** The policy as a header or a meta element holds it. */
export const POLICY = Object.entries(DIRECTIVES)
  .map(([name, sources]) => `${name} ${sources}`)
  .join('; ');

/**
 * Headers that every answer should have. A worker which is loaded from an address does not inherit
 * the policy of the page's meta element: it has the one that came with its own script, so only the
 * header binds the workers.
 * @type {Readonly<Record<string, string>>}
 */
export const HEADERS = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
};
