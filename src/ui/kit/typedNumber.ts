/** A number as a person types it: "3e-3", "0.003", "1,000". NaN for anything else. */
export function typedNumber(text: string): number {
  const plain = text.trim().replaceAll(',', '').replace('−', '-');
  return plain === '' ? Number.NaN : Number(plain);
}
