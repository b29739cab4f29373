/** Version of the product; that of package.json. */
export const PRODUCT_VERSION = '0.1.0';
