import type { DecodedMetric } from '../../../shared/codec/sparkplug.ts';
import { signedValue } from '../../../shared/codec/sparkplug-types.ts';
import { ChargingSession } from '../../../shared/contracts/sessions.ts';
import { checker } from '../../../shared/contracts/validate.ts';
import { bad, good, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { SparkplugSessions } from './schema.ts';
import type { BornMetric } from './born-metrics.ts';

const check = checker(ChargingSession, 'LS-DEVICE-001');

/** Placeholder for the charger's number in metric names, from 1 on. */
const NUMBER = '{n}';

/**
 * The sessions of a site from metrics of each charger. Metrics not named in data keep their value. If it is unknown whether a car is
 * connected at one charger, the whole list is unknown: no car is assumed absent.
 */
export class SessionMetrics {
  readonly #config: SparkplugSessions;
  readonly #names: ReadonlySet<string>;
  readonly #values = new Map<string, number>();
  #list: readonly ChargingSession[] | undefined;
  #receivedMs = -Infinity;

  constructor(config: SparkplugSessions) {
    this.#config = config;
    this.#names = new Set(numbers(config).flatMap((at) => signalsOf(config).map(({ metric }) => nameOf(metric, at))));
  }

  /** The metrics that a birth must contain. */
  get names(): ReadonlySet<string> {
    return this.#names;
  }

  /** At a new birth or a death all earlier values are void. */
  forget(): void {
    this.#values.clear();
    this.#list = undefined;
  }

  take(known: BornMetric, { value, isNull, quality, datatype }: DecodedMetric): void {
    if (!this.#names.has(known.name)) return;
    const number = typeof value === 'boolean' ? Number(value) : value;
    if (isNull || quality !== 'good' || typeof number !== 'number') this.#values.delete(known.name);
    else this.#values.set(known.name, datatype === undefined ? signedValue(number, known.datatype) : number);
  }

  /** Completes a payload at elapsed plant time `nowMs`; LS-DEVICE-001 names a charger with implausible values. */
  settle(nowMs: number): Outcome<null> {
    const list = this.#read();
    this.#list = list.ok ? list.value : undefined;
    this.#receivedMs = nowMs;
    return list.ok ? good(null) : list;
  }

  /** Undefined if unknown or received longer ago than `staleMs`. */
  listed(nowMs: number, staleMs: number): readonly ChargingSession[] | undefined {
    return nowMs - this.#receivedMs > staleMs ? undefined : this.#list;
  }

  #read(): Outcome<ChargingSession[]> {
    const sessions: ChargingSession[] = [];
    for (const at of numbers(this.#config)) {
      const { connected, energyDueKwh, departure, maxKw, minKw, uninterrupted, charging } = this.#config;
      const value = (signal: typeof minKw): number | undefined => {
        const raw = signal === undefined ? undefined : this.#values.get(nameOf(signal.metric, at));
        return raw === undefined ? undefined : raw * signal!.scale;
      };
      const stands = value(connected);
      const id = `charger-${at}`;
      if (stands === undefined)
        return bad('LS-DEVICE-001', `sessions: ${id} does not report whether a car is connected`);
      if (stands === 0) continue;
      const [due, leaves] = [value(energyDueKwh), value(departure)];
      const [steady, charges] = [value(uninterrupted), value(charging)];
      const session = check({
        id,
        ...(due === undefined ? {} : { energyDueKwh: due }),
        ...(leaves === undefined || leaves === 0 ? {} : { departure: Math.round(leaves) }),
        maxKw: value(maxKw),
        minKw: value(minKw) ?? 0,
        ...(steady === undefined ? {} : { uninterrupted: steady !== 0 }),
        ...(charges === undefined ? {} : { charging: charges !== 0 }),
      });
      if (!session.ok) return bad('LS-DEVICE-001', `sessions: ${id}: ${session.fault.detail}`);
      sessions.push(session.value);
    }
    return good(sessions);
  }
}

const numbers = ({ chargers }: SparkplugSessions): number[] => Array.from({ length: chargers }, (_, at) => at + 1);

const nameOf = (metric: string, at: number): string => metric.replaceAll(NUMBER, String(at));

const signalsOf = ({ connected, energyDueKwh, departure, maxKw, minKw, uninterrupted, charging }: SparkplugSessions) =>
  [connected, energyDueKwh, departure, maxKw, minKw, uninterrupted, charging].filter((signal) => signal !== undefined);
