import 'react';

declare module 'react' {
  interface CSSProperties {
    /** Width of a slot's bar against the widest, 0 … 1. */
    '--part'?: number;
  }
}
