import { readFileSync } from 'node:fs';

/** Name and version of this Loadstone. */
export const software = ((): string => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return `loadstone ${version}`;
})();
