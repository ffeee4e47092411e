import { EVENT_TEXT, fitText } from '../../shared/contracts/fit-text.ts';
import type { PlanDocument, SettingsDocument } from '../../shared/contracts/document.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { eventSays, type EventPhrase, type EventSaid } from '../../shared/sentences/event-forms.ts';
import { formatMessage, type MessageForm } from '../../shared/sentences/message-forms.ts';
import type { Frame } from '../../shared/contracts/frame.ts';
import type { Random } from '../../shared/ports/random.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { Image } from '../control/image.ts';
import { TRANSFORMER } from '../control/model.ts';
import { actsOn, initialState, resumed, type ControlState } from '../control/state.ts';
import type { FeederMode } from '../../shared/contracts/ids.ts';
import type { Driver } from '../drivers/driver.ts';
import type { Fault } from '../../shared/outcome/outcome.ts';
import type { Restored, ToUplink } from '../uplink/channel.ts';
import type { Traffic } from '../uplink/traffic.ts';
import { asConfigured } from './as-configured.ts';
import { withRelief } from './before-restore.ts';
import { ActTracker } from './act-tracker.ts';
import { Attendance } from './attendance.ts';
import { AlarmBook, type Condition } from './alarms.ts';
import { DataBudget, type BudgetSettings } from './budget.ts';
import type { ForecasterPort } from './forecaster.ts';
import { ClockWatch, type ClockState } from './clock-watch.ts';
import { healthOf, remember, type GuardMemory, type Health } from './health.ts';
import { Inbox, onTopic } from './inbox.ts';
import { OverrideTracker } from './override-tracker.ts';
import type { LoopFigures, LoopStep } from './loop.ts';
import { DarkFeeders } from './dark-feeders.ts';
import { conditionsOf, guardEvents, lostLimits } from './notices.ts';
import { loadsOf, parsePersisted, seriesOf, type Persisted } from './persisted.ts';
import { OverrunWatch } from './overrun-watch.ts';
import { PlanTracker, type StageReport } from './plan-tracker.ts';
import { processImage, type Source } from './process-image.ts';
import { ReliefWatch } from './relief-watch.ts';
import { ExceptionReporter, type ReportSettings } from './report-by-exception.ts';
import { step } from './step.ts';
import type { Site, StepResult } from './step-types.ts';
import { parameterConditions, Readback } from './verify.ts';

export interface CycleOptions {
  readonly site: Site;
  readonly substation: string;
  readonly mode: FeederMode;
  readonly report: ReportSettings;
  readonly budget: BudgetSettings;
  readonly software: string;
  readonly clock: Clock;
  /** Cycle period, ms of plant time. */
  readonly periodMs: number;
  readonly random: Random;
  /** Drivers of devices and meters by id, in configuration order. */
  readonly drivers: ReadonlyMap<string, Driver>;
  readonly staleAfterS: ReadonlyMap<string, number>;
  readonly ratedKw: ReadonlyMap<string, number>;
  /** Hands a message to the uplink; false if its queue is full. */
  readonly send: (message: ToUplink) => boolean;
  readonly forecaster: ForecasterPort | undefined;
}

const STATE_UNREADABLE = 'the state before the restart cannot be read: {error}; it starts anew';

/** One pass of sense, decide, act over image, control, safety and drivers; then it reports what happened. */
export class Cycle {
  readonly #options: CycleOptions;
  readonly #sources = new Map<string, Source>();
  readonly #reporters = new Map<string, ExceptionReporter>();
  readonly #alarms = new AlarmBook();
  readonly #readback: Readback;
  readonly #relief = new ReliefWatch();
  readonly #overruns = new OverrunWatch();
  readonly #lost = new AlarmBook();
  readonly #dark = new DarkFeeders();
  readonly #overrides = new OverrideTracker();
  readonly #acted: ActTracker;
  readonly #plans: PlanTracker;
  readonly #feeders = new Map<string, string | null>();
  /** Devices whose owners permit no writes. */
  readonly #barred = new Set<string>();
  readonly inbox: Inbox;
  readonly #guardReported = new Set<string>();
  readonly #alive = new Map<string, boolean>();
  readonly #budget: DataBudget;
  #state: ControlState;
  /** The state from before the start has been handed over, or is known to be lost. */
  #isRestored = false;
  /** What people at the site have changed before that. */
  #meanwhile: ((state: ControlState) => ControlState)[] = [];
  #result: StepResult | undefined;
  readonly #clockWatch = new ClockWatch();
  readonly #attendance: Attendance;
  #guardMemory: GuardMemory = { element: null, since: null };
  #events: LoadstoneEvent[] = [];
  /** Messages that the uplink had no room for. */
  #unsent = 0;

  constructor(options: CycleOptions) {
    this.#options = options;
    const { site, substation, drivers, staleAfterS, ratedKw } = options;
    this.#readback = new Readback((device) => drivers.get(device)?.stepKw?.() ?? 0);
    this.#plans = new PlanTracker(substation);
    this.#attendance = new Attendance(options.periodMs);
    this.#budget = new DataBudget(options.budget);
    this.#acted = new ActTracker({ specs: site.specs, substation });
    this.inbox = new Inbox(this.#plans, { specs: site.specs, elements: site.elements, substation });
    for (const { id, feeder, authority } of site.specs) {
      this.#feeders.set(id, feeder);
      if (authority === 'none') this.#barred.add(id);
    }
    const now = options.clock.plant.now();
    this.#state = asConfigured(initialState(options.mode, now), site, now);
    for (const [id, driver] of drivers) {
      this.#sources.set(id, {
        id,
        staleAfterS: staleAfterS.get(id) ?? 5,
        samples: () => driver.read(),
        gone: () => driver.gone?.() ?? false,
      });
      this.#reporters.set(id, new ExceptionReporter(id, ratedKw.get(id) ?? 1));
    }
  }

  get state(): ControlState {
    return this.#state;
  }

  get result(): StepResult | undefined {
    return this.#result;
  }

  get plan(): PlanDocument | null {
    return this.#plans.plan;
  }

  /** Element of the guard's last intervention. */
  get guardElement(): string | null {
    return this.#guardMemory.element;
  }

  alarms(): readonly Condition[] {
    return this.#alarms.standing();
  }

  get unsent(): number {
    return this.#unsent;
  }

  /** Changes control state for a person at the site or for the configuration, and logs an audit event. */
  change(next: (state: ControlState) => ControlState, words: string): void {
    this.#state = next(this.#state);
    if (!this.#isRestored) this.#meanwhile.push(next);
    this.#events.push(this.#event('audit', 'info', { code: 'local.change', text: words }));
  }

  tell(event: LoadstoneEvent): void {
    this.#events.push(event);
  }

  /** False while a tag, a stop or a mode from before the start may bar commands that this gateway does not know of. */
  get isRestored(): boolean {
    return this.#isRestored;
  }

  /**
   * Resumes the persisted state, also while cycles already run: what people at the site have changed meanwhile stands. An unreadable
   * state is reported and ignored.
   */
  restore({ stateJson, stateLost, documents }: Restored): void {
    const now = this.#options.clock.plant.now();
    const meanwhile = this.#meanwhile;
    this.#isRestored = true;
    this.#meanwhile = [];
    if (stateLost !== undefined) this.#unread(stateLost, STATE_UNREADABLE);
    if (stateJson !== null) {
      const persisted = parsePersisted(stateJson);
      if (persisted.ok) {
        const { control, outcomes, loads, budget } = persisted.value.state;
        const before = asConfigured(resumed(control, now), this.#options.site, now);
        this.#state = meanwhile.reduce(
          (state, next) => next(state),
          this.#result === undefined ? before : withRelief(before, this.#state),
        );
        this.inbox.restore(outcomes);
        if (budget !== undefined) this.#budget.restore(budget);
        if (loads !== undefined) this.#options.forecaster?.seed(seriesOf(loads));
        if (persisted.value.left !== null)
          this.#unread(
            persisted.value.left,
            'the state before the restart cannot be read: {error}; control goes on, the rest of it starts anew',
          );
      } else this.#unread(persisted.fault, STATE_UNREADABLE);
    }
    for (const document of documents) {
      if (document.type === 'plan') this.#plans.restore(document, now);
      if (document.type === 'settings' && this.#lacks(document, stateJson)) {
        const { state, events } = this.inbox.takeUp(document, this.#state, Math.round(now));
        this.#state = state;
        this.#events.push(...events);
      }
    }
    this.#events.push(this.#event('event', 'info', { code: 'gateway.started', text: 'the gateway has started' }));
  }

  #unread({ code, detail: error }: Fault, form: Extract<MessageForm, `the state before${string}`>): void {
    const text = fitText(formatMessage('any', form, { error }), EVENT_TEXT);
    this.#events.push(this.#event('event', 'medium', { code, text }));
  }

  /** Whether these accepted settings were lost in a power cut before control saved them. */
  #lacks({ epoch, sequence }: SettingsDocument, stateJson: string | null): boolean {
    const { settings } = this.#state;
    if (settings === undefined) return stateJson === null;
    return epoch > settings.epoch || (epoch === settings.epoch && sequence > settings.sequence);
  }

  /** Has the control state persisted. A state that is not restored yet must not replace the one on disk. */
  persist(): void {
    if (this.#isRestored) this.#send({ kind: 'state', json: this.#persisted() });
  }

  #persisted(): string {
    const { forecaster } = this.#options;
    const value: Persisted = {
      version: 1,
      control: this.#state,
      outcomes: [...this.inbox.outcomes()],
      budget: this.#budget.state,
      ...(forecaster === undefined ? {} : { loads: loadsOf(forecaster.snapshot()) }),
    };
    return JSON.stringify(value);
  }

  /** Runs one cycle. Resolves once the drivers have taken the setpoints. */
  async run({ stepS, periodMs }: LoopStep): Promise<void> {
    const { clock, site, random, forecaster, drivers } = this.#options;
    const time = Math.round(clock.plant.now());
    const elapsedMs = clock.plant.elapsed();
    this.#stepped(this.#clockWatch.look(clock.plant.now(), elapsedMs, clock.speed()));
    const inbox = this.inbox.take(this.#state, { time, elapsedMs: clock.machine.elapsed() });
    if (inbox.modelComing) forecaster?.fetching();
    this.#tellsOf(this.#plans.turn(time));
    this.#attendance.attend(elapsedMs, stepS);
    const image = processImage({
      attendance: this.#attendance,
      time,
      elapsedMs,
      stepS,
      sources: this.#sources,
      specs: site.specs,
      elements: site.elements.map(({ id }) => id),
    });
    const before = inbox.state;
    const result = step({
      site,
      image,
      state: before,
      plan: this.#plans.plan,
      forecast: forecaster?.latest() ?? null,
      chance: random.next(),
      isRestored: this.#isRestored,
    });
    this.#state = result.state;
    const previous = this.#result;
    this.#result = result;
    await this.#act(result, drivers);
    // Persists the effect of a command before reporting it, so that both agree after a restart.
    if (inbox.reports.length > 0) this.persist();
    for (const report of inbox.reports) this.#send(report);
    this.#acted.begin(inbox.acts);
    this.#events.push(...inbox.events);
    this.#tell(result, { image, before, previous, overruns: this.#overruns.update(stepS, periodMs) });
    this.#report(elapsedMs);
  }

  /** What the uplink has used of the monthly data budget. */
  get dataBudget(): DataBudget['use'] {
    return this.#budget.use;
  }

  /** Counts the traffic of the uplink. */
  carried(traffic: Traffic): void {
    const warning = this.#budget.note(traffic, this.#options.clock.plant.now());
    if (warning !== null) this.#events.push(this.#event('event', 'low', { code: 'uplink.budget', text: warning }));
  }

  health(loop: LoopFigures): Health | undefined {
    const result = this.#result;
    if (result === undefined) return undefined;
    const { clock, software, forecaster } = this.#options;
    return healthOf({
      time: clock.plant.now(),
      software,
      result,
      loop,
      guard: this.#guardMemory,
      plan: this.#plans.plan,
      feeders: this.#feeders,
      forecaster,
      clock: this.#clockWatch.state(),
      dataBudget: this.#budget.use,
    });
  }

  /** Takes the cloud's time from its heartbeat. */
  heard(cloudTime: number): void {
    const { plant } = this.#options.clock;
    this.#clockWatch.heard(cloudTime, plant.now(), plant.elapsed());
  }

  get clock(): ClockState {
    return this.#clockWatch.state();
  }

  /** Handles a wall clock that was set: a manual setpoint for two hours still lasts two hours. */
  #stepped(byMs: number): void {
    if (byMs === 0) return;
    const manual = this.#state.manual.map((each) => ({ ...each, expiresAt: each.expiresAt + byMs }));
    this.#state = { ...this.#state, manual };
    const text = formatMessage(
      'clock.stepped',
      byMs > 0 ? 'the clock was set forward by {seconds} s' : 'the clock was set back by {seconds} s',
      { seconds: (Math.abs(byMs) / 1000).toFixed(1) },
    );
    this.#events.push(this.#event('event', 'low', { code: 'clock.stepped', text }));
  }

  /** Releases the devices. Nothing is commanded any more, and each device reverts by itself. */
  async release(): Promise<void> {
    for (const driver of this.#options.drivers.values()) await driver.hold({}, false);
  }

  /** Passes setpoints to the drivers; in monitor nothing is commanded. */
  async #act(result: StepResult, drivers: ReadonlyMap<string, Driver>): Promise<void> {
    for (const { device, setpoint, urgent } of result.decisions) {
      const acts = this.#acts(device);
      const driver = drivers.get(device);
      const permitted = acts && !this.#barred.has(device) && !this.#state.tagged.includes(device);
      // Before the restore only relief goes out, and some drivers send it only where they are permitted to.
      driver?.permit?.(permitted && (this.#isRestored || Object.keys(setpoint).length > 0));
      await driver?.hold(acts ? setpoint : {}, urgent);
    }
  }

  /** Reports what became of plans. */
  #tellsOf({ reports, events }: StageReport): void {
    for (const report of reports) this.#send(onTopic('reportedPlan', report));
    this.#events.push(...events);
  }

  #acts(device: string): boolean {
    return actsOn(this.#state, this.#feeders.get(device) ?? null);
  }

  #tell(
    result: StepResult,
    {
      image,
      before,
      previous,
      overruns,
    }: {
      image: Image;
      before: ControlState;
      previous: StepResult | undefined;
      overruns: readonly Condition[];
    },
  ): void {
    const { time } = result.image;
    const commanded = { ...result, decisions: result.decisions.filter(({ device }) => this.#acts(device)) };
    // Reads back the current setpoints first: a match with an earlier setpoint verifies nothing.
    const { attendedMs } = this.#attendance;
    const readback = this.#readback.update(commanded, attendedMs);
    const reported = this.#plans.after(commanded, (devices) => this.#readback.verified(devices));
    this.#tellsOf(reported);
    const overrides = this.#overrides.after(before, commanded, {
      outcomes: this.inbox.outcomes(),
      matches: (device) => this.#readback.matches(device),
    });
    const acted = this.#acted.after(result, {
      follows: (device) => this.#readback.follows(device),
      obeys: (device) => this.#readback.obeys(device, result),
    });
    const settled = [...overrides, ...acted];
    for (const report of settled) this.inbox.settle(report);
    if (settled.length > 0) this.persist();
    for (const report of acted) this.#send(onTopic('commandResult', report));
    for (const report of overrides) {
      this.#send(onTopic('commandResult', report));
      const { id, stage, detail } = report;
      const text =
        detail === undefined
          ? formatMessage('any', 'override {id} is {stage}', { id, stage })
          : formatMessage('any', 'override {id} is {stage}: {detail}', { id, stage, detail });
      this.#events.push(this.#event('outcome', 'info', { code: report.code ?? `command.${report.stage}`, text }));
    }
    this.#guardMemory = remember(this.#guardMemory, result.interventions, time);
    this.#events.push(...guardEvents(previous?.guardActive ?? false, result, this.#guardReported));
    if (previous !== undefined && previous.rung !== result.rung) {
      const rungs = { from: previous.rung, to: result.rung } satisfies Record<string, EventPhrase>;
      this.#events.push(
        this.#event('event', 'info', eventSays('gateway.rung', 'the gateway goes from {from} to {to}', rungs)),
      );
    }
    const parameters = parameterConditions(this.#options.drivers);
    const { site } = this.#options;
    const unmet = this.#relief.update(result, attendedMs, site);
    const conditions = [...overruns, ...conditionsOf(result, site), ...unmet, ...readback, ...parameters];
    const explained = this.#dark.explain(conditions, { image, site, liars: result.liars });
    this.#events.push(...this.#alarms.update(explained, time, attendedMs));
    for (const { active, ...lost } of this.#lost.update(lostLimits(result), time, attendedMs))
      if (active === true) this.#events.push({ ...lost, kind: 'event' });
    this.#links(image);
    const events = this.#events;
    this.#events = [];
    if (events.length > 0) this.#send({ kind: 'events', events });
  }

  /** Reports devices that went silent or came back (DDEATH, DBIRTH). */
  #links(image: Image): void {
    for (const { id, fresh, excused, lastSeen } of [...image.elements.values(), ...image.devices.values()]) {
      if (lastSeen === null || excused === true || this.#alive.get(id) === fresh) continue;
      if (this.#alive.has(id) || !fresh) this.#send({ kind: 'device-link', device: id, alive: fresh });
      this.#alive.set(id, fresh);
    }
  }

  #report(elapsedMs: number): void {
    const { drivers, forecaster } = this.#options;
    const settings = this.#budget.thinned(this.#options.report);
    const timeUncertain = this.#clockWatch.state().quality === 'uncertain';
    const frames: Frame[] = [];
    for (const [id, driver] of drivers) {
      frames.push(...this.#reporters.get(id)!.frames(driver.read(), elapsedMs, { ...settings, timeUncertain }));
    }
    if (frames.length === 0) return;
    for (const frame of frames) forecaster?.observe(this.#trusted(frame));
    this.#send({ kind: 'frames', frames });
  }

  /** Gives the forecast the same value as control where the transformer meter is dead or reversed. */
  #trusted(frame: Frame): Frame {
    const power = this.#result?.image.elements.get(frame.device)?.activePowerKw;
    const lies = this.#result?.liars[TRANSFORMER] !== undefined;
    if (frame.device !== TRANSFORMER || !lies || power === null || power === undefined) return frame;
    const values = frame.values.map((each) => (each.metric === 'activePowerKw' ? { ...each, value: power } : each));
    return { ...frame, values };
  }

  #send(message: ToUplink): void {
    if (!this.#options.send(message)) this.#unsent++;
  }

  #event(kind: LoadstoneEvent['kind'], severity: LoadstoneEvent['severity'], more: EventSaid): LoadstoneEvent {
    return { time: Math.round(this.#options.clock.plant.now()), kind, severity, ...more };
  }
}
