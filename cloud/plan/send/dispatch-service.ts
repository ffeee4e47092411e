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
import { OLDEST_MS, PlanWatch } from './plan-watch.ts';
import { Planner, type PlannerOptions, type Round } from '../planner.ts';
import type { ModelSource, Report, Send } from '../problem/ports.ts';

export interface DispatchServiceOptions extends PlannerOptions {
  readonly store: DocumentStore;
  readonly keys: SigningKeys;
  readonly send: Send;
  /** What a gateway reads of documents, as its birth says. */
  readonly reads: (gateway: string) => Reads;
  readonly models?: ModelSource | undefined;
  /** Seconds of plant time between looks at what plans rest on, and the same while plant time runs faster than real time. */
  readonly everyS: number;
  readonly everyFastS: number;
  /** So many plans are worked on at once; job nodes that come and go change it. */
  readonly mostPlansAtOnce: () => number;
  readonly report: Report;
  /** A gateway names a document's number that this cloud cannot have given: LS-DOC-011. */
  readonly refused?: ((gateway: string, fault: Fault) => void) | undefined;
  /** Meters of a gateway that are known to lie, by device id. */
  readonly meters?: ((gateway: string) => FaultyMeters) | undefined;
  readonly onPlan?: ((plan: PlanBody) => void) | undefined;
  readonly onPace?: ((pace: WorkPace) => void) | undefined;
  readonly steps?: PlanSteps | undefined;
}

/** Events of one substation within this plant time become one plan. */
const DEBOUNCE_MS = 5_000;
/** A gateway that has come up is waited for at most so long until it has told of its devices: a plan made before counts on none of them. */
const FIRST_HEARD_MS = 5 * 60_000;
/** A substation without an estimate this long after the start is reported. */
const FIRST_ESTIMATE_MS = 15 * 60_000;
/** A gateway may take a plan until the next one is there. */
const ACCEPT_MS = OLDEST_MS + 15 * 60_000;
/** Gateways that take their settings at about the same time are waited for. */
const RAISE_MS = 200;
const KEEP_MS = 14 * 86_400_000;
const FORGET_MS = 1000;

/** Plans each substation on schedule and on events, sends what gateways are to hold, and knows the way of each document. */
export class DispatchService {
  /** What others have sent: models, training and commands. */
  readonly documents: AskedDocuments;
  readonly #options: DispatchServiceOptions;
  readonly #events: DispatchEvents;
  readonly #planner: Planner;
  readonly #watch: PlanWatch;
  readonly #outbox: Outbox;
  readonly #plans = new NewestPlans();
  readonly #settings: GatewaySettings;
  readonly #crew: PlanCrew;
  /** Before the start, by substation. */
  readonly #asked = new Map<string, Trigger>();
  readonly #debounce = new Map<string, Timer>();
  /** When the gateway of a substation came up last, plant time elapsed. */
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
    this.#planner = new Planner(options);
    this.#watch = new PlanWatch(this.#planner);
    this.#outbox = new Outbox({
      ...options,
      raised: (gateway, epoch) => this.#raised(gateway, epoch),
      kept: (document) => {
        this.#plans.kept(document);
        this.#settings.kept(document);
      },
      told: (gateway, report) => {
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

  /** How many stops have gone out and are not kept yet. */
  get waiting(): number {
    return this.#outbox.waiting;
  }

  /** Keeps those stops, if the store takes them now. Throws where it does not. */
  settle(): Promise<void> {
    return this.#outbox.settle();
  }

  /** The store is open: takes up the plans that were issued before. */
  load(): Promise<void> {
    return this.#plans.load(this.#options.store, this.#byGateway.keys());
  }

  /** The store is open. What is known of meters is told at once; the first plans are made at the next multiple of the period. */
  start(): void {
    this.#running = true;
    this.#startedMs = this.#options.clock.plant.elapsed();
    for (const gateway of this.#byGateway.keys()) this.onMeters(gateway);
    this.#lookedAt(this.#options.clock.plant.now());
    this.#schedule();
    for (const [substation, trigger] of this.#asked) this.request(substation, trigger);
    this.#asked.clear();
    // Of a store that fails now each is read with its gateway's health.
    void this.#outbox.learn(this.#byGateway.keys()).catch(() => undefined);
  }

  /** Ends after the plans that are worked on; what waits for its turn is not begun. */
  async stop(): Promise<void> {
    this.#running = false;
    this.#timer?.cancel();
    this.#raise?.cancel();
    this.#forgetting?.cancel();
    for (const timer of this.#debounce.values()) timer.cancel();
    this.#debounce.clear();
    await this.#crew.end();
  }

  /** Plans that wait are begun where more can be worked on at once than before. */
  moreWorkers(): void {
    this.#crew.fill();
  }

  /** Asks for a new plan; repeats within a few seconds become one. What is asked for before the start is begun then. */
  request(substation: string, trigger: Trigger): void {
    if (!this.#substations.has(substation) || this.#debounce.has(substation)) return;
    if (!this.#running) return void this.#asked.set(substation, trigger);
    const timer = this.#options.clock.plant.after(DEBOUNCE_MS, async () => {
      this.#debounce.delete(substation);
      await this.#crew.ask({ substation, trigger }, true);
    });
    this.#debounce.set(substation, timer);
  }

  /** `again`: it repeats its births in a session because a message was lost. Nothing has moved, so it is only sent what it lacks. */
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

  /** The settings that a gateway holds. What others hold less of the region's limit is given to those that were given less. */
  #follows(gateway: string, number: DocumentNumber | undefined): void {
    if (!this.#settings.follows(gateway, number) || this.#raise !== undefined) return;
    this.#raise = this.#options.clock.machine.after(RAISE_MS, async () => {
      this.#raise = undefined;
      if (this.#running) await this.#settings.raise();
    });
  }

  /** What is known of a gateway's meters may have changed: its guard acts by them, so it is told without waiting for a plan. */
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

  /** A report on a plan, model, settings or command. False where its number was refused: then it tells nothing. */
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

  /** The newest plan of a substation or of the substation of a feeder, with its way. */
  planFor(id: string): PlanView | undefined {
    const substation =
      this.#substations.get(id) ??
      this.#options.region.substations.find(({ network }) => network.feeders.some((feeder) => feeder.id === id));
    return substation === undefined ? undefined : this.#plans.of(substation.gateway);
  }

  /**
   * The plan of a substation in force at `time`: the newest that had left and that its gateway had not refused. None is in force
   * once its gateway has let it go, nor where there are only envelopes. Plans are kept for two weeks.
   */
  async planInForce(substation: string, time: number): Promise<PlanBody | undefined> {
    const gateway = this.#substations.get(substation)?.gateway;
    if (gateway === undefined) return undefined;
    const { store } = this.#options;
    for (const { document } of await store.validAt('plan', gateway, time)) {
      const way = await store.reports(document);
      const stages = way.flatMap((report) => (report.time <= time ? [report.stage] : []));
      if (stages.includes('rejected')) continue;
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

  /** The plans that were asked for at this plant time are made. */
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
      // First the next turn, then this one: a plan that takes longer than the period holds up its own substation only.
      this.#schedule();
      try {
        await this.#lookAtAll(periodMs);
      } finally {
        this.#lookedAt(plantTime);
      }
      await this.#forget();
    });
  }

  /** All at the same moment of the region; what else waits goes between two of them. */
  async #lookAtAll(periodMs: number): Promise<void> {
    const round = this.#planner.round();
    try {
      // Shares wait for no plan: one grows only after others have said that they follow less.
      await turnByTurn(this.#substations.values(), async ({ id, gateway }) => {
        if (this.#running) await this.#settings.tell(gateway, this.#planner.gridLimit(id, round));
      });
    } finally {
      await turnByTurn(this.#substations.values(), async (substation) => {
        if (this.#running) await this.#look(substation, { round, periodMs });
      });
    }
  }

  /** Plans a substation where something has moved, or its plan would grow too old until the next look. */
  async #look(
    substation: RegionSubstation,
    { round, periodMs }: { readonly round: Round; readonly periodMs: number },
  ): Promise<void> {
    const trigger = await this.#watch.look(substation, { round, periodMs });
    if (this.#running && trigger !== undefined) await this.#crew.ask({ substation: substation.id, trigger }, false);
  }

  /** A bounded number at once, and the next ones a moment later. */
  async #forget(): Promise<void> {
    const { store, clock } = this.#options;
    if (!this.#running || (await store.prune(this.#now() - KEEP_MS)) === 0) return;
    // In the place of the one that waits: where there is always more, each look would add another.
    this.#forgetting?.cancel();
    this.#forgetting = clock.machine.after(FORGET_MS, () => this.#forget());
  }

  #raised(gateway: string, epoch: number): void {
    const substation = this.#byGateway.get(gateway)?.id;
    if (substation !== undefined) this.#watch.forget(substation);
    this.#events.epochRaised(gateway, epoch, substation);
  }

  async #planOne(substation: RegionSubstation, trigger: Trigger): Promise<void> {
    // Before the first estimate there is nothing to plan on. The gateway uses its default envelopes.
    const young = this.#options.clock.plant.elapsed() - this.#startedMs < FIRST_ESTIMATE_MS;
    const blind = young && this.#options.estimates.state(substation.id) === undefined;
    if (blind || this.#isUnheard(substation)) {
      this.request(substation.id, trigger);
      return;
    }
    const at = this.#now();
    const planned = await this.#planner.plan(substation, trigger);
    this.#events.planned(substation, planned);
    const now = this.#now();
    const { body, basis } = planned;
    const validUntil = body.horizon.start + body.horizon.stepsS.reduce((sum, seconds) => sum + seconds * 1000, 0);
    // Before it goes: its gateway may refuse it sooner than the broker tells that it is there.
    this.#watch.made(substation.id, { plan: body, basis, at });
    const { steps } = this.#options;
    steps?.made(substation.gateway, body, at, now);
    const issued = await this.#issue(substation, { now, validUntil, body });
    steps?.sent(substation.gateway, body, this.#now(), issued.ok ? undefined : issued.fault.code);
    if (issued.ok) this.#options.onPlan?.(body);
    else this.#events.notSent(substation, issued.fault);
    await this.#settings.tell(substation.gateway, planned.gridLimit);
    // No further than before, and at work.
    if (this.#pace !== undefined) this.#options.onPace?.(this.#pace);
  }

  /** What does not get through is none to go on with: its gateway may come to hold it later, or never. */
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

  /** Its gateway has come up a moment ago, and has not told of each device that is planned yet. */
  #isUnheard({ id, gateway, devices }: RegionSubstation): boolean {
    const { clock, devices: told } = this.#options;
    if (clock.plant.elapsed() - (this.#bornMs.get(id) ?? Number.NEGATIVE_INFINITY) > FIRST_HEARD_MS) return false;
    return devices.some(({ id: device, authority }) => {
      const link = authority === 'direct' || authority === 'limit' ? told.link(gateway, device) : 'up';
      return link === undefined || link === 'never';
    });
  }
}
