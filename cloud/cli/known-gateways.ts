import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { nearest } from '../../shared/config/nearest.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { pkiFiles } from '../pki/authority-files.ts';
import { readStandings } from '../pki/standing.ts';
import { openToRead } from '../telemetry/sqlite.ts';

const MOST_NAMED = 20;

export interface KnownGateways {
  readonly ids: readonly string[];
  /** The region's file, where it cannot be read. */
  readonly unread: string | undefined;
}

/** Gateways that the region's file names. */
export function gatewaysOf(regionFile: string): string[] {
  const { substations } = JSON.parse(readFileSync(regionFile, 'utf8')) as {
    readonly substations?: readonly { readonly gateway?: unknown }[];
  };
  return (substations ?? []).flatMap(({ gateway }) => (typeof gateway === 'string' ? [gateway] : []));
}

/** Gateways of the region, those that have left it but were heard once, have a token, or were spoken of by an admin. */
export function knownGateways(data: string, regionFile: string): KnownGateways {
  const tokens = join(pkiFiles(data).folder, 'tokens');
  const waiting = existsSync(tokens) ? readdirSync(tokens).map((name) => basename(name, '.json')) : [];
  const others = [...Object.keys(readStandings(data)), ...waiting, ...heardGateways(join(data, 'state.sqlite'))];
  let region: string[] = [];
  let unread: string | undefined;
  try {
    region = gatewaysOf(regionFile);
  } catch {
    unread = regionFile;
  }
  return { ids: [...new Set([...region, ...others])].toSorted(), unread };
}

function heardGateways(file: string): string[] {
  if (!existsSync(file)) return [];
  const db = openToRead(file);
  try {
    const isThere = db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'node'`).get() !== undefined;
    return isThere
      ? db
          .prepare('SELECT gateway FROM node')
          .all()
          .map(({ gateway }) => String(gateway))
      : [];
  } finally {
    db.close();
  }
}

/** Throws LS-PKI-007 for a gateway that nobody knows: a slip would revoke nobody, or let somebody else in. */
export function assertKnown(gateway: string, { ids, unread }: KnownGateways): void {
  if (ids.includes(gateway)) return;
  const near = nearest(gateway, ids);
  const named =
    ids.length > MOST_NAMED
      ? `${ids.slice(0, MOST_NAMED).join(', ')} and ${ids.length - MOST_NAMED} more`
      : ids.join(', ');
  const words = [
    `"${gateway}" is no gateway of this cloud${near === undefined ? '.' : `; did you mean ${near}?`}`,
    ids.length === 0 ? 'None is known' : `Known: ${named}`,
    ...(unread === undefined
      ? []
      : [`(the region ${unread} cannot be read: --config names the configuration that has it)`]),
  ];
  throw new LoadstoneError('LS-PKI-007', words.join(' '));
}
