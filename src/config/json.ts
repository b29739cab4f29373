/** JSON of files that people and other programs write: what `JSON.parse` passes over is refused. */

/** Place of the quote that closes the string which begins at `start`. */
function closingQuote(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let escapes = 0;
    while (text[at - 1 - escapes] === '\\') escapes++;
    if (escapes % 2 === 0) return at;
  }
  return text.length;
}

/** First key that stands twice in one object of valid JSON; null where none does. */
function doubledKey(text: string): string | null {
  /** Keys of the objects that are open; null for a list. */
  const open: (Set<unknown> | null)[] = [];
  let isKey = false;
  for (let i = 0; i < text.length; i++) {
    const sign = text[i];
    if (sign === '{' || sign === '[') {
      open.push(sign === '{' ? new Set() : null);
      isKey = sign === '{';
    } else if (sign === '}' || sign === ']') open.pop();
    else if (sign === ',') isKey = true;
    else if (sign === ':') isKey = false;
    else if (sign === '"') {
      const end = closingQuote(text, i);
      const keys = isKey ? open.at(-1) : null;
      if (keys) {
        const key: unknown = JSON.parse(text.slice(i, end + 1));
        if (keys.has(key)) return String(key);
        keys.add(key);
      }
      i = end;
    }
  }
  return null;
}

/**
 * Value of a JSON text.
 * @throws RangeError, as the end of a sentence, for text that is no JSON, and for a key that stands
 *   twice in one object, of which `JSON.parse` drops the first
 */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new RangeError(`not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const doubled = doubledKey(text);
  if (doubled !== null) throw new RangeError(`ambiguous: ${JSON.stringify(doubled)} stands twice`);
  return value;
}
