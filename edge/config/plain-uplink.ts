import { readdirSync } from 'node:fs';
import { LoadstoneError } from '../../shared/outcome/outcome.ts';
import { isLoopback } from '../local/listen.ts';
import type { GatewayConfig } from './schema.ts';

/** Why a password would be sent unencrypted to another machine, with the remedy; undefined if none would, or if that is allowed. */
export function plainUplink({
  uplink: { url, userFile, allowPlain },
}: Pick<GatewayConfig, 'uplink'>): string | undefined {
  const place = URL.parse(url);
  if (userFile === undefined || allowPlain || place === null || !['mqtt:', 'ws:'].includes(place.protocol))
    return undefined;
  if (isLoopback(place.hostname.toLowerCase().replaceAll(/[[\]]/g, ''))) return undefined;
  return `uplink.url: the password of uplink.userFile would be sent unencrypted to ${place.host}; give mqtts://HOST:8883 and a certificate from "loadstone edge enrol", or uplink.allowPlain: true if the network itself is encrypted`;
}

/**
 * Throws LS-CONFIG-002 if a gateway that has never run would send its password unencrypted. A gateway that already ran this way
 * continues and reports it, because an upgrade must not end its control.
 */
export function assertSealed(config: GatewayConfig): void {
  const why = plainUplink(config);
  if (why !== undefined && !hasRun(config.journal.path)) throw new LoadstoneError('LS-CONFIG-002', why);
}

/** Only a missing folder is new: one that is unreadable or belongs to another user may have been used. */
function hasRun(journal: string): boolean {
  try {
    return readdirSync(journal).length > 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}
