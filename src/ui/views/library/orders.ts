/** What the list can be ordered by. */
export const LIST_ORDERS = [
  'name',
  'status',
  'steps',
  'last',
  'best',
  'seconds',
  'bytes',
  'begun',
] as const;
export type ListOrder = (typeof LIST_ORDERS)[number];

/** How the list stands. */
export interface Listed {
  order: ListOrder;
  isDescending: boolean;
  isTree: boolean;
}
