import { readdirSync } from 'node:fs';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { isLoopback } from '../local/listen.ts';
import type { GatewayConfig } from './schema.ts';

/** Why a password would travel in the open to another machine, with the remedy; undefined where none does, or where that is wanted. */
export function plainUplink({
  uplink: { url, userFile, allowPlain },
}: Pick<GatewayConfig, 'uplink'>): string | undefined {
  const place = URL.parse(url);
  if (userFile === undefined || allowPlain || place === null || !['mqtt:', 'ws:'].includes(place.protocol))
    return undefined;
  if (isLoopback(place.hostname.toLowerCase().replaceAll(/[[\]]/g, ''))) return undefined;
  return `uplink.url: the password of uplink.userFile travels to ${place.host} in the open; give mqtts://HOST:8883 and a certificate by "loadstone edge enrol", or uplink.allowPlain: true where the network itself is encrypted`;
}

/**
 * Throws LS-CONFIG-002 where a gateway that has never run would send its password in the open. One that has run so before goes on and
 * says so: an upgrade must not end its control.
 */
export function assertSealed(config: GatewayConfig): void {
  const why = plainUplink(config);
  if (why !== undefined && !hasRun(config.journal.path)) throw new LoadstoneError('LS-CONFIG-002', why);
}

/** A folder that the disk does not give, or that is of another user, may have been run with: only one that is not there is new. */
function hasRun(journal: string): boolean {
  try {
    return readdirSync(journal).length > 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}
