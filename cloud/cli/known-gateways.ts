import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { nearest } from '../../shared/config/nearest.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { pkiFiles } from '../pki/authority-files.ts';
import { readStandings } from '../pki/standing.ts';
import { postgresOptions, type PostgresConfig } from '../sql/postgres-config.ts';
import { Postgres } from '../sql/postgres.ts';
import { openToRead } from '../telemetry/sqlite.ts';

const MOST_NAMED = 20;

export interface KnownGateways {
  readonly ids: readonly string[];
  /** Why a source could not be read; it may know other gateways. */
  readonly unread: readonly string[];
}

/** The gateways that the region's file names. */
export function gatewaysOf(regionFile: string): string[] {
  const { substations } = JSON.parse(readFileSync(regionFile, 'utf8')) as {
    readonly substations?: readonly { readonly gateway?: unknown }[];
  };
  return (substations ?? []).flatMap(({ gateway }) => (typeof gateway === 'string' ? [gateway] : []));
}

/** Gateways of the region, and those outside it that have connected before, have a token, or were named by an admin. */
export async function knownGateways(
  data: string,
  regionFile: string,
  postgres?: PostgresConfig,
): Promise<KnownGateways> {
  const tokens = join(pkiFiles(data).folder, 'tokens');
  const waiting = existsSync(tokens) ? readdirSync(tokens).map((name) => basename(name, '.json')) : [];
  const unread: string[] = [];
  // A database that is away must not block a revocation.
  const heard =
    postgres === undefined
      ? heardGateways(join(data, 'state.sqlite'))
      : await heardIn(postgres).catch((error: unknown) => {
          unread.push(messageOf(error));
          return [];
        });
  const others = [...Object.keys(readStandings(data)), ...waiting, ...heard];
  let region: string[] = [];
  try {
    region = gatewaysOf(regionFile);
  } catch {
    unread.push(`the region ${regionFile} cannot be read: name the configuration with --config`);
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

async function heardIn(config: PostgresConfig): Promise<string[]> {
  const postgres = new Postgres({ ...postgresOptions(config), isReader: true });
  try {
    const [{ there } = {}] = await postgres.look("SELECT to_regclass('node') IS NOT NULL AS there");
    return there === 1 ? (await postgres.look('SELECT gateway FROM node')).map(({ gateway }) => String(gateway)) : [];
  } finally {
    await postgres.close();
  }
}

/** Throws LS-PKI-007 for an unknown gateway: a typo would revoke none, or admit the wrong one. */
export function assertKnown(gateway: string, { ids, unread }: KnownGateways): void {
  if (ids.includes(gateway)) return;
  const near = nearest(gateway, ids);
  const named =
    ids.length > MOST_NAMED
      ? `${ids.slice(0, MOST_NAMED).join(', ')} and ${ids.length - MOST_NAMED} more`
      : ids.join(', ');
  const words = [
    `"${gateway}" is not a gateway of this cloud${near === undefined ? '.' : `; did you mean ${near}?`}`,
    ids.length === 0 ? 'No gateway is known' : `Known: ${named}`,
    ...unread.map((why) => `(${why})`),
  ];
  throw new LoadstoneError('LS-PKI-007', words.join(' '));
}
