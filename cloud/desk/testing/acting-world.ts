import { oneKey } from '../../../shared/pki/key-list.ts';
import { THIS_READS } from '../../../shared/contracts/reads.ts';
import { documentText } from '../../../shared/codec/packed-document.ts';
import { generateSigningKey, verifyDocument } from '../../../shared/codec/signed-document.ts';
import type { CommandView } from '../../../shared/contracts/command.ts';
import type { Region } from '../../../shared/contracts/region.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import type { Notice } from '../../read-model/notice.ts';
import type { FixtureOverrides } from '../../api/testing/api-fixture.ts';
import { DeviceIndex } from '../../api/views/device-index.ts';
import { feederView } from '../../api/views/feeder-view.ts';
import { gatewayViews, linkViews } from '../../api/views/gateway-view.ts';
import { regionView } from '../../api/views/region-view.ts';
import type { ViewSources } from '../../api/views/sources.ts';
import type { Heard } from '../../gateways/gateway-book.ts';
import { SqliteDocumentStore } from '../../plan/send/sqlite-document-store.ts';
import { Outbox } from '../../plan/send/outbox.ts';
import { testEstimate } from '../../plan/testing/fixture.ts';
import { Desk } from '../desk.ts';
import { SqliteDeskStore } from '../sqlite-desk-store.ts';
import { InterventionBook } from '../intervention-book.ts';
import { SqliteInterventionStore } from '../sqlite-intervention-store.ts';
import { ScriptedGateway } from './scripted-gateway.ts';

const { privateKey, publicKey } = await generateSigningKey();

/** A desk, its store, signed documents and gateways that answer; only the wire between them is replaced. */
export class ActingWorld {
  readonly desk: Desk;
  readonly outbox: Outbox;
  readonly store: SqliteDeskStore;
  readonly documents: SqliteDocumentStore;
  readonly gateways: ReadonlyMap<string, ScriptedGateway>;
  readonly sources: ViewSources;
  readonly devices: DeviceIndex;
  readonly interventions: SqliteInterventionStore;
  book: InterventionBook;
  readonly notified: CommandView[] = [];
  /** The last reports of silent gateways. */
  readonly silent = new Map<string, Heard>();
  readonly #listeners = new Set<(notice: Notice) => void>();
  readonly #watchers = new Set<(view: CommandView) => void>();

  constructor(region: Region, clock: Clock) {
    this.store = new SqliteDeskStore(':memory:');
    this.store.open();
    this.documents = new SqliteDocumentStore(':memory:');
    this.documents.open();
    const now = (): number => Math.round(clock.plant.now());
    const started = now();
    const outbox = (this.outbox = new Outbox({
      clock,
      store: this.documents,
      keys: oneKey(privateKey),
      reads: () => THIS_READS,
      send: async (gateway, _topic, payload) => {
        const document = await verifyDocument(documentText(payload), [publicKey]);
        if (document.ok && document.value.type === 'command') this.gateways.get(gateway)?.take(document.value);
      },
    }));
    this.gateways = new Map(
      region.substations.map((substation) => [
        substation.gateway,
        new ScriptedGateway({
          substation,
          clock,
          report: async (report) => {
            this.desk.heard(substation.gateway, report);
            if (await outbox.reported(substation.gateway, report)) await this.desk.onReport(report);
          },
        }),
      ]),
    );
    const gateway = (id: string): ScriptedGateway => this.gateways.get(id)!;
    const sample = (value: number) => ({ value, quality: 'good', origin: 'measured', time: now() }) as const;
    this.sources = {
      region,
      plantNow: now,
      clock: () => ({ speed: clock.speed(), speedReached: clock.speed(), simulated: true }),
      live: (id, device, metric) => {
        const power = gateway(id).powers.get(device);
        if (metric === 'activePowerKw' && power !== undefined) return sample(power);
        if (metric === 'availableKw') return sample(800);
        return metric === 'socPct' ? sample(60) : undefined;
      },
      estimate: (id) =>
        testEstimate(
          region.substations.find((each) => each.id === id)!,
          now(),
        ),
      findings: () => [],
      link: (id) => ({ state: gateway(id).link, since: started, lastFrame: now() }),
      health: (id) =>
        this.silent.get(id) ?? { report: gateway(id).health(), receivedAt: now(), heardMs: clock.machine.elapsed() },
      forecast: () => undefined,
      plan: () => undefined,
      overrides: () => this.desk.overrides(),
      activeAlarms: () => 0,
      ledger: () => ({ storedFrames: 0, missingFrames: 0, refusedFrames: 0 }),
    };
    this.desk = new Desk({
      region,
      clock,
      store: this.store,
      send: (id, body) =>
        outbox.command({
          type: 'command',
          version: 1,
          gateway: id,
          issuedAt: now(),
          acceptUntil: body.expiresAt,
          validFrom: now(),
          validUntil: body.expiresAt,
          body,
        }),
      stagesOf: async (id) => {
        const stored = await this.documents.byId(id);
        return stored === undefined ? [] : this.documents.reports(stored.document);
      },
      estimate: (id) => this.sources.estimate(id),
      live: (id, device, metric) => this.sources.live(id, device, metric),
      link: (id) => this.sources.link(id),
      health: (id) => this.sources.health(id),
      onCommand: (view) => {
        this.notified.push(view);
        for (const watcher of this.#watchers) watcher(view);
        for (const listener of this.#listeners) listener({ kind: 'command', data: view });
      },
    });
    this.interventions = new SqliteInterventionStore(':memory:');
    this.interventions.open();
    this.book = this.#newBook();
    this.devices = new DeviceIndex(this.sources);
  }

  /** The next update of any gateway's command that fits. */
  next(fits: (view: CommandView) => boolean): Promise<CommandView> {
    const { promise, resolve } = Promise.withResolvers<CommandView>();
    const watcher = (view: CommandView): void => {
      if (!fits(view)) return;
      this.#watchers.delete(watcher);
      resolve(view);
    };
    this.#watchers.add(watcher);
    return promise;
  }

  /** The book as after a restart of the cloud, with only what was stored. */
  async restartBook(): Promise<void> {
    this.book = this.#newBook();
    await this.book.start();
  }

  #newBook(): InterventionBook {
    const { region } = this.sources;
    return new InterventionBook({
      region,
      now: () => this.sources.plantNow(),
      store: this.interventions,
      live: (id, device, metric) => this.sources.live(id, device, metric),
      override: (id, device) => this.desk.overrideOf(id, device),
      stopper: (id, device) => this.desk.acts.stopper(id, device),
    });
  }

  /** Reports every gateway's health, as each does every few seconds. */
  async report(): Promise<void> {
    for (const [id, gateway] of this.gateways) await this.book.reported(id, gateway.health());
  }

  /** The dependencies of the API. */
  deps(
    region: Region,
    clock: Clock,
  ): Pick<FixtureOverrides, 'region' | 'clock' | 'desk' | 'interventions' | 'views' | 'subscribe'> {
    return {
      region,
      clock,
      desk: this.desk,
      interventions: this.interventions,
      views: {
        region: () => regionView(this.sources),
        feeder: (id) => {
          const own = region.substations.find(({ network }) => network.feeders.some((feeder) => feeder.id === id));
          return own === undefined ? undefined : feederView(own, id, this.sources);
        },
        gateways: () => gatewayViews(this.sources),
        links: () => linkViews(this.sources),
        devices: (query) => this.devices.page(query),
        device: (gateway, device) => this.devices.one(gateway, device),
      },
      subscribe: (listener) => {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
      },
    };
  }
}
