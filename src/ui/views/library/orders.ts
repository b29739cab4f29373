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

/** The list by a column; a column that it stands by already turns it round. */
export function orderedBy(
  { order, isDescending }: Listed,
  by: ListOrder,
): Pick<Listed, 'order' | 'isDescending'> {
  return { order: by, isDescending: by === order ? !isDescending : by === 'begun' };
}
