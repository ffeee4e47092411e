import { VERSION } from '../../shared/version.ts';

/** Name and version of this Loadstone. */
export const software = `loadstone ${VERSION}`;
