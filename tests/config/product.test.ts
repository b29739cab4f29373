import { expect, it } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { PRODUCT_VERSION } from '../../src/config/product.ts';

it('names the version of the package', () => {
  expect(PRODUCT_VERSION).toBe(packageJson.version);
});
