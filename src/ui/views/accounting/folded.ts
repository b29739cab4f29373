/** Whether all figures are shown. */
export interface Folded {
  isOpen: boolean;
}
