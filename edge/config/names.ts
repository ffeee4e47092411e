import { statSync } from 'node:fs';
import { parseYaml } from '../../shared/config/parse-yaml.ts';
import { replaceFile } from '../../shared/files/replace-file.ts';
import type { EnrolmentAnswer } from '../../shared/pki/enrolment.ts';
import { UNCONFIGURED } from './load.ts';

export interface KnownNames {
  readonly gateway?: string;
  readonly place?: EnrolmentAnswer['place'];
  /** Address of the cloud, mqtts://. */
  readonly url: string;
  /** Folder of the certificate. */
  readonly identity?: string | undefined;
}

/**
 * Fills in names and addresses that a configuration leaves open. Everything else stays as it is, comments included. Returns the
 * text and the keys that were set.
 */
export function withNames(
  text: string,
  file: string,
  { gateway, place, url, identity }: KnownNames,
): { text: string; set: string[] } {
  const { document } = parseYaml(text, file);
  const set: string[] = [];
  const put = (path: readonly [string, string], value: string | undefined): void => {
    const there: unknown = document.getIn(path);
    if (value === undefined || (there !== undefined && there !== null && there !== UNCONFIGURED)) return;
    document.setIn(path, value);
    set.push(path.join('.'));
  };
  // In a file that already has a gateway name, a person has chosen the group, even if it is the default.
  if (gateway !== undefined && document.getIn(['gateway', 'id']) === UNCONFIGURED) {
    put(['gateway', 'id'], gateway);
    put(['gateway', 'substation'], place?.substation);
    put(['gateway', 'group'], place?.group);
  }
  const { broker } = place ?? {};
  put(['uplink', 'url'], broker === undefined ? url : brokerUrl(url, broker));
  put(['uplink', 'authority'], broker === undefined ? undefined : url.replace(/^mqtts:/, 'https:'));
  put(['uplink', 'identity'], identity);
  return { text: set.length === 0 ? text : document.toString({ lineWidth: 0, flowCollectionPadding: true }), set };
}

function brokerUrl(url: string, { host, port }: NonNullable<NonNullable<KnownNames['place']>['broker']>): string {
  const there = new URL(url);
  there.port = `${port}`;
  if (host !== undefined) there.hostname = host.includes(':') ? `[${host}]` : host;
  return there.href.replace(/\/$/, '');
}

/** Writes the file atomically; it keeps owner and mode. */
export function putConfig(file: string, text: string): void {
  const { mode, uid, gid } = statSync(file);
  replaceFile(file, text, { mode, owner: { uid, gid } });
}
