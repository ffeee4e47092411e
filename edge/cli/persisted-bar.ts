import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parsePersisted } from '../cycle/persisted.ts';

/**
 * Why a device must not be moved while no gateway runs: a tag or stop in the last persisted state. An unreadable state bars too,
 * because somebody may be working on the device. Undefined: nothing bars it, or no gateway has run here yet.
 */
export function persistedBar(journalPath: string, device: string): string | undefined {
  let json: string;
  try {
    json = readFileSync(join(journalPath, 'state.json'), 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' ? undefined : `cannot read whether it is tagged (${message}); run this as root`;
  }
  const read = parsePersisted(json);
  if (!read.ok) return `cannot read whether it is tagged (${read.fault.detail}); start the gateway first`;
  const { tagged, stopped } = read.value.state.control;
  if (tagged.includes(device))
    return 'it is tagged and the gateway is not running; start the gateway and have the tag removed';
  if (stopped.gateway || stopped.devices.includes(device))
    return 'it is stopped and the gateway is not running; start the gateway and have the stop lifted';
  return undefined;
}
