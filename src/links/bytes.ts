/** Bytes in order: what results are written with, and read with every bound checked. */

const UTF8 = new TextEncoder();

export class ByteWriter {
  readonly #bytes: number[] = [];

  byte(value: number): void {
    this.#bytes.push(value & 0xff);
  }

  /** A whole number from 0 to 2⁵³ − 1: seven bits a byte, the lowest first. */
  count(value: number): void {
    let rest = value;
    while (rest >= 128) {
      this.byte((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  /** A whole number of either sign. */
  signed(value: number): void {
    this.count(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** 32 bits, the lowest first. */
  word(value: number): void {
    for (let shift = 0; shift < 32; shift += 8) this.byte(value >>> shift);
  }

  float(value: number): void {
    this.word(bitsOf(value));
  }

  /** At most `most` bytes of a text, cut at a letter. */
  text(text: string, most: number): void {
    const bytes = UTF8.encode(clipped(text, most));
    this.count(bytes.length);
    for (const byte of bytes) this.byte(byte);
  }

  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** As much of a text as fits into so many bytes of UTF-8. */
export function clipped(text: string, most: number): string {
  const whole = text.replace(/\p{Surrogate}/gu, '\ufffd');
  if (UTF8.encode(whole).length <= most) return whole;
  const letters = [...whole.slice(0, most)];
  while (UTF8.encode(letters.join('')).length > most) letters.pop();
  return letters.join('');
}

export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** @throws RangeError at the end, as all that follow */
  byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new RangeError(`they end after ${this.#at} bytes`);
    this.#at += 1;
    return byte;
  }

  /** @throws RangeError for a number above `most`, which `what` names */
  count(what: string, most: number = Number.MAX_SAFE_INTEGER): number {
    let [value, place] = [0, 1];
    for (;;) {
      const byte = this.byte();
      value += (byte % 128) * place;
      if (value > most) throw new RangeError(`${what} is ${value}; at most ${most} is allowed`);
      if (byte < 128) return value;
      place *= 128;
    }
  }

  signed(what: string, most: number): number {
    const value = this.count(what, 2 * most);
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  word(): number {
    let value = 0;
    for (let shift = 0; shift < 32; shift += 8) value |= this.byte() << shift;
    return value >>> 0;
  }

  float(): number {
    return floatOf(this.word());
  }

  text(what: string, most: number): string {
    const bytes = Uint8Array.from({ length: this.count(what, most) }, () => this.byte());
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      throw new RangeError(`${what} is no text`);
    }
  }
}

const CELL = new DataView(new ArrayBuffer(4));
/** The one not-a-number that is written. */
const NAN_BITS = 0x7fc00000;

/** The bits of a float32. */
export function bitsOf(value: number): number {
  if (Number.isNaN(value)) return NAN_BITS;
  CELL.setFloat32(0, value);
  return CELL.getUint32(0);
}

export function floatOf(bits: number): number {
  CELL.setUint32(0, bits);
  return CELL.getFloat32(0);
}
