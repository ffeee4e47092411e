import { ChargingSession } from '../../../shared/contracts/sessions.ts';
import { checker } from '../../../shared/contracts/validate.ts';
import { bad, good, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { MqttSessions } from './schema.ts';
import { parsePath, valueAt } from './json-path.ts';

const MAX_SESSIONS = 500;
const check = checker(ChargingSession, 'LS-DEVICE-001');

/** Charging sessions from a device's list, in its own names and units; an implausible one is a fault that names its position. */
export function readSessions(root: unknown, config: MqttSessions): Outcome<ChargingSession[]> {
  const list = valueAt(root, parsePath(config.path));
  if (!Array.isArray(list)) return bad('LS-DEVICE-001', `sessions: ${config.path} is not a list`);
  if (list.length > MAX_SESSIONS)
    return bad('LS-DEVICE-001', `sessions: ${list.length} entries, at most ${MAX_SESSIONS} are accepted`);
  const sessions: ChargingSession[] = [];
  for (const [at, item] of list.entries()) {
    const session = check(sessionOf(item, config));
    if (!session.ok) return bad('LS-DEVICE-001', `sessions: entry ${at}: ${session.fault.detail}`);
    sessions.push(session.value);
  }
  return good(sessions);
}

function sessionOf(item: unknown, config: MqttSessions): object {
  const { id, energyDueKwh, departure, maxKw, minKw, powerScale } = config;
  const field = (name: string): unknown => valueAt(item, [name]);
  const scaled = (value: unknown): unknown => (typeof value === 'number' ? value * powerScale : value);
  const given = (key: string, value: unknown): object =>
    value === undefined || value === null ? {} : { [key]: value };
  const flag = (key: 'uninterrupted' | 'charging'): object => {
    const name = config[key];
    const value = name === undefined ? undefined : field(name);
    return given(key, typeof value === 'number' ? value !== 0 : value);
  };
  const name = field(id);
  return {
    id: typeof name === 'number' ? String(name) : name,
    ...given('energyDueKwh', field(energyDueKwh)),
    ...given('departure', field(departure)),
    maxKw: scaled(field(maxKw)),
    minKw: scaled(field(minKw)) ?? 0,
    ...flag('uninterrupted'),
    ...flag('charging'),
  };
}
