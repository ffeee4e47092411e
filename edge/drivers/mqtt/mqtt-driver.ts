import { metrics, type Metric } from '../../../shared/contracts/frame.ts';
import type { ChargingSession } from '../../../shared/contracts/sessions.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import type { MqttRead, MqttSessions, MqttWrite, MqttWrites } from './schema.ts';
import { setpointKeys, type Setpoint, type SetpointKey } from '../../control/setpoint.ts';
import {
  measured,
  type Driver,
  type DriverCounters,
  type ReadSample,
  type Samples,
  type SourceTime,
  type WireSpans,
} from '../driver.ts';
import { parsePath, valueAt, type JsonPath } from './json-path.ts';
import { readSessions } from './session-list.ts';
import { isPlausibleTime, plausible } from '../plausible.ts';
import { towardOf, whole } from '../rounding.ts';
import { holdDue, SetpointWriter } from '../setpoint-writer.ts';
import { turn, type Sign } from '../sign.ts';
import type { TopicBus } from '../topic-bus.ts';

export interface MqttDriverOptions {
  readonly id: string;
  readonly read: MqttRead | undefined;
  readonly write: MqttWrites | undefined;
  readonly sign: Sign;
  /** Rating that the dead band and plausible spans are based on, kW. */
  readonly ratedKw: number;
  /** Spans outside which nothing is sent. */
  readonly spans: WireSpans;
  readonly bus: TopicBus;
  readonly clock: Clock;
}

interface Signal {
  readonly metric: Metric;
  readonly path: JsonPath;
  readonly scale: number;
}

interface PayloadTime extends SourceTime {
  /** True for the device's own time, false for the time of receipt. */
  readonly fromDevice: boolean;
}

interface Writer {
  readonly config: MqttWrite;
  readonly timing: SetpointWriter;
}

const MAX_PAYLOAD_BYTES = 65_536;
/** Of a setpoint: six. */
const DECIMALS = 1e6;

/** A device that publishes and takes JSON. */
export class MqttDriver implements Driver {
  readonly #options: MqttDriverOptions;
  readonly #samples = new Map<Metric, ReadSample>();
  readonly #writers = new Map<SetpointKey, Writer>();
  readonly #timePath: JsonPath | undefined;
  #sessions: { readonly list: readonly ChargingSession[]; readonly receivedMs: number } | undefined;
  #counters = { refused: 0, lastRefusal: null as string | null, sent: 0, unsent: 0 };

  constructor(options: MqttDriverOptions) {
    this.#options = options;
    this.#timePath = options.read?.timePath === undefined ? undefined : parsePath(options.read.timePath);
    for (const [topic, signals] of signalsByTopic(options.read)) {
      options.bus.on(topic, (payload) => this.#take(signals, payload));
    }
    const list = options.read?.sessionList;
    if (list !== undefined) options.bus.on(list.topic, (payload) => this.#takeSessions(list, payload));
    for (const key of setpointKeys) {
      const config = options.write?.[key];
      if (config === undefined) continue;
      const span = options.spans[key] ?? { min: -Infinity, max: Infinity };
      this.#writers.set(key, { config, timing: new SetpointWriter(config, span, options.ratedKw) });
    }
  }

  read(): Samples {
    return this.#samples;
  }

  /** Undefined if the list is old, because the cars may have left. */
  sessions(): readonly ChargingSession[] | undefined {
    const { read, clock } = this.#options;
    const sessions = this.#sessions;
    if (sessions === undefined || clock.plant.elapsed() - sessions.receivedMs > (read?.staleAfterS ?? 0) * 1000)
      return undefined;
    return sessions.list;
  }

  counters(): DriverCounters {
    return this.#counters;
  }

  hold(setpoint: Setpoint, urgent: boolean): Promise<void> {
    return holdDue(this.#writers, setpoint, {
      nowMs: this.#options.clock.plant.elapsed(),
      urgent,
      refuse: (why) => this.#refuse(why),
      send: (key, value, writer) => this.#send(key, value, writer),
    });
  }

  async #send(key: SetpointKey, value: number, { config, timing }: Writer): Promise<void> {
    const scaled = turn(this.#options.sign, key, value) * config.scale;
    const rounded = whole(scaled * DECIMALS, towardOf(key, this.#options.spans[key])) / DECIMALS;
    const text = config.template
      .replaceAll('${value}', String(rounded))
      .replaceAll('${revertAfterS}', String(config.revertAfterS));
    const nowMs = this.#options.clock.plant.elapsed();
    timing.sent(value, nowMs);
    if (await this.#options.bus.publish(config.topic, text)) this.#counters.sent++;
    else {
      this.#counters.unsent++;
      timing.failed(nowMs);
    }
  }

  #take(signals: readonly Signal[], payload: Uint8Array): void {
    const root = this.#parsed(payload);
    if (root === undefined) return;
    const time = this.#sourceTime(root);
    for (const signal of signals) this.#takeValue(signal, valueAt(root, signal.path), time);
  }

  #takeSessions(config: MqttSessions, payload: Uint8Array): void {
    const root = this.#parsed(payload);
    if (root === undefined) return;
    const list = readSessions(root, config);
    if (!list.ok) return this.#refuse(list.fault.detail);
    this.#sessions = { list: list.value, receivedMs: this.#options.clock.plant.elapsed() };
  }

  /** Undefined, and counted as refused, if it is not JSON. */
  #parsed(payload: Uint8Array): unknown {
    if (payload.byteLength > MAX_PAYLOAD_BYTES) this.#refuse(`payload of ${payload.byteLength} bytes`);
    else
      try {
        return parsed(new TextDecoder().decode(payload));
      } catch {
        this.#refuse('payload is not JSON');
      }
    return undefined;
  }

  #takeValue({ metric, scale }: Signal, raw: unknown, time: PayloadTime): void {
    if (raw === undefined || raw === null) return;
    if (typeof raw !== 'number') return this.#refuse(`${metric} is ${typeof raw}, not a number`);
    const value = turn(this.#options.sign, metric, raw * scale);
    const span = plausible(metric, this.#options.ratedKw);
    if (!Number.isFinite(value) || value < span.min || value > span.max) {
      return this.#refuse(`${metric} ${value} is outside ${span.min} to ${span.max}`);
    }
    const last = this.#samples.get(metric);
    // A time of receipt may go back with the gateway's own clock, and is still newer.
    if (last !== undefined && time.fromDevice && last.quality === 'good' && time.ms < last.time && !this.#isOld(last)) {
      return this.#refuse(`${metric} is older than the last value`);
    }
    this.#samples.set(metric, measured(value, time, this.#options.clock.plant.elapsed()));
  }

  /** Nothing newer has arrived for so long that an older timestamp now means the device's clock was set back. */
  #isOld({ receivedMs }: ReadSample): boolean {
    const { read, clock } = this.#options;
    return clock.plant.elapsed() - receivedMs > (read?.staleAfterS ?? 0) * 1000;
  }

  #sourceTime(root: unknown): PayloadTime {
    const now = Math.round(this.#options.clock.plant.now());
    if (this.#timePath === undefined) return { ms: now, uncertain: false, fromDevice: false };
    const stated = valueAt(root, this.#timePath);
    const near = typeof stated === 'number' && isPlausibleTime(stated, now);
    return near
      ? { ms: Math.round(stated), uncertain: false, fromDevice: true }
      : { ms: now, uncertain: true, fromDevice: false };
  }

  #refuse(why: string): void {
    this.#counters.refused++;
    this.#counters.lastRefusal = why;
  }
}

/** Strings, so that only what is outside them is found, and numbers that JSON does not have. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\b(?:NaN|Infinity)\b/g;

/** Parses JSON. Some libraries, such as Python's, write NaN for a missing value; it must not hide the others. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return JSON.parse(text.replaceAll(TOKENS, (token) => (token.startsWith('"') ? token : `"${token}"`)));
  }
}

function signalsByTopic(read: MqttRead | undefined): Map<string, Signal[]> {
  const byTopic = new Map<string, Signal[]>();
  for (const metric of Object.keys(metrics) as Metric[]) {
    const signal = read?.[metric];
    if (signal === undefined) continue;
    const list = byTopic.get(signal.topic) ?? [];
    list.push({ metric, path: parsePath(signal.path), scale: signal.scale });
    byTopic.set(signal.topic, list);
  }
  return byTopic;
}
