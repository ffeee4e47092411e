import type { PlanBody, PlanView } from '../../../shared/contracts/plan.ts';
import type { Reads } from '../../../shared/contracts/reads.ts';
import type { RegionSubstation } from '../../../shared/contracts/region.ts';
import { staticShares } from '../../../shared/contracts/static-shares.ts';
import type { DocumentReport, HealthReport } from '../../../shared/contracts/report.ts';
import type { Fault, Outcome } from '../../../shared/outcome/outcome.ts';
import type { SigningKeys } from '../../../shared/pki/key-list.ts';
import type { Timer } from '../../../shared/time/clock.ts';
import { AskedDocuments } from './asked-documents.ts';
import { DispatchEvents } from './dispatch-events.ts';
import type { DocumentNumber, DocumentStore } from './document-store.ts';
import type { FaultyMeters } from '../../estimate/faulty-meters.ts';
import { turnByTurn } from '../../compute/side-by-side.ts';
import type { WorkPace } from '../../compute/work-pace.ts';
import { GatewaySettings } from './gateway-settings.ts';
import { NewestPlans } from './newest-plans.ts';
import { Outbox } from './outbox.ts';
import { PlanCrew } from './plan-crew.ts';
import type { PlanSteps } from './plan-steps.ts';
import type { Trigger } from './plan-queue.ts';
import { PlanWatch } from './plan-watch.ts';
import { unsentSays } from '../plan-fault.ts';
import { Planner, type PlannerOptions, type Round } from '../planner.ts';
import type { ModelSource, Report, Send } from '../problem/ports.ts';
import { OLDEST_PLAN_MS } from '../problem/step-time.ts';

export interface DispatchServiceOptions extends PlannerOptions {
  readonly store: DocumentStore;
  readonly keys: SigningKeys;
  readonly send: Send;
  /** What a gateway reads of documents, by its birth. */
  readonly reads: (gateway: string) => Reads;
  readonly models?: ModelSource | undefined;
  /** Seconds of plant time between looks at what plans rest on: in real time, and while plant time runs faster. */
  readonly everyS: number;
  readonly everyFastS: number;
  /** Most plans worked on at once; changes as job nodes come and go. */
  readonly mostPlansAtOnce: () => number;
  readonly report: Report;
  /** A gateway names a document number that this cloud cannot have assigned: LS-DOC-011. */
  readonly refused?: ((gateway: string, fault: Fault) => void) | undefined;
  /** Meters of a gateway that are known to be wrong, by device id. */
  readonly meters?: ((gateway: string) => FaultyMeters) | undefined;
  readonly onPlan?: ((plan: PlanBody) => void) | undefined;
  readonly onPace?: ((pace: WorkPace) => void) | undefined;
  readonly steps?: PlanSteps | undefined;
}

/** Events of one substation within this plant time become one plan. */
const DEBOUNCE_MS = 5_000;
/** Longest wait, after a gateway has come up, for reports on its devices: a plan made before counts on none of them. */
const FIRST_HEARD_MS = 5 * 60_000;
/** A substation without an estimate this long after the start is reported. */
const FIRST_ESTIMATE_MS = 15 * 60_000;
/** A gateway may accept a plan until the next one is due. */
const ACCEPT_MS = OLDEST_PLAN_MS + 15 * 60_000;
/** Gathers gateways that adopt their settings at about the same time. */
const RAISE_MS = 200;
const KEEP_MS = 14 * 86_400_000;
const FORGET_MS = 1000;

/** Plans each substation on schedule and on events, sends gateways their documents, and follows the reports on each document. */
export class DispatchService {
  /** Documents that others send: models, training, weather and commands. */
  readonly documents: AskedDocuments;
  readonly #options: DispatchServiceOptions;
  readonly #events: DispatchEvents;
  readonly #planner: Planner;
  readonly #watch: PlanWatch;
  readonly #outbox: Outbox;
  readonly #plans = new NewestPlans();
  readonly #settings: GatewaySettings;
  readonly #crew: PlanCrew;
  /** Requests before the start, by substation. */
  readonly #asked = new Map<string, Trigger>();
  readonly #debounce = new Map<string, Timer>();
  /** When the gateway of a substation last came up, plant time elapsed. */
  readonly #bornMs = new Map<string, number>();
  readonly #substations: ReadonlyMap<string, RegionSubstation>;
  readonly #byGateway: ReadonlyMap<string, RegionSubstation>;
  #timer: Timer | undefined;
  #raise: Timer | undefined;
  #forgetting: Timer | undefined;
  #running = false;
  #startedMs = Number.NEGATIVE_INFINITY;
  #pace: WorkPace | undefined;

  constructor(options: DispatchServiceOptions) {
    this.#options = options;
    this.#events = new DispatchEvents(options);
    this.#planner = new Planner({ ...options, granted: (gateway, asked) => this.#settings.within(gateway, asked) });
    this.#watch = new PlanWatch(this.#planner);
    this.#outbox = new Outbox({
      ...options,
      raised: (gateway, epoch) => this.#raised(gateway, epoch),
      stored: (document) => {
        this.#plans.stored(document);
        this.#settings.stored(document);
      },
      reported: (gateway, report) => {
        this.#plans.reported(gateway, report);
        if (report.type === 'plan') options.steps?.reported(gateway, report);
      },
    });
    const { clock, store, region, meters = () => ({}) } = options;
    const statics = staticShares(region);
    this.#settings = new GatewaySettings({
      clock,
      store,
      outbox: this.#outbox,
      meters,
      limits: region.limits,
      statics: new Map(region.substations.map(({ id, gateway }) => [gateway, statics.get(id)!])),
    });
    this.#crew = new PlanCrew({
      mostAtOnce: options.mostPlansAtOnce,
      work: ({ substation, trigger }) => this.#planOne(this.#substations.get(substation)!, trigger),
    });
    const { substations } = options.region;
    this.#substations = new Map(substations.map((one) => [one.id, one]));
    this.#byGateway = new Map(substations.map((one) => [one.gateway, one]));
    this.documents = new AskedDocuments({ ...options, outbox: this.#outbox, gateways: this.#byGateway });
  }

  /** Number of stops that have been sent and are not stored yet. */
  get waiting(): number {
    return this.#outbox.waiting;
  }

  /** Number of plans that are due and not begun. */
  get plansDue(): number {
    return this.#crew.waiting;
  }

  /** Stores those stops. Throws if the store does not take them. */
  settle(): Promise<void> {
    return this.#outbox.settle();
  }

  /** Loads the plans that were issued before. Needs an open store. */
  load(): Promise<void> {
    return this.#plans.load(this.#options.store, this.#byGateway.keys());
  }

  /** Needs an open store. Sends what is known of meters at once; the first plans are made at the next multiple of the period. */
  start(): void {
    this.#running = true;
    this.#startedMs = this.#options.clock.plant.elapsed();
    for (const gateway of this.#byGateway.keys()) this.onMeters(gateway);
    this.#lookedAt(this.#options.clock.plant.now());
    this.#schedule();
    for (const [substation, trigger] of this.#asked) this.request(substation, trigger);
    this.#asked.clear();
    // If the store fails now, each number is read with its gateway's health.
    void this.#outbox.learn(this.#byGateway.keys()).catch(() => undefined);
  }

  /** Ends after the plans under way; waiting ones are not begun. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#timer?.cancel();
    this.#raise?.cancel();
    this.#forgetting?.cancel();
    for (const timer of this.#debounce.values()) timer.cancel();
    this.#debounce.clear();
    await this.#crew.end();
  }

  /** Begins waiting plans when more can be worked on at once than before. */
  moreWorkers(): void {
    this.#crew.fill();
  }

  /** Requests a new plan; repeats within a few seconds become one. Requests before the start are taken up by it. */
  request(substation: string, trigger: Trigger): void {
    if (!this.#substations.has(substation) || this.#debounce.has(substation)) return;
    if (!this.#running) return void this.#asked.set(substation, trigger);
    const timer = this.#options.clock.plant.after(DEBOUNCE_MS, async () => {
      this.#debounce.delete(substation);
      await this.#crew.ask({ substation, trigger }, true);
    });
    this.#debounce.set(substation, timer);
  }

  /** `again`: the gateway repeats its births in a session because a message was lost. Nothing has moved, so it only gets what it lacks. */
  async onBorn(gateway: string, again = false): Promise<void> {
    await this.#outbox.born(gateway);
    const substation = this.#byGateway.get(gateway);
    if (substation === undefined || again) return;
    this.#bornMs.set(substation.id, this.#options.clock.plant.elapsed());
    const round = this.#planner.round();
    const { id } = substation;
    await this.#settings.tell(gateway, this.#planner.gridLimit(id, round), this.#planner.takes(id, round));
    this.request(substation.id, 'gateway-born');
  }

  async onHealth(gateway: string, health: HealthReport): Promise<void> {
    await this.#outbox.health(gateway, health);
    this.#follows(gateway, health.settings);
    if (health.awaitsGridLimit === true) await this.#settings.renewLimit(gateway);
  }

  /**
   * Notes the settings that a gateway follows. What it frees of the region's limit goes to gateways that were given less than requested.
   */
  #follows(gateway: string, number: DocumentNumber | undefined): void {
    if (!this.#settings.follows(gateway, number) || this.#raise !== undefined) return;
    this.#raise = this.#options.clock.machine.after(RAISE_MS, async () => {
      this.#raise = undefined;
      if (this.#running) await this.#settings.raise();
    });
  }

  /** What is known of a gateway's meters may have changed. Its guard acts on that, so it is sent without waiting for a plan. */
  onMeters(gateway: string): void {
    if (!this.#running || !this.#byGateway.has(gateway)) return;
    this.#options.clock.machine.after(0, async () => {
      if (this.#running) await this.#settings.tell(gateway);
    });
  }

  onDeviceLost(gateway: string): void {
    const substation = this.#byGateway.get(gateway);
    if (substation !== undefined) this.request(substation.id, 'device-lost');
  }

  onSpike(gateway: string): void {
    const substation = this.#byGateway.get(gateway);
    if (substation !== undefined) this.request(substation.id, 'spike');
  }

  /** A report on a plan, model, settings or command. False if its number was refused, so that it counts for nothing. */
  async onReport(gateway: string, report: DocumentReport): Promise<boolean> {
    const fresh = await this.#outbox.reported(gateway, report);
    if (fresh !== undefined) await this.#onReport(gateway, report, fresh);
    return fresh !== undefined;
  }

  async #onReport(gateway: string, report: DocumentReport, fresh: boolean): Promise<void> {
    if (fresh && report.stage === 'rejected' && report.code === 'LS-DOC-002')
      await this.#outbox.outranked(gateway, report);
    const substation = this.#byGateway.get(gateway);
    if (!fresh || substation === undefined) return;
    this.#watch.onReport(substation.id, report);
    if (report.type === 'settings' && report.stage === 'accepted') this.#follows(gateway, report);
    if (report.stage === 'assumption-failed') this.request(substation.id, 'assumption-failed');
    if (await this.documents.isAct(report)) this.request(substation.id, 'operator');
    if (report.stage === 'rejected' && report.code !== 'LS-DOC-002') this.#events.refused(gateway, report);
  }

  /** The newest plan of a substation, or of a feeder's substation, with its reports. */
  planFor(id: string): PlanView | undefined {
    const substation =
      this.#substations.get(id) ??
      this.#options.region.substations.find(({ network }) => network.feeders.some((feeder) => feeder.id === id));
    return substation === undefined ? undefined : this.#plans.of(substation.gateway);
  }

  /**
   * The plan of a substation in force at `time`: the newest on which its gateway had reported by then and which it had not refused.
   * Undefined once its gateway has dropped it, and if it has only envelopes. Plans are kept for two weeks.
   */
  async planInForce(substation: string, time: number): Promise<PlanBody | undefined> {
    const gateway = this.#substations.get(substation)?.gateway;
    if (gateway === undefined) return undefined;
    const { store } = this.#options;
    for (const { document } of await store.validAt('plan', gateway, time)) {
      const reports = await store.reports(document);
      const stages = reports.flatMap((report) => (report.time <= time ? [report.stage] : []));
      if (stages.length === 0 || stages.includes('rejected')) continue;
      if (stages.includes('assumption-failed') || stages.includes('expired') || document.type !== 'plan')
        return undefined;
      return document.body.status === 'envelopes-only' ? undefined : document.body;
    }
    return undefined;
  }

  #now(): number {
    return Math.round(this.#options.clock.plant.now());
  }

  #periodMs(): number {
    const { clock, everyS, everyFastS } = this.#options;
    return (clock.speed() > 1 ? everyFastS : everyS) * 1000;
  }

  /** All plans due at this plant time are made. */
  #lookedAt(plantTime: number): void {
    if (!this.#running) return;
    this.#pace = { plantTime, periodMs: this.#periodMs() };
    this.#options.onPace?.(this.#pace);
  }

  #schedule(): void {
    const { clock } = this.#options;
    if (!this.#running) return;
    const periodMs = this.#periodMs();
    this.#timer = clock.plant.after(periodMs - (clock.plant.now() % periodMs), async () => {
      const plantTime = clock.plant.now();
      // Schedules the next turn first: a plan that takes longer than the period delays its own substation only.
      this.#schedule();
      try {
        await this.#lookAtAll(periodMs);
      } finally {
        this.#lookedAt(plantTime);
      }
      await this.#forget();
    });
  }

  /** Looks at all substations at the same moment of the region; other work runs between two of them. */
  async #lookAtAll(periodMs: number): Promise<void> {
    const round = this.#planner.round();
    try {
      // Shares do not wait for plans: one grows only after others have confirmed smaller ones.
      await turnByTurn(this.#substations.values(), async ({ id, gateway }) => {
        if (this.#running) await this.#settings.tell(gateway, this.#planner.gridLimit(id, round));
      });
    } finally {
      await turnByTurn(this.#substations.values(), async (substation) => {
        if (this.#running) await this.#look(substation, { round, periodMs });
      });
    }
  }

  /** Plans a substation if something has moved, or if its plan would grow too old before the next look. */
  async #look(
    substation: RegionSubstation,
    { round, periodMs }: { readonly round: Round; readonly periodMs: number },
  ): Promise<void> {
    const trigger = await this.#watch.look(substation, { round, periodMs });
    if (this.#running && trigger !== undefined) await this.#crew.ask({ substation: substation.id, trigger }, false);
  }

  /** Prunes a bounded number of documents, and the next ones a moment later. */
  async #forget(): Promise<void> {
    const { store, clock } = this.#options;
    if (!this.#running || (await store.prune(this.#now() - KEEP_MS)) === 0) return;
    // Replaces the pending timer; otherwise each look would add one while there is more to prune.
    this.#forgetting?.cancel();
    this.#forgetting = clock.machine.after(FORGET_MS, () => this.#forget());
  }

  #raised(gateway: string, epoch: number): void {
    const substation = this.#byGateway.get(gateway)?.id;
    if (substation !== undefined) this.#watch.forget(substation);
    this.#events.epochRaised(gateway, epoch, substation);
  }

  async #planOne(substation: RegionSubstation, trigger: Trigger): Promise<void> {
    // Before the first estimate there is nothing to plan on; the gateway uses its default envelopes.
    const young = this.#options.clock.plant.elapsed() - this.#startedMs < FIRST_ESTIMATE_MS;
    const blind = young && this.#options.estimates.state(substation.id) === undefined;
    if (blind || this.#isUnheard(substation)) {
      this.request(substation.id, trigger);
      return;
    }
    const at = this.#now();
    const planned = await this.#planner.plan(substation, trigger);
    const now = this.#now();
    const { body, basis } = planned;
    const validUntil = body.horizon.start + body.horizon.stepsS.reduce((sum, seconds) => sum + seconds * 1000, 0);
    // Before the send, because the gateway may refuse the plan before the broker acknowledges it.
    this.#watch.made(substation.id, { plan: body, basis, at });
    const { steps } = this.#options;
    steps?.made(substation.gateway, body, at, now);
    let { fault } = planned;
    try {
      const issued = await this.#issue(substation, { now, validUntil, body });
      steps?.sent(substation.gateway, body, this.#now(), issued.ok ? undefined : issued.fault.code);
      if (issued.ok) this.#options.onPlan?.(body);
      else fault = unsentSays(substation.name, issued.fault);
    } finally {
      this.#events.planned(substation, { body, fault });
    }
    await this.#settings.tell(substation.gateway, planned.gridLimit);
    // No further than before, but at work.
    if (this.#pace !== undefined) this.#options.onPace?.(this.#pace);
  }

  /** A plan that does not get through is not continued: its gateway may hold it later, or never. */
  async #issue(
    { id, gateway }: RegionSubstation,
    { now, validUntil, body }: { readonly now: number; readonly validUntil: number; readonly body: PlanBody },
  ): Promise<Outcome<unknown>> {
    let isOut = false;
    try {
      const issued = await this.#outbox.issue<'plan'>({
        type: 'plan',
        version: 1,
        gateway,
        issuedAt: now,
        acceptUntil: Math.min(validUntil, now + ACCEPT_MS),
        validFrom: Math.min(now, body.horizon.start),
        validUntil,
        body,
      });
      isOut = issued.ok;
      return issued;
    } finally {
      if (!isOut) this.#watch.forget(id);
    }
  }

  /** Whether the gateway has just come up and has not yet reported on each planned device. */
  #isUnheard({ id, gateway, devices }: RegionSubstation): boolean {
    const { clock, devices: live } = this.#options;
    if (clock.plant.elapsed() - (this.#bornMs.get(id) ?? Number.NEGATIVE_INFINITY) > FIRST_HEARD_MS) return false;
    return devices.some(({ id: device, authority }) => {
      const link = authority === 'direct' || authority === 'limit' ? live.link(gateway, device) : 'up';
      return link === undefined || link === 'never';
    });
  }
}
