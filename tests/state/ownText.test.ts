import { expect, it } from 'vitest';
import { MAX_OWN_BYTES } from '../../src/data/ownText.ts';
import { ownTextOfFile, pastedText } from '../../src/state/ownText.ts';

it('refuses an empty text', async () => {
  expect(await pastedText(' \n ')).toMatchObject({ ok: false });
});

it('refuses a file above the limit without reading it, with both sizes', async () => {
  const file = new File(['x'], 'big.txt');
  Object.defineProperty(file, 'size', { value: MAX_OWN_BYTES + 1e6 });
  expect(await ownTextOfFile(file)).toEqual({
    ok: false,
    message: 'big.txt has 51,000,000 bytes; at most 50,000,000 bytes (50 MB) are taken',
  });
});

it('refuses bytes that are no text, and takes text', async () => {
  const bytes = new File([Uint8Array.of(0xff, 0xfe, 0x80)], 'x.bin');
  expect(await ownTextOfFile(bytes)).toEqual({
    ok: false,
    message: 'x.bin is not text in UTF-8: byte 1 is 0xFF',
  });
  expect(await ownTextOfFile(new File(['Hallo Welt'], 'a.txt'))).toEqual({
    ok: true,
    own: { name: 'a.txt', text: 'Hallo Welt' },
  });
});

it('tells a file that cannot be read from one that is no text', async () => {
  const gone = new File(['x'], 'gone.txt');
  gone.arrayBuffer = () => Promise.reject(new Error('it was moved'));
  expect(await ownTextOfFile(gone)).toEqual({
    ok: false,
    message: 'gone.txt cannot be read: it was moved',
  });
});
