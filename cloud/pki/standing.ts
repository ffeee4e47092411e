import { existsSync, readFileSync, rmSync } from 'node:fs';
import { Type, type Static } from 'typebox';
import { ID_PATTERN, TimeMs } from '../../shared/contracts/ids.ts';
import { checker } from '../../shared/contracts/validate.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';
import { LoadstoneError, unwrap } from '../../shared/outcome/outcome.ts';
import { makePrivateFolder, writePrivate } from '../../shared/files/private-files.ts';
import { whileLocked } from '../../shared/lock/folder-lock.ts';
import { pkiFiles } from './authority-files.ts';

/** An admin's decisions about a gateway. */
const GatewayStanding = Type.Object(
  {
    /** Certificates issued until then are void, and so is the gateway's password. */
    revokedAt: Type.Optional(TimeMs),
    /** Until then the gateway may renew an expired certificate. */
    mayRenewUntil: Type.Optional(TimeMs),
  },
  { additionalProperties: false },
);
export type GatewayStanding = Static<typeof GatewayStanding>;
export type Standings = Readonly<Record<string, GatewayStanding>>;

const check = checker(Type.Record(Type.String({ pattern: ID_PATTERN }), GatewayStanding), 'LS-PKI-003');

/** Throws LS-PKI-003 if the file cannot be read, so that no revoked gateway passes by mistake. */
export function readStandings(data: string): Standings {
  const { standing } = pkiFiles(data);
  if (!existsSync(standing)) return {};
  try {
    return unwrap(check(JSON.parse(readFileSync(standing, 'utf8'))));
  } catch (error) {
    throw new LoadstoneError('LS-PKI-003', `${standing}: ${messageOf(error)}`);
  }
}

/** Merges the standings from two folders: a gateway revoked in either is revoked. */
export function mergedStandings(one: Standings, other: Standings): Standings {
  const later = (a?: number, b?: number): number | undefined => (a === undefined || (b ?? 0) > a ? b : a);
  const both = [...new Set([...Object.keys(one), ...Object.keys(other)])].map((gateway) => {
    const revokedAt = later(one[gateway]?.revokedAt, other[gateway]?.revokedAt);
    const mayRenewUntil = later(one[gateway]?.mayRenewUntil, other[gateway]?.mayRenewUntil);
    return [
      gateway,
      { ...(revokedAt === undefined ? {} : { revokedAt }), ...(mayRenewUntil === undefined ? {} : { mayRenewUntil }) },
    ] as const;
  });
  return Object.fromEntries(both);
}

/** Changes the standing of one gateway. A running cloud applies it within a second. */
export function putStanding(data: string, gateway: string, standing: GatewayStanding): void {
  whileStandingsLocked(data, () => {
    const all = readStandings(data);
    writePrivate(
      pkiFiles(data).standing,
      `${JSON.stringify({ ...all, [gateway]: { ...all[gateway], ...standing } }, null, 2)}\n`,
    );
  });
}

/** Runs `act` while no other process changes the standings: of two changes at once, one would be lost. */
export function whileStandingsLocked<T>(data: string, act: () => T): T {
  const { folder } = pkiFiles(data);
  makePrivateFolder(folder);
  return whileLocked(folder, act);
}

/** Voids a gateway's certificates and its pending token. */
export function revoke(data: string, gateway: string, now: () => number): void {
  rmSync(pkiFiles(data).token(gateway), { force: true });
  // Written twice: the issuer checks again before it answers, so an answer from before the first write is older than the second.
  for (let line = 0; line < 2; line++)
    putStanding(data, gateway, { revokedAt: Math.max(Math.round(now()), issuedUntil(data)) });
}

/** Lifetime of a gateway's certificate. */
export const LEAF_DAYS = 90;

/**
 * Until when a certificate from before a revocation may still be valid, ms UTC; undefined: not revoked. For checks that do not see the time
 * of issue.
 */
export function barredUntil(standing: GatewayStanding | undefined): number | undefined {
  return standing?.revokedAt === undefined ? undefined : standing.revokedAt + LEAF_DAYS * 86_400_000;
}

/** Time of issue of the newest certificate, or a little later. It lies in the future if the clock ran ahead. */
function issuedUntil(data: string): number {
  const { issued } = pkiFiles(data);
  return existsSync(issued) ? (JSON.parse(readFileSync(issued, 'utf8')) as { readonly until: number }).until : 0;
}

/** Time of issue for a new certificate: always after the gateway's last revocation. */
export function timeOfIssue(data: string, gateway: string, now: number): number {
  const at = Math.max(Math.round(now), (readStandings(data)[gateway]?.revokedAt ?? -1) + 1);
  const until = Math.ceil(at / NOTED_EACH_MS) * NOTED_EACH_MS;
  if (issuedUntil(data) < at) writePrivate(pkiFiles(data).issued, JSON.stringify({ until }));
  return at;
}

/** Saves writes: ten thousand gateways at once cause few. */
const NOTED_EACH_MS = 60_000;
