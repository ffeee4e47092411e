import { pino, type Logger } from 'pino';
import { logLevel } from '../../shared/config/log-level.ts';

/** The log of a process of the cloud, a line of JSON each, written before what comes next is done. */
export function openLog(env: Readonly<Record<string, string | undefined>>): Logger {
  const to = pino.destination({ dest: 1, sync: true });
  // A log that cannot be written (a full disk) is lost; the cloud goes on.
  to.on('error', () => undefined);
  return pino({ level: logLevel(env), base: null }, to);
}
