import { pino, type Logger } from 'pino';
import { logLevel } from '../../shared/config/log-level.ts';

/** The log of a cloud process, one JSON object a line, written synchronously. */
export function openLog(env: Readonly<Record<string, string | undefined>>): Logger {
  const to = pino.destination({ dest: 1, sync: true });
  // If the log cannot be written (a full disk), lines are lost and the cloud goes on.
  to.on('error', () => undefined);
  return pino({ level: logLevel(env), base: null }, to);
}
