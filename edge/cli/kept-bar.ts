import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePersisted } from '../cycle/persisted.ts';

/**
 * Why a device must not be moved while no gateway runs: a tag or stop in the last persisted state. An unreadable state bars too,
 * because somebody may be working on the device. Undefined: nothing bars it, or no gateway has run here yet.
 */
export function keptBar(journalPath: string, device: string): string | undefined {
  let json: string;
  try {
    json = readFileSync(join(journalPath, 'state.json'), 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? undefined : `whether it is tagged cannot be read (${message}): run this as root`;
  }
  const read = parsePersisted(json);
  if (!read.ok) return `whether it is tagged cannot be read (${read.fault.detail}): start the gateway first`;
  const { tagged, stopped } = read.value.state.control;
  if (tagged.includes(device))
    return 'it is tagged, and the gateway does not run: start it, and have the tag taken off';
  if (stopped.gateway || stopped.devices.includes(device))
    return 'it is stopped, and the gateway does not run: start it, and have the stop lifted';
  return undefined;
}
