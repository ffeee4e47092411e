const LEVELS: Readonly<Record<number, string>> = {
  10: 'trace',
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};
/** Latest valid time of a Date, ms UTC. */
const LATEST_MS = 8.64e15;
const COMMON = new Set(['level', 'time', 'gateway', 'msg', 'err']);

/** Formats a line of the daemon's log for people; a line that is not the daemon's JSON stays as it is. */
export function readable(line: string): string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return line;
  }
  if (typeof value !== 'object' || value === null || !('time' in value) || !('level' in value)) return line;
  const entry = value as Record<string, unknown>;
  const { level, time, msg } = entry;
  const at = typeof time === 'number' && Math.abs(time) <= LATEST_MS ? new Date(time).toISOString() : words(time);
  const more = Object.entries(entry)
    .filter(([key]) => !COMMON.has(key))
    .map(([key, each]) => ` ${key}=${words(each)}`);
  const err = entry['err'] as { message?: unknown } | undefined;
  const why = err?.message === undefined ? '' : `: ${words(err.message)}`;
  return `${at} ${(LEVELS[Number(level)] ?? words(level)).padEnd(5)} ${words(msg ?? '')}${why}${more.join('')}`;
}

const words = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
