/** Of this Loadstone, as package.json has it, which a packed gateway does not bring along: `version.test.ts` holds the two together. */
export const VERSION = '0.2.0';
