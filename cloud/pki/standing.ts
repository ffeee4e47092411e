import { existsSync, readFileSync } from 'node:fs';
import { Type, type Static } from 'typebox';
import { ID_PATTERN, TimeMs } from '../../shared/contracts/ids.ts';
import { checker } from '../../shared/contracts/validate.ts';
import { LoadstoneError, unwrap } from '../../shared/outcome/outcome.ts';
import { pkiFiles, writeSecret } from './authority-files.ts';

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

/** Says something new of one gateway. The cloud that runs hears it within a second. */
export function putStanding(data: string, gateway: string, standing: GatewayStanding): void {
  const all = readStandings(data);
  writeSecret(
    pkiFiles(data).standing,
    `${JSON.stringify({ ...all, [gateway]: { ...all[gateway], ...standing } }, null, 2)}\n`,
  );
}
