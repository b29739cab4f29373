/** The page's address with another fragment. */
export function addressWith(fragment: string): string {
  const url = new URL(window.location.href);
  url.hash = fragment;
  return url.href;
}
