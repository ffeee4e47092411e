import type { ErrorCode } from '../outcome/catalogue.ts';

type Refuse = (path: string, code: ErrorCode, text: string) => void;

const SCHEME = 'credential:';
/** Names that systemd accepts for credentials. They are file names. */
const NAME = /^(?!\.{1,2}$)[\w.-]{1,255}$/;

/**
 * Replaces `credential:NAME` by the path of that systemd credential, in every key that names a file (`…File`). `directory` is where the
 * service manager puts credentials; undefined if there is none.
 */
export function placeCredentials(value: unknown, directory: string | undefined, refuse: Refuse, path = ''): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, each] of Object.entries(value)) {
    const at = `${path}/${key}`;
    if (typeof each !== 'string' || !key.endsWith('File') || !each.startsWith(SCHEME)) {
      placeCredentials(each, directory, refuse, at);
      continue;
    }
    const name = each.slice(SCHEME.length);
    if (!NAME.test(name))
      refuse(
        at,
        'LS-CONFIG-002',
        `is "${each}"; expected: ${SCHEME}NAME, of letters, digits, dots, hyphens and underscores`,
      );
    else if (directory === undefined)
      refuse(at, 'LS-CONFIG-003', `is "${each}", but no service manager provides credentials here: name a file`);
    else Object.assign(value, { [key]: `${directory}/${name}` });
  }
}
