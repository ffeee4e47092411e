import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { HandedControl } from '../../shared/contracts/shift.ts';
import type { EventView } from '../../shared/contracts/view.ts';
import type { Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import { topicFor, topicTable } from '../../shared/topics/topics.ts';
import { PredictionWatch } from '../alarms/prediction-watch.ts';
import { AlarmService } from '../alarms/alarm-service.ts';
import { controlOf } from '../api/views/control-view.ts';
import { newsOf } from './is-news.ts';
import { brokerAlarm, failure, givenUpAlarm, nodesAlarm } from './owner-events.ts';
import type { Notice } from '../read-model/notice.ts';
import { Desk } from '../desk/desk.ts';
import { IncidentBook } from '../incidents/incident-book.ts';
import { InterventionBook } from '../desk/intervention-book.ts';
import { DispatchService } from '../plan/send/dispatch-service.ts';
import { heldIn } from '../plan/problem/held.ts';
import { tariffOf } from '../plan/problem/prices.ts';
import { EstimateService } from '../estimate/estimate-service.ts';
import { ForecastService } from '../forecast/serve/forecast-service.ts';
import { GatewayWeather } from '../forecast/serve/gateway-weather.ts';
import { checkExport } from '../forecast/serve/model-trainer.ts';
import { targetsOf } from '../forecast/serve/telemetry-load-source.ts';
import { DeviceLosses } from '../gateways/device-losses.ts';
import { GatewayBook } from '../gateways/gateway-book.ts';
import { GatewayLosses } from '../gateways/gateway-losses.ts';
import { GuardWatch } from '../gateways/guard-watch.ts';
import { NumberWatch } from '../gateways/number-watch.ts';
import { UnheardGateways } from '../gateways/unheard-gateways.ts';
import { Ingest } from '../ingest/ingest.ts';
import { FederatedLearning } from '../forecast/registry/federated/federated-learning.ts';
import { rolloutWiring } from '../forecast/serve/rollout-wiring.ts';
import { loadsOf, type Loads } from '../planner/inputs/loads.ts';
import { Pruner } from '../retention/pruner.ts';
import { ShiftBook } from '../shift/shift-book.ts';
import { Scheduler } from '../schedule/scheduler.ts';
import { LiveState } from '../telemetry/live.ts';
import { highestMean } from '../telemetry/highest-mean.ts';
import { movesBetween } from '../telemetry/moves.ts';
import { FrameTrace } from '../tracing/frame-trace.ts';
import { PlanTrace } from '../tracing/plan-trace.ts';
import { ingestHandlers, type Announcer } from './ingest-handlers.ts';
import type { OwnerParts } from './owner-parts.ts';
import { sentFindings } from '../plan/send/gateway-settings.ts';
import { faultyMeters } from '../estimate/faulty-meters.ts';
import { isStoreAway } from '../telemetry/store-away.ts';

const SETTLE_MS = 5000;

/** The cloud tier: stores what gateways send, accounts for it, estimates, forecasts, optimises and sends plans down. */
export class OwnerRole {
  readonly live = new LiveState();
  readonly gateways = new GatewayBook();
  readonly alarms: AlarmService;
  readonly losses: DeviceLosses;
  readonly lost: GatewayLosses;
  readonly estimates: EstimateService;
  readonly loads: Loads;
  readonly forecasts: ForecastService;
  readonly dispatch: DispatchService;
  readonly federated: FederatedLearning;
  readonly #weather: GatewayWeather;
  readonly desk: Desk;
  readonly #interventions: InterventionBook;
  readonly #incidents: IncidentBook;
  readonly shift: ShiftBook;
  readonly ingest: Ingest;
  readonly scheduler: Scheduler;
  readonly #parts: OwnerParts;
  readonly #listeners = new Set<(notice: Notice) => void>();
  readonly #numbers: NumberWatch;
  readonly #unheard: UnheardGateways;
  readonly #predictions: PredictionWatch;
  readonly #announce: Announcer = {
    event: (source, event) => this.#parts.events.append(source, [{ event }], this.#parts.clock.plant.now()),
    notice: (notice) => this.#listeners.forEach((listener) => listener(notice)),
  };
  readonly #pruner: Pruner;
  readonly #isNodesNews = newsOf(() => this.#stands('cloud', 'LS-NODE-004'));
  readonly #isGivenUpNews = newsOf(() => this.#stands('cloud', 'LS-NODE-005'));
  /** Retries events that the store has refused. */
  #settling: Timer | undefined;

  constructor(parts: OwnerParts) {
    this.#parts = parts;
    this.#pruner = new Pruner(parts.prunes, parts.clock, parts.lastRuns);
    const { region, clock, store, config } = parts;
    this.alarms = new AlarmService({
      region,
      clock,
      rules: parts.alarmRules,
      store: parts.alarms,
      past: (query) => parts.events.list(query),
      onChange: (alarm) => {
        this.#incidents.alarm(alarm);
        this.shift.alarm(alarm);
      },
      report: (event) => this.#announce.event('cloud', event),
    });
    this.#numbers = new NumberWatch({ clock, report: (gateway, event) => this.#announce.event(gateway, event) });
    this.estimates = new EstimateService({
      region,
      clock,
      store,
      live: this.live,
      compute: parts.estimating,
      everyS: config.estimate.everyS,
      onPace: (pace) => parts.onPace?.('estimates', pace),
      askedSpeed: parts.askedSpeed,
      sentFindings: (gateway) => sentFindings(parts.documents, gateway),
      onEvent: (gateway, event) => this.#announce.event(gateway, event),
      onFindings: (gateway) => this.dispatch.onMeters(gateway),
    });
    this.loads = loadsOf({
      ...parts,
      findings: (substation) => this.estimates.findings(substation),
      findingsOfGateway: (gateway) => this.estimates.findingsOfGateway(gateway),
    });
    this.forecasts = this.#makeForecasts();
    this.dispatch = this.#makeDispatch();
    this.federated = this.#makeFederated();
    this.#weather = new GatewayWeather({
      clock,
      weather: parts.weather,
      substations: region.substations,
      held: (gateway) => this.ingest.reads(gateway).weatherAt,
      isUp: (gateway) => this.gateways.link(gateway).state === 'up',
      sentAt: (gateway) => this.dispatch.documents.weatherSentAt(gateway),
      send: (gateway, body) => this.dispatch.documents.sendWeather(gateway, body),
      again: (gateway) => this.dispatch.documents.resendWeather(gateway),
    });
    this.desk = this.#makeDesk();
    this.#predictions = new PredictionWatch({
      region,
      plant: clock.plant,
      rules: parts.alarmRules,
      forecast: (target) => this.forecasts.newest(target),
      plan: (substation) => this.dispatch.planFor(substation)?.plan,
      report: (gateway, event) => this.#announce.event(gateway, event),
    });
    this.#interventions = new InterventionBook({
      region,
      now: () => clock.plant.now(),
      store: parts.interventions,
      live: (gateway, device, metric) => this.live.get(gateway, device, metric),
      override: (gateway, device) => this.desk.overrideOf(gateway, device),
      stopper: (gateway, device) => this.desk.acts.stopper(gateway, device),
    });
    this.#incidents = new IncidentBook({
      region,
      clock,
      store: parts.incidents,
      live: (gateway, device, metric) => this.live.get(gateway, device, metric),
      isReversed: (gateway, meter) => this.estimates.isReversed(gateway, meter),
      isActive: (alarm) => this.alarms.isActive(alarm),
      onChange: (data) => {
        this.shift.incident(data);
        this.#announce.notice({ kind: 'incident', data });
      },
    });
    this.shift = new ShiftBook({
      clock,
      store: parts.shift,
      alarms: (states) => this.alarms.list(states),
      control: () => this.#heldBack(),
      incidents: async () => (await parts.incidents.load(Number.MAX_SAFE_INTEGER)).recent.map(({ view }) => view),
    });
    this.losses = new DeviceLosses({
      region,
      plant: clock.plant,
      onLost: (gateway) => this.dispatch.onDeviceLost(gateway),
    });
    this.lost = new GatewayLosses({
      plant: clock.plant,
      report: (gateway, event) => this.#announce.event(gateway, event),
      isLost: (gateway) => this.#stands(gateway, 'LS-GATEWAY-001'),
    });
    const handlers = ingestHandlers({
      clock,
      region,
      live: this.live,
      gateways: this.gateways,
      losses: this.losses,
      lost: this.lost,
      guards: new GuardWatch(),
      numbers: this.#numbers,
      dispatch: this.dispatch,
      estimates: this.estimates,
      forecasts: this.forecasts,
      federated: this.federated,
      weather: this.#weather,
      desk: this.desk,
      interventions: this.#interventions,
      incidents: this.#incidents,
      announce: this.#announce,
      onStore: (fault) => parts.onStore?.(fault),
    });
    this.#unheard = new UnheardGateways({
      plant: clock.plant,
      gateways: this.gateways,
      onLost: (gateway) => handlers.onDeath?.(gateway, undefined, clock.plant.now()),
    });
    this.ingest = new Ingest({
      link: parts.link,
      store,
      ledger: parts.ledger,
      births: parts.births,
      events: parts.events,
      clock,
      group: config.uplink.group === '' ? region.id : config.uplink.group,
      hostId: config.uplink.hostId,
      heartbeatS: config.uplink.heartbeatS,
      reorderS: config.uplink.reorderS,
      epoch: (gateway) => parts.documents.epoch(gateway),
      keys: parts.keys,
      handlers,
      watch: parts.tellSpan && new FrameTrace(parts.tellSpan, clock),
    });
    this.scheduler = new Scheduler({
      plant: clock.plant,
      runs: parts.lastRuns,
      jobs: [
        { name: 'retrain', rule: config.models.retrain, run: () => this.train() },
        { name: 'federated', rule: config.models.retrain, run: () => this.federated.begin('the schedule') },
      ],
      onFailure: (job, error) => this.#announce.event('cloud', failure(clock.plant.now(), job, error)),
    });
  }

  /** Stores must be open and the broker must listen. Meters are judged by history before the first value is accepted. */
  async start(): Promise<void> {
    const { clock, events } = this.#parts;
    events.listen((event) => this.#noted(event));
    this.#settling = every(clock.machine, SETTLE_MS, () => events.settle());
    await this.dispatch.load();
    this.shift.start();
    await this.alarms.start();
    await this.desk.start();
    await this.#interventions.start();
    await this.#incidents.start();
    await this.estimates.start();
    await this.forecasts.start();
    // Ingest does not wait for the first forecasts, which take a while with many substations.
    await this.ingest.start();
    this.lost.start(this.ingest.gateways());
    if (this.forecasts.newest(`region:${this.#parts.region.id}`) === undefined)
      await this.forecasts.issueAll().catch(unlessStoreIsAway);
    this.dispatch.start();
    await this.federated.start();
    this.#weather.start();
    this.#pruner.start();
    this.#announce.event('cloud', {
      time: clock.plant.now(),
      kind: 'event',
      severity: 'info',
      code: 'cloud.started',
      text: 'The cloud has started.',
    });
  }

  /** Ends long rounds at their next step; call it first, because the parts that stop before them share machine and store with them. */
  halt(): void {
    this.forecasts.halt();
  }

  /** Work in progress is finished. Nothing more is accepted from gateways; they resend it after the next start. */
  async stop(): Promise<void> {
    // Every part stops, even if an earlier one throws: a leftover timer would keep a process alive that has lost its state.
    await using ending = new AsyncDisposableStack();
    ending.defer(() => this.#settling?.cancel());
    ending.defer(() => this.shift.stop());
    ending.defer(() => this.alarms.stop());
    ending.defer(() => this.#incidents.stop());
    ending.defer(() => this.forecasts.stop());
    ending.defer(() => this.dispatch.stop());
    ending.defer(() => this.federated.stop());
    ending.defer(() => this.#weather.stop());
    ending.defer(() => this.ingest.stop());
    ending.defer(() => this.#pruner.stop());
    for (const each of [this.losses, this.lost, this.#unheard, this.estimates]) ending.defer(() => each.stop());
  }

  /** Records an event of the cloud's own. */
  tell(event: LoadstoneEvent): void {
    this.#announce.event('cloud', event);
  }

  /** True if an alarm stands by its last event, including one that still waits for the store. */
  #stands(source: string, code: string): boolean {
    return this.#parts.events.lastWord(source, code) ?? this.alarms.holds(source, code);
  }

  /** An external broker does not answer (the reason), or does again (null). */
  brokerIs(why: string | null): void {
    const isBack = why === null && this.#stands('cloud', 'LS-BROKER-004');
    if (why === null && !isBack) return;
    this.#announce.event('cloud', brokerAlarm(why, this.#parts.clock.plant.now()));
    if (isBack) this.#unheard.look();
  }

  /** Raises or clears the alarm that no job node is connected, or confirms that of an earlier process. */
  jobNodesMissing(isAlone: boolean): void {
    if (this.#isNodesNews(isAlone)) this.tell(nodesAlarm(isAlone, this.#parts.clock.plant.now()));
  }

  /** Raises or clears the alarm that work was given up, or confirms that of an earlier process. */
  workGivenUp(isAny: boolean): void {
    if (this.#isGivenUpNews(isAny)) this.tell(givenUpAlarm(isAny, this.#parts.clock.plant.now()));
  }

  /** Trains every model with enough history. Each is used once it beats the naive forecast. */
  async train(): Promise<void> {
    await this.forecasts.train();
  }

  /** True until the first model has been trained. */
  async isUntrained(): Promise<boolean> {
    return (await this.#parts.models.list()).length === 0;
  }

  subscribe(listener: (notice: Notice) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #makeForecasts(): ForecastService {
    const { region, clock, config, training, inference, models, forecasts, weather } = this.#parts;
    return new ForecastService({
      clock,
      targets: targetsOf(region),
      load: this.loads.learned,
      weather,
      compute: training,
      inference,
      registry: models,
      store: forecasts,
      everyS: config.forecast.everyS,
      workers: config.forecast.workers,
      onIssued: ({ target, id }) => {
        this.#announce.notice({ kind: 'forecast', data: { target, id } });
        this.#predictions.look(target.replace('substation:', ''));
      },
      onTrained: (progress) => this.#parts.onTrained?.(progress),
      members: config.models.members,
      rollout: rolloutWiring({
        settings: config.models,
        now: () => clock.machine.now(),
        promotions: models,
        gatewayOf: (substation) => this.#gatewayOf(substation),
        takesTemperature: (gateway) => this.ingest.reads(gateway).weatherAt !== undefined,
        health: (gateway) => this.gateways.health(gateway)?.report,
        desired: (target) => this.forecasts.rollout.desired(target, 'gateway'),
        sendModels: (gateway, answering, beside) => this.dispatch.documents.sendModels(gateway, answering, beside),
        report: (source, event) => this.#announce.event(source, event),
        changed: (data) => this.#announce.notice({ kind: 'model', data }),
      }),
    });
  }

  #makeDispatch(): DispatchService {
    const { region, clock, config, documents, keys, optimising, models, link, store, tellSpan } = this.#parts;
    return new DispatchService({
      region,
      clock,
      askedSpeed: this.#parts.askedSpeed,
      estimates: this.estimates,
      forecasts: this.forecasts,
      devices: {
        latest: (gateway, device, metric) => this.live.get(gateway, device, metric),
        link: (gateway, device) =>
          this.gateways.health(gateway)?.report.devices.find((each) => each.device === device)?.link,
        held: (gateway, device) =>
          heldIn(this.gateways.health(gateway)?.report, device, () => this.desk.overrideOf(gateway, device)?.expiresAt),
        sessions: (gateway, device) => this.gateways.sessions(gateway, device),
        moves: (gateway, device, metric, since) =>
          movesBetween(store, { gateway, device, metric }, { since, until: clock.plant.now() }),
        highestMean: (gateway, device, metric, over) =>
          highestMean(store, { gateway, device, metric }, { ...over, until: clock.plant.now() }),
      },
      compute: optimising,
      store: documents,
      keys,
      send: async (gateway, topic, payload) => {
        const { qos, retain } = topicTable[topic];
        await link.publish(topicFor(topic, gateway), payload, { qos, retain });
      },
      reads: (gateway) => this.ingest.reads(gateway),
      models,
      tariff: tariffOf(region.profile, config.dispatch.weights, this.#parts.co2),
      everyS: config.dispatch.everyS,
      everyFastS: config.dispatch.everyFastS,
      mostPlansAtOnce: this.#parts.planWorkers ?? (() => config.dispatch.workers),
      stepsS: this.#parts.planStepsS,
      meters: (gateway) => faultyMeters(this.estimates.findingsOfGateway(gateway)),
      report: (event) => this.#announce.event(this.#gatewayOf(event.subject), event),
      refused: (gateway, fault) => this.#numbers.refused(gateway, fault.detail),
      onPace: (pace) => this.#parts.onPace?.('plans', pace),
      onGivenUp: (substation, why) => this.#parts.onGivenUp?.(substation, why),
      steps: tellSpan && new PlanTrace(tellSpan, (target) => this.forecasts.newest(target)),
      onPlan: ({ substation, id, trigger }) => {
        this.#announce.notice({ kind: 'plan', data: { substation, id } });
        this.#incidents.planned(substation, { id, trigger });
        this.#predictions.look(substation);
      },
    });
  }

  #makeFederated(): FederatedLearning {
    const { region, clock, config, models, inference, link } = this.#parts;
    return new FederatedLearning({
      settings: config.models.federated,
      substations: region.substations,
      clock,
      registry: models,
      rollout: () => this.forecasts.rollout,
      check: ({ manifest, bytes }) => checkExport(manifest, bytes, inference),
      sendTask: (gateway, task) => this.dispatch.documents.sendTraining(gateway, task),
      askChunk: async (gateway, sha256) => {
        const payload = new TextEncoder().encode(JSON.stringify({ sha256, index: 0 }));
        await link.publish(topicFor('trainingRequest', gateway), payload, { qos: 1 });
      },
      report: (source, event) => this.#announce.event(source, event),
    });
  }

  #makeDesk(): Desk {
    const { region, clock, desk } = this.#parts;
    return new Desk({
      region,
      clock,
      store: desk,
      send: (gateway, body) => this.dispatch.documents.sendCommand(gateway, body),
      stagesOf: (id) => this.dispatch.documents.wayOf(id),
      estimate: (substation) => this.estimates.state(substation),
      live: (gateway, device, metric) => this.live.get(gateway, device, metric),
      link: (gateway) => this.gateways.link(gateway),
      health: (gateway) => this.gateways.health(gateway),
      onCommand: (view) => {
        this.#incidents.acted(view);
        this.shift.command(view);
        this.#announce.notice({ kind: 'command', data: view });
      },
    });
  }

  #noted(event: EventView): void {
    this.alarms.take(event);
    this.#incidents.event(event);
    this.#announce.notice({ kind: 'event', data: this.alarms.shown(event) });
  }

  /** What is not left to the plan, by substation. */
  #heldBack(): HandedControl[] {
    const sources = {
      health: (gateway: string) => this.gateways.health(gateway),
      overrides: () => this.desk.overrides(),
      plantNow: () => this.#parts.clock.plant.now(),
    };
    return this.#parts.region.substations.flatMap((substation) =>
      controlOf(substation, sources).map((each) => ({ ...each, substation: substation.id })),
    );
  }

  #gatewayOf(substation: string | undefined): string {
    return this.#parts.region.substations.find(({ id }) => id === substation)?.gateway ?? 'cloud';
  }
}

/** Gateways and people are served even without the telemetry store; what needs it starts once it is back. */
function unlessStoreIsAway(error: unknown): void {
  if (!isStoreAway(error)) throw error;
}
