import type { CommandMetric, DecodedMetric, DecodedPayload } from '../../../shared/codec/sparkplug.ts';
import { datatypes, fitted, isNumberType, signedValue, typeName } from '../../../shared/codec/sparkplug-types.ts';
import { metrics, type Metric } from '../../../shared/contracts/frame.ts';
import type { ChargingSession } from '../../../shared/contracts/sessions.ts';
import { bad, good, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { readbacks } from '../../schema/setpoints.ts';
import type { SparkplugRead, SparkplugWrite, SparkplugWrites } from './schema.ts';
import { setpointKeys, type Setpoint, type SetpointKey } from '../../control/setpoint.ts';
import type { Driver, DriverCounters, Samples, WireSpans } from '../driver.ts';
import { plausible } from '../plausible.ts';
import { towardOf, whole, type Toward } from '../rounding.ts';
import { holdDue, SetpointWriter } from '../setpoint-writer.ts';
import { turn, type Sign } from '../sign.ts';
import { BornMetrics, type BornMetric } from './born-metrics.ts';
import { PresentValues, type ReportedValue } from './present-values.ts';
import { SessionMetrics } from './session-metrics.ts';
import type { SparkplugListener, SparkplugNode } from './sparkplug-node.ts';

export interface SparkplugDriverOptions {
  readonly node: SparkplugNode;
  /** Absent: the metrics of the node itself. */
  readonly device: string | undefined;
  readonly read: SparkplugRead | undefined;
  readonly write: SparkplugWrites | undefined;
  readonly sign: Sign;
  /** Rating that the dead band and plausible spans are based on, kW. */
  readonly ratedKw: number;
  /** Spans outside which nothing is sent. */
  readonly spans: WireSpans;
  readonly staleAfterS: number;
  readonly clock: Clock;
}

/** A metric, and the factor from the Sparkplug metric that carries it. */
interface Signal {
  readonly metric: Metric;
  readonly scale: number;
}

interface Writer {
  readonly config: SparkplugWrite;
  readonly timing: SetpointWriter;
}

/** A Sparkplug edge node, or a device behind one: read from its births and data, commanded by NCMD or DCMD. */
export class SparkplugDriver implements Driver, SparkplugListener {
  readonly askAfterMs: number;
  readonly #options: SparkplugDriverOptions;
  readonly #device: string;
  readonly #signals: ReadonlyMap<string, readonly Signal[]>;
  readonly #writers = new Map<SetpointKey, Writer>();
  readonly #values: PresentValues;
  readonly #sessions: SessionMetrics | undefined;
  /** Undefined: its data cannot be interpreted, and nothing may be commanded. */
  #born: BornMetrics | undefined;
  #gone = false;
  #counters = { refused: 0, lastRefusal: null as string | null, sent: 0, unsent: 0 };

  constructor(options: SparkplugDriverOptions) {
    this.#options = options;
    this.#device = options.device ?? '';
    this.askAfterMs = (options.staleAfterS * 1000) / 2;
    this.#signals = signalsByName(options.read, options.write);
    this.#values = new PresentValues(options.clock);
    const list = options.read?.sessionList;
    this.#sessions = list === undefined ? undefined : new SessionMetrics(list);
    for (const key of setpointKeys) {
      const config = options.write?.[key];
      if (config === undefined) continue;
      const span = options.spans[key] ?? { min: -Infinity, max: Infinity };
      this.#writers.set(key, { config, timing: new SetpointWriter(config, span, options.ratedKw) });
    }
    options.node.listen(this.#device, this);
  }

  read(): Samples {
    return this.#values.samples;
  }

  gone(): boolean {
    return this.#gone;
  }

  sessions(): readonly ChargingSession[] | undefined {
    const { clock, staleAfterS } = this.#options;
    return this.#sessions?.listed(clock.plant.elapsed(), staleAfterS * 1000);
  }

  counters(): DriverCounters {
    return this.#counters;
  }

  hold(setpoint: Setpoint, urgent: boolean): Promise<void> {
    return holdDue(this.#writers, setpoint, {
      nowMs: this.#options.clock.plant.elapsed(),
      urgent,
      refuse: (why) => this.refuse(why),
      send: (key, value, writer) => this.#send(key, value, writer),
    });
  }

  birth(payload: DecodedPayload): void {
    const born = new BornMetrics(payload.metrics);
    this.#born = born;
    this.#gone = false;
    this.#values.distrust();
    this.#values.begin(payload.sentAt);
    const lacking: string[] = [];
    for (const [name, signals] of this.#signals) {
      const known = born.get(name);
      const reported = payload.metrics.findLast((each) => each.name === name);
      if (known === undefined || reported === undefined) {
        lacking.push(name);
        for (const { metric } of signals) this.#values.put(metric, { value: null, time: undefined });
      } else if (!reported.historical) this.#take(known, reported, signals);
    }
    for (const name of this.#sessions?.names ?? []) if (born.get(name) === undefined) lacking.push(name);
    this.#refuseLacking(born, lacking);
    this.#bornSessions(born, payload);
    const [alias] = born.ambiguous;
    if (alias !== undefined) this.refuse(`LS-DEVICE-006: alias ${alias} stands for more than one metric`);
  }

  data(payload: DecodedPayload): boolean {
    const born = this.#born;
    if (born === undefined) return false;
    let [explained, present] = [true, false];
    this.#values.begin(payload.sentAt);
    for (const reported of payload.metrics) {
      const known = born.of(reported);
      if (known === undefined) explained = false;
      // Values stored while the connection was down are not present values.
      if (known === undefined || reported.historical) continue;
      present = true;
      explained = this.#take(known, reported, this.#signals.get(known.name) ?? []) && explained;
      this.#sessions?.take(known, reported);
    }
    if (explained && present) {
      this.#values.renew();
      this.#settleSessions();
    }
    return explained;
  }

  forget(): void {
    this.#born = undefined;
    this.#values.distrust();
    this.#sessions?.forget();
  }

  dies(): void {
    this.#born = undefined;
    this.#gone = true;
    this.#values.distrust();
    this.#sessions?.forget();
    // It may have lost its setpoint, so the setpoint is sent again when it is back.
    for (const { timing } of this.#writers.values()) timing.release();
  }

  refuse(why: string): void {
    this.#counters.refused++;
    this.#counters.lastRefusal = why;
  }

  async #send(key: SetpointKey, value: number, { config, timing }: Writer): Promise<void> {
    const nowMs = this.#options.clock.plant.elapsed();
    const born = this.#born;
    if (born === undefined) {
      this.#counters.unsent++;
      return timing.failed(nowMs);
    }
    const scaled = turn(this.#options.sign, key, value) * config.scale;
    const toward = towardOf(key, this.#options.spans[key]);
    const set = commandOf(born, config.metric, { value: scaled, toward });
    const time = { value: config.revertAfterS, toward: 'nearest' } as const;
    const revert = config.revertMetric === undefined ? [] : [commandOf(born, config.revertMetric, time)];
    const command: CommandMetric[] = [];
    for (const each of [...revert, set]) {
      if (each.ok) command.push(each.value);
      else {
        this.refuse(`${each.fault.code}: ${key}: ${each.fault.detail}`);
        return timing.failed(nowMs);
      }
    }
    timing.sent(value, nowMs);
    if (await this.#options.node.command(this.#device, command)) this.#counters.sent++;
    else {
      this.#counters.unsent++;
      timing.failed(nowMs);
    }
  }

  /** False if the value is older than one already taken: the node's clock was set back, and new births are needed. */
  #take(known: BornMetric, reported: DecodedMetric, signals: readonly Signal[]): boolean {
    let inOrder = true;
    for (const { metric, scale } of signals) {
      const value = this.#valueOf(metric, scale, { known, reported });
      if (value.ok) inOrder = this.#put(metric, value.value, reported.time) && inOrder;
      else {
        this.refuse(`${value.fault.code}: ${metric}: ${value.fault.detail}`);
        this.#values.doubt(metric);
      }
    }
    return inOrder;
  }

  #put(metric: Metric, value: number | null, time: number | undefined): boolean {
    const reported: ReportedValue = { value, time };
    if (this.#values.put(metric, reported)) return true;
    this.refuse(`LS-DEVICE-006: ${metric} is older than the last value`);
    return false;
  }

  /** In Loadstone's unit and sign; null: none, or not of good quality. */
  #valueOf(
    metric: Metric,
    scale: number,
    { known, reported }: { readonly known: BornMetric; readonly reported: DecodedMetric },
  ): Outcome<number | null> {
    const { value: raw, isNull, quality } = reported;
    if (isNull || quality !== 'good') return good(null);
    const datatype = reported.datatype ?? known.datatype;
    if (typeof raw !== 'number' || (datatype !== undefined && !readable(metric, datatype)))
      return bad('LS-DEVICE-006', `"${known.name}" is of type ${typeName(datatype)}, not a number`);
    const signed = reported.datatype === undefined ? signedValue(raw, known.datatype) : raw;
    const value = turn(this.#options.sign, metric, signed * scale);
    const span = plausible(metric, this.#options.ratedKw);
    if (Number.isFinite(value) && value >= span.min && value <= span.max) return good(value);
    return bad('LS-DEVICE-006', `${value} is outside ${span.min} to ${span.max}`);
  }

  #bornSessions(born: BornMetrics, { metrics: all }: DecodedPayload): void {
    const sessions = this.#sessions;
    if (sessions === undefined) return;
    sessions.forget();
    for (const reported of all) {
      const known = born.of(reported);
      if (known !== undefined && !reported.historical) sessions.take(known, reported);
    }
    this.#settleSessions();
  }

  #settleSessions(): void {
    const settled = this.#sessions?.settle(this.#options.clock.plant.elapsed());
    if (settled?.ok === false) this.refuse(settled.fault.detail);
  }

  /** Only the last refusal is displayed, so only that one suggests a name. */
  #refuseLacking(born: BornMetrics, names: readonly string[]): void {
    for (const [at, name] of names.entries()) {
      const near = at === names.length - 1 ? born.near(name) : undefined;
      const hint = near === undefined ? '' : `; did you mean "${near}"?`;
      this.refuse(`LS-DEVICE-004: "${name}" is not in the birth of ${this.#name()}${hint}`);
    }
  }

  #name(): string {
    const { node, device } = this.#options;
    return device === undefined ? node.name : `${node.name}/${device}`;
  }
}

const readable = (metric: Metric, datatype: number): boolean =>
  isNumberType(datatype) || (metric === 'deadlineMs' && datatype === datatypes.dateTime);

function commandOf(
  born: BornMetrics,
  name: string,
  { value, toward }: { readonly value: number; readonly toward: Toward },
): Outcome<CommandMetric> {
  const known = born.addressed(name);
  if (known === undefined) return bad('LS-DEVICE-004', `"${name}" is not in the birth, or its alias is not its own`);
  const { alias, datatype, inLong } = known;
  if (datatype === undefined || !isNumberType(datatype))
    return bad('LS-DEVICE-004', `"${name}" is of type ${typeName(datatype)}, which holds no number`);
  const held = fitted(value, datatype, (raw) => whole(raw, toward));
  if (held === undefined) return bad('LS-DEVICE-004', `"${name}" of type ${typeName(datatype)} does not hold ${value}`);
  return good({ name, alias, datatype, inLong, value: held });
}

/** The metrics read, plus each setpoint's own metric as its readback unless another one is read for it. */
function signalsByName(
  read: SparkplugRead | undefined,
  write: SparkplugWrites | undefined,
): ReadonlyMap<string, readonly Signal[]> {
  const byName = new Map<string, Signal[]>();
  const add = (name: string, signal: Signal): void => {
    byName.set(name, [...(byName.get(name) ?? []), signal]);
  };
  for (const metric of Object.keys(metrics) as Metric[]) {
    const signal = read?.[metric];
    if (signal !== undefined) add(signal.metric, { metric, scale: signal.scale });
  }
  for (const key of setpointKeys) {
    const config = write?.[key];
    const metric = readbacks[key];
    if (config !== undefined && read?.[metric] === undefined) add(config.metric, { metric, scale: 1 / config.scale });
  }
  return byName;
}
