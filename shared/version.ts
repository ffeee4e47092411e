/** Version of this Loadstone. It repeats package.json, which is not shipped with a gateway; `version.test.ts` keeps the two equal. */
export const VERSION = '0.2.0';
