import { ChargingSession } from '../../../shared/contracts/sessions.ts';
import { checker } from '../../../shared/contracts/validate.ts';
import { bad, good, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { RegisterSessions, RegisterSignal } from './schema.ts';
import type { Block, RegisterImage } from './blocks.ts';
import { spanOf, valueOf } from './signals.ts';

const check = checker(ChargingSession, 'LS-DEVICE-001');

/** The registers of all chargers. */
export function sessionSpans({ chargers, stride, ...signals }: RegisterSessions): Block[] {
  const first = Object.values(signals).filter((signal) => signal !== undefined);
  return Array.from({ length: chargers }, (_, at) => first.map((signal) => spanOf(moved(signal, at * stride)))).flat();
}

/** The sessions in the registers; an implausible one is a fault that names its charger. */
export function sessionsOf(config: RegisterSessions, image: RegisterImage): Outcome<ChargingSession[]> {
  const sessions: ChargingSession[] = [];
  for (let at = 0; at < config.chargers; at++) {
    const value = (signal: RegisterSignal | undefined): number | undefined =>
      signal === undefined ? undefined : valueOf(moved(signal, at * config.stride), image);
    if ((value(config.connected) ?? 0) === 0) continue;
    const energyDueKwh = value(config.energyDueKwh);
    const departure = value(config.departure);
    const [uninterrupted, charging] = [value(config.uninterrupted), value(config.charging)];
    const id = `charger-${at + 1}`;
    const session = check({
      id,
      ...(energyDueKwh === undefined ? {} : { energyDueKwh }),
      ...(departure === undefined || departure === 0 ? {} : { departure: Math.round(departure) }),
      maxKw: value(config.maxKw),
      minKw: value(config.minKw) ?? 0,
      ...(uninterrupted === undefined ? {} : { uninterrupted: uninterrupted !== 0 }),
      ...(charging === undefined ? {} : { charging: charging !== 0 }),
    });
    if (!session.ok) return bad('LS-DEVICE-001', `sessions: ${id}: ${session.fault.detail}`);
    sessions.push(session.value);
  }
  return good(sessions);
}

const moved = (signal: RegisterSignal, by: number): RegisterSignal => ({ ...signal, register: signal.register + by });
