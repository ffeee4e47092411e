import type { AddressInfo } from 'node:net';
import type { Role } from '../../access/roles.ts';
import { SystemClock } from '../../../shared/time/system-clock.ts';
import type { Owner } from '../../api/owner.ts';
import { AlarmRig } from '../../alarms/testing/alarm-rig.ts';
import { buildApi } from '../../api/app.ts';
import {
  fixtureDeps,
  memoryAudit,
  opened,
  openedAreas,
  openedPeople,
  openedShift,
} from '../../api/testing/api-fixture.ts';
import { controlOf } from '../../api/views/control-view.ts';
import { testRegion } from '../../plan/testing/fixture.ts';
import { Quarantine } from '../../ingest/quarantine.ts';
import { SqliteModelRegistry } from '../../forecast/registry/sqlite-model-registry.ts';
import type { ModelRegistry } from '../../forecast/registry/registry.ts';
import { namedBundle } from '../../forecast/registry/testing/bundle-fixture.ts';
import { SqliteIncidentStore } from '../../incidents/sqlite-incident-store.ts';
import { mailConfig } from '../../notify/testing/mail-config.ts';
import { mailChannel } from '../../notify/mail-channel.ts';
import { Notifications } from '../../notify/notifications.ts';
import { smtpSender } from '../../notify/smtp.ts';
import { webhookChannel } from '../../notify/webhook-channel.ts';
import type { WebhookConfig } from '../../notify/webhook-config.ts';
import { post } from '../../webhooks/post.ts';
import { SqliteMessageStore } from '../../notify/sqlite-message-store.ts';
import { ActingWorld } from '../../desk/testing/acting-world.ts';

/** A registry with an active model and another one in shadow. */
async function modelsOf(now: number): Promise<{ models: ModelRegistry; duel: Owner['models']['duel'] }> {
  const models = new SqliteModelRegistry(':memory:');
  models.open();
  const step = { at: now - 86_400_000, by: 'loadstone', reason: 'trained on schedule' };
  for (const [id, state] of [
    ['mdl-owd-1', 'active'],
    ['mdl-owd-2', 'shadow'],
  ] as const) {
    await models.put(namedBundle(id, { at: step.at }), { ...step, release: 'r1', evidence: { days: [] } });
    await models.move(id, state, step);
  }
  const live = { answeringKw: 61.2, besideKw: 55.8, standardErrorKw: 2.1, refused: null, n: 48 };
  return { models, duel: () => ({ answering: 'mdl-owd-1', beside: 'mdl-owd-2', ...live }) };
}

/** Rejected input, as the ingest stores it. */
function refusedOf(now: number): Pick<Owner['grid'], 'quarantine' | 'journals'> {
  const kept = new Quarantine();
  const topic = 'spBv1.0/north/DDATA/owd-01/pv-1';
  for (let n = 0; n < 12; n++)
    kept.add(
      { time: now - n * 60_000, gateway: 'owd-01', topic, payload: Buffer.from(`poison ${n}`) },
      { code: n % 3 === 0 ? 'LS-INGEST-003' : 'LS-INGEST-001', detail: 'index out of range: 9 + 11 > 9' },
    );
  const account = { stored: 9_000, missing: 3, refused: 12, dropped: 0, lost: 44, complete: false };
  return {
    quarantine: () => ({ counts: kept.counts(), samples: kept.samples() }),
    journals: () => [{ gateway: 'owd-01', ...account, reasons: { 'LS-INGEST-001': 8, 'damaged segment': 44 } }],
  };
}

export const PASSWORD = 'a-password-for-tests';

/** The real cloud server with a desk whose gateways answer, for browser tests of acts. */
export class ActingServer {
  readonly #clock = new SystemClock((error) => {
    throw error;
  });
  readonly region = testRegion('owd', 'whf');
  readonly world = new ActingWorld(this.region, this.#clock);
  readonly people = openedPeople(() => this.#clock.machine.now());
  readonly audit = memoryAudit();
  readonly areas = openedAreas(this.region, this.people);
  readonly alarms = new AlarmRig({ region: this.region, startMs: this.#clock.plant.now() });
  readonly shift = openedShift(this.#clock, this.alarms.alarms, {
    control: () =>
      this.region.substations.flatMap((each) =>
        controlOf(each, this.world.sources).map((control) => ({ ...control, substation: each.id })),
      ),
  });
  readonly incidents = opened(new SqliteIncidentStore(':memory:'));
  #notify: Notifications | undefined;
  #stop: () => Promise<void> = async () => undefined;
  /** Cuts every connection, like a failing network: a browser set offline keeps its open ones. */
  cut: () => void = () => undefined;

  async start(root: string, users: Readonly<Record<string, readonly Role[]>>): Promise<string> {
    for (const [name, roles] of Object.entries(users))
      await this.people.ensureUser({ name, roles, areas: '*' }, PASSWORD);
    const { models, duel } = await modelsOf(this.#clock.plant.now());
    const deps = fixtureDeps({
      dashboardRoot: root,
      areas: this.areas,
      alarms: this.alarms.alarms,
      shift: this.shift,
      incidents: this.incidents,
      notifications: {
        view: async () => this.#notify?.view() ?? { mail: null, webhooks: [] },
        test: (by) => this.#notify!.test(by),
        testWebhook: (name, by) => this.#notify!.testWebhook(name, by),
      },
      models,
      people: this.people,
      audit: this.audit,
      own: {
        grid: refusedOf(this.#clock.plant.now()),
        models: {
          duel,
          waiting: async (id) =>
            id === 'mdl-owd-2'
              ? { to: 'canary', by: 'erika', reason: 'seen its errors', until: this.#clock.machine.now() + 600_000 }
              : undefined,
        },
      },
      ...this.world.deps(this.region, this.#clock),
    });
    this.shift.book.start();
    void this.world.next((view) => {
      this.shift.book.command(view);
      return false;
    });
    const { app, stream } = await buildApi(deps);
    stream.start();
    await app.listen({ host: '127.0.0.1', port: 0 });
    this.cut = () => app.server.closeAllConnections();
    this.#stop = async () => {
      stream.stop();
      await app.close();
      await this.shift.book.stop();
      await deps.attempts.close();
    };
    return `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  }

  /** Configures a mail server on this machine and webhooks; undefined for none. */
  configureNotify(port: number | undefined, webhooks: readonly WebhookConfig[] = []): void {
    if (port === undefined) {
      this.#notify = undefined;
      return;
    }
    const mail = mailConfig(port, {
      languages: { 'chief@grid.test': 'nl' },
      quietHours: { from: '22:00', to: '06:00' },
    });
    const { machine } = this.#clock;
    this.#notify = new Notifications({
      config: { mail, webhooks: [...webhooks] },
      channels: [
        mailChannel(mail, smtpSender(mail)),
        ...webhooks.map((each) => webhookChannel(each, { time: machine, post })),
      ],
      region: this.region,
      clock: this.#clock,
      store: opened(new SqliteMessageStore(':memory:')),
      alarms: () => [],
      isFlood: () => false,
      rules: [],
      origin: '',
      report: () => undefined,
    });
  }

  stop(): Promise<void> {
    return this.#stop();
  }
}
