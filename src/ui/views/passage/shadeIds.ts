/** What tokens are shaded by; a link holds these names. */
export const SHADE_IDS = ['loss', 'computing', 'width', 'expert', 'kind', 'delta'] as const;
export type ShadeId = (typeof SHADE_IDS)[number];
