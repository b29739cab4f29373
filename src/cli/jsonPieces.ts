/** JSON of more characters than one text of JavaScript holds. */

/** Levels that are taken apart: of metrics, down to a layer's figure at one step. */
const LEVELS = 4;
/** Characters that are handed on together. */
const PIECE_CHARACTERS = 1_048_576;

function* parts(value: unknown, levels: number): Generator<string> {
  if (levels === 0 || typeof value !== 'object' || value === null) {
    yield JSON.stringify(value) ?? 'null';
  } else if (Array.isArray(value)) {
    yield '[';
    for (let i = 0; i < value.length; i++) {
      if (i > 0) yield ',';
      yield* parts(value[i], levels - 1);
    }
    yield ']';
  } else {
    let before = '{';
    for (const [key, child] of Object.entries(value)) {
      if (child === undefined) continue;
      yield `${before}${JSON.stringify(key)}:`;
      yield* parts(child, levels - 1);
      before = ',';
    }
    yield before === '{' ? '{}' : '}';
  }
}

/** What `JSON.stringify` makes of plain data, in pieces. */
export function* jsonPieces(value: unknown): Generator<string> {
  let text = '';
  for (const part of parts(value, LEVELS)) {
    text += part;
    if (text.length < PIECE_CHARACTERS) continue;
    yield text;
    text = '';
  }
  yield text;
}
