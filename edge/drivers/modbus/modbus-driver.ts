import type { Metric } from '../../../shared/contracts/frame.ts';
import type { ChargingSession } from '../../../shared/contracts/sessions.ts';
import type { Fault, Outcome } from '../../../shared/outcome/outcome.ts';
import { backOff } from '../../../shared/time/back-off.ts';
import type { Clock, Timer } from '../../../shared/time/clock.ts';
import { setpointKeys, type Setpoint, type SetpointKey } from '../../control/setpoint.ts';
import {
  measured,
  type Driver,
  type DriverCounters,
  type ReadSample,
  type Samples,
  type WireSpans,
} from '../driver.ts';
import { plausible } from '../plausible.ts';
import { towardOf } from '../rounding.ts';
import { SetpointWriter, type WriteTiming } from '../setpoint-writer.ts';
import { turn, type Sign } from '../sign.ts';
import { RegisterImage, type Block } from './blocks.ts';
import type { ModbusLine } from './line.ts';
import { readAnswer, readRequest, writeAnswer, writeRequest } from './pdu.ts';
import { ParameterKeeper } from './parameter-keeper.ts';
import type { DeviceMap, FindMap, RegisterWrite } from './profile.ts';

export interface ModbusDriverOptions {
  readonly line: ModbusLine;
  readonly unitId: number;
  /** Rest between two polls, ms of plant time. */
  readonly pollMs: number;
  /** For one answer, ms of machine time. */
  readonly timeoutMs: number;
  /** Longest rest while the device does not answer, ms of machine time. */
  readonly longestRestMs: number;
  readonly findMap: FindMap;
  /** Undefined: the usual sign of its kind. */
  readonly sign: Sign | undefined;
  readonly ratedKw: number;
  readonly spans: WireSpans;
  readonly write: Readonly<Partial<Record<SetpointKey, WriteTiming & { readonly revertAfterS: number }>>>;
  /** Older session lists are ignored. */
  readonly staleAfterS: number;
  readonly clock: Clock;
}

interface Writer {
  readonly timing: SetpointWriter;
  readonly revertAfterS: number;
}

const FIRST_REST_MS = 1000;
/** A poll that takes longer than this is old, ms of plant time. */
const OLD_POLL_MS = 5000;
const PARTIAL_MS = 60_000;

/** An unexpected answer must end neither the poll nor the gateway, so it counts as no answer. */
const unread = (error: unknown): Fault => ({ code: 'LS-DEVICE-001', detail: String(error) });

/**
 * A polled device. It is read by block, with rests that double while it does not answer. A setpoint is sent when it is due and the
 * device answers. During a write the newest setpoint waits, and older ones are dropped.
 */
export class ModbusDriver implements Driver {
  readonly #options: ModbusDriverOptions;
  readonly #samples = new Map<Metric, ReadSample>();
  readonly #writers = new Map<SetpointKey, Writer>();
  readonly #due = new Map<SetpointKey, number>();
  readonly #image = new RegisterImage();
  readonly #keeper = new ParameterKeeper();
  #sessions: { readonly list: readonly ChargingSession[]; readonly receivedMs: number } | undefined;
  #map: DeviceMap | undefined;
  /** Elapsed plant time, ms. */
  #foundMs = -Infinity;
  #answers = false;
  /** Consecutive failed polls. */
  #failures = 0;
  /** When the current turn began, or the next is due; elapsed machine time, ms. */
  #nextTurnMs = 0;
  #writing = false;
  #written: Promise<void> = Promise.resolve();
  #polled: Promise<Fault | undefined> = Promise.resolve(undefined);
  /** Elapsed plant time at which the current poll began, ms; Infinity: none is running. */
  #polledSinceMs = Infinity;
  #timer: Timer | undefined;
  #stopped = true;
  #counters = { refused: 0, lastRefusal: null as string | null, sent: 0, unsent: 0 };

  constructor(options: ModbusDriverOptions) {
    this.#options = options;
    const { spans, write, ratedKw } = options;
    for (const key of setpointKeys) {
      const config = write[key];
      if (config === undefined) continue;
      const span = spans[key] ?? { min: -Infinity, max: Infinity };
      this.#writers.set(key, {
        timing: new SetpointWriter(config, span, ratedKw),
        revertAfterS: config.revertAfterS,
      });
    }
  }

  start(): void {
    this.#stopped = false;
    this.#begin();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  read(): Samples {
    return this.#samples;
  }

  /** Undefined if the list is old, because the cars may have left. */
  sessions(): readonly ChargingSession[] | undefined {
    const { clock, staleAfterS } = this.#options;
    const sessions = this.#sessions;
    return sessions === undefined || clock.plant.elapsed() - sessions.receivedMs > staleAfterS * 1000
      ? undefined
      : sessions.list;
  }

  counters(): DriverCounters {
    return this.#counters;
  }

  stepKw(): number {
    return this.#map?.stepKw?.(this.#image) ?? 0;
  }

  overdueMs(): number {
    if (this.#stopped) return 0;
    const { clock, line } = this.#options;
    // During a poll the driver waits for its line, where time-outs of other units may come first.
    const sinceMs = this.#polledSinceMs === Infinity ? this.#nextTurnMs : Math.max(this.#nextTurnMs, line.progressMs);
    return Math.max(0, clock.machine.elapsed() - sinceMs);
  }

  permit(allowed: boolean): void {
    this.#keeper.permitted = allowed;
  }

  parameters(): readonly string[] {
    return this.#keeper.differences;
  }

  async hold(setpoint: Setpoint, urgent: boolean): Promise<void> {
    const nowMs = this.#options.clock.plant.elapsed();
    for (const [key, { timing }] of this.#writers) {
      const value = setpoint[key];
      if (value === undefined) {
        timing.release();
        this.#due.delete(key);
      } else if (!timing.allowed(value)) this.#refuse(`${key} ${value} is outside the range that may be sent`);
      else if (this.#answers) {
        const due = timing.due(value, nowMs, urgent);
        if (due === undefined) continue;
        timing.sent(due, nowMs);
        this.#due.set(key, due);
      }
    }
    // The cycle waits for no device, so due requests are sent asynchronously.
    if (!this.#writing && this.#due.size > 0) this.#written = this.#write();
  }

  async served(): Promise<void> {
    await this.#written;
    if (this.#options.clock.plant.elapsed() - this.#polledSinceMs > OLD_POLL_MS) await this.#polled;
  }

  /** Starts a turn without making the clock wait for the device. */
  #begin(): void {
    this.#turn().catch((error: unknown) => this.#refuse(String(error)));
  }

  /** Polls once and arms the next turn at the end. */
  async #turn(): Promise<void> {
    this.#nextTurnMs = this.#options.clock.machine.elapsed();
    this.#polledSinceMs = this.#options.clock.plant.elapsed();
    this.#polled = this.#poll().catch(unread);
    const failed = await this.#polled;
    this.#polledSinceMs = Infinity;
    if (this.#stopped) return;
    const { clock, pollMs, longestRestMs } = this.#options;
    if (failed === undefined) {
      this.#answers = true;
      this.#failures = 0;
      this.#nextTurnMs = clock.machine.elapsed() + pollMs;
      this.#timer = clock.plant.after(pollMs, () => this.#begin());
      return;
    }
    this.#lost(failed);
    const restMs = backOff([FIRST_REST_MS, longestRestMs], ++this.#failures);
    this.#nextTurnMs = clock.machine.elapsed() + restMs;
    this.#timer = clock.machine.after(restMs, () => this.#begin());
  }

  async #poll(): Promise<Fault | undefined> {
    const nowMs = this.#options.clock.plant.elapsed();
    if (this.#map === undefined || (this.#map.isPartial === true && nowMs - this.#foundMs >= PARTIAL_MS)) {
      const found = await this.#options.findMap((block) => this.#read(block));
      if (!found.ok) return found.fault;
      this.#map = found.value;
      this.#foundMs = nowMs;
      this.#keeper.begin();
    }
    for (const block of this.#map.blocks) {
      const read = await this.#read(block);
      if (!read.ok) return read.fault;
    }
    const frozen = this.#map.frozen?.(this.#image, this.#options.clock.plant.elapsed());
    if (frozen !== undefined) this.#refuse(frozen);
    else
      for (const [metric, value] of this.#map.readings(this.#image)) if (value !== undefined) this.#take(metric, value);
    this.#takeSessions(this.#map);
    // A gateway that does not command the device must not act as its controller.
    const beat = this.#keeper.permitted ? this.#map.beat?.(this.#image) : undefined;
    for (const write of beat ?? []) {
      const written = await this.#put(write);
      // A refused heartbeat makes no value invalid.
      if (!written.ok && written.fault.code === 'LS-DEVICE-001') return written.fault;
      if (!written.ok) this.#refuse(`heartbeat: ${written.fault.detail}`);
    }
    await this.#keeper.keep(this.#map.parameters, this.#image, {
      nowMs: this.#options.clock.plant.elapsed(),
      read: (block) => this.#read(block),
      put: (write) => this.#put(write),
    });
    return undefined;
  }

  async #write(): Promise<void> {
    this.#writing = true;
    for (let next = first(this.#due); next !== undefined; next = first(this.#due)) {
      const [key, value] = next;
      this.#due.delete(key);
      const failed = await this.#writeOne(key, value).catch(unread);
      if (failed === undefined) this.#counters.sent++;
      else {
        this.#counters.unsent++;
        this.#counters.lastRefusal = failed.detail;
        this.#writers.get(key)?.timing.failed(this.#options.clock.plant.elapsed());
      }
    }
    this.#writing = false;
  }

  async #writeOne(key: SetpointKey, value: number): Promise<Fault | undefined> {
    const revertAfterS = this.#writers.get(key)!.revertAfterS;
    const toward = towardOf(key, this.#options.spans[key]);
    const writes = this.#map?.writes({ key, value: turn(this.#sign(), key, value), revertAfterS, toward }, this.#image);
    if (writes === undefined) return { code: 'LS-DEVICE-001', detail: 'it has not answered yet' };
    if (!writes.ok) return writes.fault;
    for (const write of writes.value) {
      const written = await this.#put(write);
      if (!written.ok) return written.fault;
    }
    return undefined;
  }

  async #read(block: Block): Promise<Outcome<Uint16Array>> {
    const { line, unitId, timeoutMs } = this.#options;
    const pdu = readRequest(block.table, block.address, block.count);
    const answer = await line.ask({ unit: unitId, pdu, timeoutMs });
    const words = answer.ok ? readAnswer(pdu, answer.value) : answer;
    if (words.ok) this.#image.put(block, words.value);
    return words;
  }

  async #put({ address, words, single }: RegisterWrite): Promise<Outcome<null>> {
    const { line, unitId, timeoutMs } = this.#options;
    const pdu = writeRequest(address, words, single);
    const answer = await line.ask({ unit: unitId, pdu, timeoutMs, first: true });
    const written = answer.ok ? writeAnswer(pdu, answer.value) : answer;
    if (written.ok) this.#image.put({ table: 'holding', address, count: words.length }, words);
    return written;
  }

  #take(metric: Metric, raw: number): void {
    const { ratedKw, clock } = this.#options;
    const value = turn(this.#sign(), metric, raw);
    const span = plausible(metric, ratedKw);
    if (!(value >= span.min && value <= span.max))
      return this.#refuse(`${metric} ${value} is outside ${span.min} to ${span.max}`);
    const at = { ms: Math.round(clock.plant.now()), uncertain: false };
    this.#samples.set(metric, measured(value, at, clock.plant.elapsed()));
  }

  #takeSessions(map: DeviceMap): void {
    const list = map.sessions?.(this.#image);
    if (list === undefined) return;
    if (!list.ok) return this.#refuse(list.fault.detail);
    this.#sessions = { list: list.value, receivedMs: this.#options.clock.plant.elapsed() };
  }

  #sign(): Sign {
    return this.#options.sign ?? this.#map?.sign ?? 'consumption-positive';
  }

  /** The device is identified again when it answers, because it may have been replaced. Its setpoint no longer counts as set. */
  #lost({ detail }: Fault): void {
    this.#answers = false;
    this.#map = undefined;
    this.#counters.lastRefusal = detail;
    this.#due.clear();
    for (const { timing } of this.#writers.values()) timing.release();
  }

  #refuse(why: string): void {
    this.#counters.refused++;
    this.#counters.lastRefusal = why;
  }
}

const first = (due: ReadonlyMap<SetpointKey, number>): [SetpointKey, number] | undefined => due.entries().next().value;
