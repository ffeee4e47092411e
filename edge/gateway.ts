import type { LoadstoneEvent } from '../shared/contracts/event.ts';
import type { Link } from '../shared/ports/link.ts';
import type { Random } from '../shared/ports/random.ts';
import type { Clock, Timer } from '../shared/time/clock.ts';
import { every } from '../shared/time/every.ts';
import { Turns } from '../shared/time/turns.ts';
import { formatMessage } from '../shared/sentences/message-forms.ts';
import { VERSION } from '../shared/version.ts';
import { hostIdOf, metricsOf } from './config/reads.ts';
import type { GatewayConfig } from './config/schema.ts';
import type { Image } from './control/image.ts';
import { awaitsLimit } from './control/ladder.ts';
import { Cycle } from './cycle/cycle.ts';
import type { ForecasterPort } from './cycle/forecaster.ts';
import { CycleLoop, type LoopStep } from './cycle/loop.ts';
import { onTopic } from './cycle/inbox.ts';
import { refOf, reportOf, type DocumentRef } from './cycle/desk.ts';
import { driverSpecs } from './cycle/driver-specs.ts';
import { SessionReporter } from './cycle/session-reporter.ts';
import { siteOf } from './cycle/specs.ts';
import { statusOf } from './cycle/status.ts';
import type { Driver } from './drivers/driver.ts';
import { FieldLines } from './drivers/modbus/field-lines.ts';
import type { OpenWire } from './drivers/modbus/wire.ts';
import type { OpenChargers } from './drivers/ocpp/chargers.ts';
import type { OpenSparkplug } from './drivers/sparkplug/sparkplug-host.ts';
import { createDriver } from './drivers/table.ts';
import { TopicBus } from './drivers/topic-bus.ts';
import { localOperation } from './cycle/local-operations.ts';
import type { GatewayStatus, LocalAnswer } from './local/protocol.ts';
import type { DeviceBirth, FromUplink, JournalState, Restored, ToUplink, Uplink } from './uplink/channel.ts';

export const SOFTWARE = `loadstone-edge ${VERSION}`;

export interface GatewayOptions {
  readonly config: GatewayConfig;
  readonly clock: Clock;
  readonly uplink: Uplink;
  /** The link to the devices' broker. The gateway opens and closes it. */
  readonly deviceLink: Link;
  /** Opens connections to polled devices. Absent: none is polled. */
  readonly openWire?: OpenWire;
  /** Listens for chargers; absent: none can connect. */
  readonly openChargers?: OpenChargers;
  /** Makes the gateway the host of Sparkplug nodes; absent: no device speaks Sparkplug. */
  readonly openSparkplug?: OpenSparkplug;
  readonly random: Random;
  readonly forecaster?: ForecasterPort;
  /** What keeps the gateway from full service, in words. */
  readonly lacks?: readonly string[];
  /** Called for each cycle with the plant time at which it was due, once its setpoints are sent. */
  readonly onCycle?: (plantTime: number) => void;
  /** Called when the uplink fails at the start, which does not stop control. */
  readonly onFailure?: (error: unknown) => void;
  /** Called with the reason for a missing uplink, once per cause. */
  readonly onTrouble?: (why: string) => void;
  /** Interval, ms of machine time, at which control state is persisted and health reported. Default: each second, and as configured. */
  readonly stateMs?: number;
  readonly healthMs?: number;
}

/** A cycle is late after this time or this many periods. A driver is late after more than any request can take. */
const LOOP_MS = 10_000;
const LATE_PERIODS = 5;
const DRIVER_MS = 120_000;
const STATE_MS = 1000;
const NOT_RESTORED = 'the disk has not given the state before the restart: until it does, only the guard acts';
/** A guard that repeatedly starts and stops acting triggers an extra health report at most once in this time, plant time. */
const GUARD_AGAIN_MS = 10_000;
/** Control starts without the saved state if the disk has not given it for this long; until then only the guard acts. */
const RESTORE_MS = 5000;

const NO_JOURNAL: JournalState = {
  backlogFrames: 0,
  backlogOldest: null,
  bytes: 0,
  droppedFrames: 0,
  lostFrames: 0,
  writable: false,
};

const unreachable: OpenWire = (_address, handlers) => {
  handlers.onClose('there is no network here');
  return { write: () => undefined, close: () => undefined };
};

/** One gateway on ports alone. The daemon, the in-process demo and virtual time all use it. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #site;
  readonly #bus: TopicBus;
  readonly #lines: FieldLines;
  readonly #drivers = new Map<string, Driver>();
  readonly #cycle: Cycle;
  readonly #loop: CycleLoop;
  readonly #sessions: SessionReporter;
  readonly #timers: Timer[] = [];
  #journal = NO_JOURNAL;
  #connected = false;
  #trouble: string | null = null;
  #modelRef: DocumentRef | undefined;
  readonly #offering = new Turns();
  #healthKey = '';
  /** The guard's activity in the last extra health report, and its time, elapsed plant time. */
  #guardTold = { active: false, atMs: -Infinity };
  #words = '';

  constructor(options: GatewayOptions) {
    this.#options = options;
    const { config, clock, uplink, deviceLink, openWire, openChargers, openSparkplug, random, forecaster } = options;
    this.#site = siteOf(config);
    this.#bus = new TopicBus(deviceLink, config.gateway.id);
    this.#lines = new FieldLines(openWire ?? unreachable, clock);
    const specs = driverSpecs(config);
    const host = openSparkplug?.({ bus: this.#bus, clock, hostId: hostIdOf(config) });
    const resources = { bus: this.#bus, host, lines: this.#lines, openChargers, clock };
    for (const spec of specs) this.#drivers.set(spec.id, createDriver(spec, resources));
    this.#cycle = new Cycle({
      site: this.#site,
      substation: config.gateway.substation,
      mode: config.mode,
      report: config.uplink.report,
      budget: config.uplink.budget,
      software: SOFTWARE,
      clock,
      periodMs: config.cycle.periodMs,
      random,
      drivers: this.#drivers,
      staleAfterS: new Map(specs.map(({ id, staleAfterS }) => [id, staleAfterS])),
      ratedKw: new Map(specs.map(({ id, ratedKw }) => [id, ratedKw])),
      send: (message) => uplink.send(message),
      forecaster,
    });
    this.#sessions = new SessionReporter(this.#drivers);
    this.#loop = new CycleLoop(clock, config.cycle.periodMs, (step) => this.#run(step));
  }

  /**
   * Resumes the saved state and starts control. Never waits for the cloud or a device. If the disk does not give the state in time, only
   * the guard acts until it does, and only by taking power off devices.
   */
  async start(): Promise<void> {
    const { clock, config, forecaster, stateMs, healthMs } = this.#options;
    await this.#restore();
    this.#send({ kind: 'births', devices: this.#births() });
    this.#bus.open();
    this.#lines.open();
    forecaster?.start();
    this.#loop.start();
    this.#timers.push(
      every(clock.machine, stateMs ?? STATE_MS, () => this.#cycle.persist()),
      every(clock.machine, healthMs ?? config.uplink.report.healthS * 1000, () => this.#sendHealth()),
      every(clock.machine, stateMs ?? STATE_MS, () => this.#tellSessions()),
    );
  }

  /** Releases the devices, persists control state and closes the uplink. */
  async stop(): Promise<void> {
    for (const timer of this.#timers.splice(0)) timer.cancel();
    await this.#loop.stop();
    await this.#offering.over();
    await this.#cycle.release();
    await this.#bus.close();
    await this.#lines.close();
    this.#cycle.persist();
    await this.#options.forecaster?.stop();
    await this.#options.uplink.stop();
  }

  /** Takes an event from outside the cycle, such as the local forecast. */
  tell(event: LoadstoneEvent): void {
    this.#cycle.tell(event);
  }

  /** Executes a request of a person at the site; any value is checked. */
  local(request: unknown): LocalAnswer {
    const { clock } = this.#options;
    return localOperation(request, {
      cycle: this.#cycle,
      specs: this.#site.specs,
      now: () => clock.plant.now(),
      status: () => this.status(),
    });
  }

  status(): GatewayStatus {
    const { config, clock } = this.#options;
    return statusOf({
      config,
      cycle: this.#cycle,
      drivers: this.#drivers,
      loop: this.#loop.figures(),
      journal: this.#journal,
      connected: this.#connected,
      trouble: this.#trouble,
      lacks: this.lacks(),
      plantTime: clock.plant.now(),
      speed: clock.speed(),
      software: SOFTWARE,
    });
  }

  async #restore(): Promise<void> {
    const { uplink, clock, onFailure } = this.#options;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = clock.machine.after(RESTORE_MS, resolve);
    const take = async (): Promise<void> => {
      try {
        this.#take(await uplink.start((message) => this.#hears(message)));
      } catch (error) {
        onFailure?.(error);
      }
    };
    take().then(resolve, resolve);
    await promise;
    timer.cancel();
    if (this.#cycle.isRestored) return;
    const text = formatMessage('any', NOT_RESTORED);
    const time = Math.round(clock.plant.now());
    this.#cycle.tell({ time, kind: 'event', severity: 'high', code: 'LS-JOURNAL-001', text });
  }

  /** What keeps the gateway from full service, in words. */
  lacks(): readonly string[] {
    const { lacks = [] } = this.#options;
    return this.#cycle.isRestored ? lacks : [...lacks, `state: ${NOT_RESTORED}`];
  }

  /** Why the watchdog must not be fed. Null: the loop ticks and every driver makes progress. */
  stalled(): string | null {
    const tickMs = this.#loop.sinceTickMs();
    if (tickMs > Math.max(LOOP_MS, LATE_PERIODS * this.#loop.figures().periodMs))
      return `the control loop has not completed a cycle for ${(tickMs / 1000).toFixed(0)} s`;
    for (const [id, driver] of this.#drivers) {
      const overdueMs = driver.overdueMs?.() ?? 0;
      if (overdueMs > DRIVER_MS)
        return `the driver of ${id} has made no progress for ${(overdueMs / 1000).toFixed(0)} s`;
    }
    return null;
  }

  #take(restored: Restored): void {
    this.#cycle.restore(restored);
    const weather = restored.documents.find((each) => each.type === 'weather');
    if (weather !== undefined) this.#options.forecaster?.weather(weather.body);
    const held = restored.documents.find(({ type }) => type === 'model');
    if (held !== undefined) this.#modelRef = refOf(held);
    if (restored.model !== null) this.#offer({ kind: 'model', ...restored.model });
    if (restored.beside !== undefined) this.#offer({ kind: 'beside', ...restored.beside });
  }

  #hears(message: FromUplink): void {
    switch (message.kind) {
      case 'link':
        this.#connected = message.connected;
        if (message.connected) this.#trouble = null;
        if (message.connected) this.#sessions.again();
        break;
      case 'trouble':
        this.#trouble = message.text;
        this.#options.onTrouble?.(message.text);
        break;
      case 'journal':
        this.#journal = message.state;
        break;
      case 'traffic':
        this.#cycle.carried(message.traffic);
        break;
      case 'model':
      case 'beside':
        this.#offer(message);
        break;
      case 'document':
        if (message.document.type === 'weather') {
          this.#options.forecaster?.weather(message.document.body);
          break;
        }
        if (message.document.type === 'model') {
          this.#modelRef = refOf(message.document);
          if (message.document.body.beside === undefined) this.#inTurn(() => this.#options.forecaster?.alone());
        }
        this.#cycle.inbox.put(message);
        break;
      case 'heartbeat':
        this.#cycle.heard(message.time);
        this.#cycle.inbox.put(message);
        break;
    }
  }

  #offer({ kind, manifest, bytes }: Extract<FromUplink, { kind: 'model' | 'beside' }>): void {
    const { forecaster, clock } = this.#options;
    if (forecaster === undefined) return;
    const ref = this.#modelRef ?? { type: 'model' as const, id: manifest.id, epoch: 0, sequence: 0 };
    this.#inTurn(async () => {
      const outcome = await (kind === 'model'
        ? forecaster.offer(manifest, bytes)
        : forecaster.offerBeside(manifest, bytes));
      const time = Math.round(clock.plant.now());
      const report = outcome.ok ? reportOf(ref, 'applied', time) : reportOf(ref, 'rejected', time, outcome.fault);
      this.#send(onTopic('reportedModel', { ...report, id: manifest.id }));
    });
  }

  /** Models are checked in their own tasks, one at a time; a failing one does not block the others. The cycle does not wait. */
  #inTurn(task: () => void | Promise<void> | undefined): void {
    this.#options.clock.machine.after(0, async () => {
      await this.#offering.take(task);
    });
  }

  async #run(step: LoopStep): Promise<void> {
    const { onCycle, clock } = this.#options;
    const dueMs = clock.plant.now() - step.lateMs;
    await this.#cycle.run(step);
    const result = this.#cycle.result;
    if (result !== undefined) {
      const { state, rung, guardActive } = result;
      const acts = JSON.stringify([state.stopped, state.tagged, state.feederModes, state.judged, state.emergency]);
      // Persists an operator's act at once, not with the next second. Otherwise a power loss could revive an older act.
      const words = [acts, JSON.stringify([state.overrides.map(({ id }) => id), state.manual])].join();
      if (words !== this.#words) {
        this.#words = words;
        this.#cycle.persist();
      }
      const nowMs = clock.plant.elapsed();
      if (guardActive !== this.#guardTold.active && nowMs - this.#guardTold.atMs >= GUARD_AGAIN_MS)
        this.#guardTold = { active: guardActive, atMs: nowMs };
      const key = [
        rung,
        state.mode,
        words,
        state.failsafe.active,
        awaitsLimit(state.failsafe),
        state.watch.letGo,
        this.#guardTold.active,
        // Otherwise the desk calls a device never heard of, beside its first measured values.
        unheardOf(result.image),
      ].join();
      if (key !== this.#healthKey) {
        this.#healthKey = key;
        this.#sendHealth();
      }
    }
    if (onCycle === undefined) return;
    const served = [...this.#drivers.values()].flatMap((driver) => driver.served?.() ?? []);
    // The cycle itself never waits for a polled device.
    if (served.length === 0) onCycle(dueMs);
    else
      Promise.all(served)
        .then(() => onCycle(dueMs))
        .catch((error: unknown) => this.#options.onFailure?.(error));
  }

  #sendHealth(): void {
    const health = this.#cycle.health(this.#loop.figures());
    if (health !== undefined) this.#send({ kind: 'health', health });
  }

  #tellSessions(): void {
    if (!this.#connected) return;
    const { plant } = this.#options.clock;
    const report = this.#sessions.due(plant.now(), plant.elapsed());
    if (report !== undefined) this.#send({ kind: 'sessions', report });
  }

  #send(message: ToUplink): void {
    this.#options.uplink.send(message);
  }

  #births(): DeviceBirth[] {
    const { config } = this.#options;
    return [
      ...config.guarded.map(({ id, meter }) => ({ device: id, type: 'meter', metrics: metricsOf(meter) })),
      ...config.devices.map((device) => ({ device: device.id, type: device.type, metrics: metricsOf(device) })),
    ];
  }
}

/** Counts the devices that have not been heard since the start. It only falls, so it cannot make reports frequent. */
const unheardOf = ({ devices }: Image): number =>
  [...devices.values()].filter(({ lastSeen }) => lastSeen === null).length;
