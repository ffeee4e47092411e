import { LoadstoneError } from '../outcome/outcome.ts';
import { nearest } from './nearest.ts';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];

/** The log level: the flag, else LOADSTONE_LOG, else info. Throws LS-CONFIG-002 for an unknown level. */
export function logLevel(env: Readonly<Record<string, string | undefined>>, flag?: string): string {
  const level = flag ?? env['LOADSTONE_LOG'] ?? 'info';
  if (LEVELS.includes(level)) return level;
  const near = nearest(level, LEVELS);
  throw new LoadstoneError(
    'LS-CONFIG-002',
    `${flag === undefined ? 'LOADSTONE_LOG' : '--log-level'} ${level}: expected one of ${LEVELS.join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`,
  );
}
