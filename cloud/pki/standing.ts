import { existsSync, readFileSync, rmSync } from 'node:fs';
import { Type, type Static } from 'typebox';
import { ID_PATTERN, TimeMs } from '../../shared/contracts/ids.ts';
import { checker } from '../../shared/contracts/validate.ts';
import { LoadstoneError, unwrap } from '../../shared/outcome/outcome.ts';
import { writePrivate } from '../../shared/files/private-files.ts';
import { pkiFiles } from './authority-files.ts';

/** What an admin said of a gateway. */
const GatewayStanding = Type.Object(
  {
    /** Whatever was issued until then counts no more, and its password neither. */
    revokedAt: Type.Optional(TimeMs),
    /** Until then it may renew a certificate that has expired. */
    mayRenewUntil: Type.Optional(TimeMs),
  },
  { additionalProperties: false },
);
export type GatewayStanding = Static<typeof GatewayStanding>;
export type Standings = Readonly<Record<string, GatewayStanding>>;

const check = checker(Type.Record(Type.String({ pattern: ID_PATTERN }), GatewayStanding), 'LS-PKI-003');

/** LS-PKI-003 where the file cannot be read: nobody is taken for unrevoked by mistake. */
export function readStandings(data: string): Standings {
  const { standing } = pkiFiles(data);
  if (!existsSync(standing)) return {};
  try {
    return unwrap(check(JSON.parse(readFileSync(standing, 'utf8'))));
  } catch (error) {
    throw new LoadstoneError('LS-PKI-003', `${standing}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What two folders say, each of the same gateways: who is revoked in either is revoked. */
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

/** Says something new of one gateway. The cloud that runs hears it within a second. */
export function putStanding(data: string, gateway: string, standing: GatewayStanding): void {
  const all = readStandings(data);
  writePrivate(
    pkiFiles(data).standing,
    `${JSON.stringify({ ...all, [gateway]: { ...all[gateway], ...standing } }, null, 2)}\n`,
  );
}

/** Ends what a gateway was issued, and the token that waits for it. */
export function revoke(data: string, gateway: string, now: () => number): void {
  rmSync(pkiFiles(data).token(gateway), { force: true });
  // Whoever issues looks here once more before it answers: what it answered before the first line is older than the second.
  for (let line = 0; line < 2; line++)
    putStanding(data, gateway, { revokedAt: Math.max(Math.round(now()), issuedUntil(data)) });
}

/** What a gateway was issued counts so long. */
export const LEAF_DAYS = 90;

/**
 * Until when something may count, ms UTC, that the gateway was issued before it was revoked; undefined: it is not revoked. Of interest where
 * whoever lets it in sees no time of issue.
 */
export function barredUntil(standing: GatewayStanding | undefined): number | undefined {
  return standing?.revokedAt === undefined ? undefined : standing.revokedAt + LEAF_DAYS * 86_400_000;
}

/** The time of issue of the newest certificate, or a little later. A clock that ran ahead has issued what is still to come. */
function issuedUntil(data: string): number {
  const { issued } = pkiFiles(data);
  return existsSync(issued) ? (JSON.parse(readFileSync(issued, 'utf8')) as { readonly until: number }).until : 0;
}

/** The time of issue that a certificate is to say now: none that counts is as old as the gateway's revocation. */
export function timeOfIssue(data: string, gateway: string, now: number): number {
  const at = Math.max(Math.round(now), (readStandings(data)[gateway]?.revokedAt ?? -1) + 1);
  const until = Math.ceil(at / NOTED_EACH_MS) * NOTED_EACH_MS;
  if (issuedUntil(data) < at) writePrivate(pkiFiles(data).issued, JSON.stringify({ until }));
  return at;
}

/** Ten thousand gateways that come at once are no ten thousand writes. */
const NOTED_EACH_MS = 60_000;
