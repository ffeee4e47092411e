import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { UplinkBroker } from '../../cloud/ingest/broker.ts';
import { askDaemon } from '../../edge/local/socket-client.ts';
import type { GatewayStatus } from '../../edge/local/protocol.ts';
import { userLine } from '../../edge/drivers/device-users.ts';
import { generateSigningKey, signRaw, type SigningKey } from '../../shared/codec/signed-document.ts';
import { signHeartbeat } from '../../shared/codec/signed-heartbeat.ts';
import { birthReads, decodePayload } from '../../shared/codec/sparkplug.ts';
import type { CommandBody, CommandDocument } from '../../shared/contracts/document.ts';
import type { EventBatch, LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { DocumentReport, HealthReport } from '../../shared/contracts/report.ts';
import type { Link } from '../../shared/ports/link.ts';
import { until } from '../../shared/testing/until.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { stateTopic, topicFor, type TopicName } from '../../shared/topics/topics.ts';
import type { Certificates } from './certificates.ts';
import { tellReadings } from './device.ts';
import { DEVICES, devicePassword, gatewayYaml } from './gateway-yaml.ts';
import { Started } from './started.ts';

export const HELD = 'wls-01';
const HOUR = 3_600_000;
const { machine } = new SystemClock(() => undefined);
export const now = (): number => Math.round(machine.now());
export const pause = (ms: number): Promise<void> => new Promise((resolve) => machine.after(ms, resolve));

/**
 * A gateway daemon connected to the attacker's broker: whoever controls the network or the broker can read everything it sends and send it
 * anything. The document signing key is available too, to produce what the true cloud would have sent.
 */
export class HeldGateway {
  daemon: Started;
  readonly key: SigningKey;
  readonly publicKey: SigningKey;
  readonly reports: DocumentReport[] = [];
  readonly events: LoadstoneEvent[] = [];
  readonly healths: HealthReport[] = [];
  readonly births: { readonly nonce: string }[] = [];
  readonly folder: string;
  /** A true heartbeat has been accepted since its start. Unsigned ones no longer count then, and an accepted one shows. */
  hasHeard = false;
  /** Run of its journal, from its last events. */
  run = 0;
  readonly #link: Link;
  readonly #broker: UplinkBroker;
  readonly #config: string;
  readonly #fences = new Set<string>();
  /** Epoch of the newest accepted command. */
  epoch = 5;
  #sequence = 1000;
  #count = 0;

  private constructor(parts: {
    readonly key: SigningKey;
    readonly publicKey: SigningKey;
    readonly folder: string;
    readonly broker: UplinkBroker;
    readonly config: string;
  }) {
    this.key = parts.key;
    this.publicKey = parts.publicKey;
    this.folder = parts.folder;
    this.#broker = parts.broker;
    this.#config = parts.config;
    this.#link = parts.broker.link();
    this.daemon = new Started('edge', '--config', parts.config);
  }

  static async start(folder: string, certificates: Certificates): Promise<HeldGateway> {
    mkdirSync(folder, { recursive: true });
    const { privateKey, publicKey } = await generateSigningKey();
    const broker = new UplinkBroker({
      group: 'north',
      users: { check: async () => 'wrong' },
      tls: { host: '127.0.0.1', port: 0, identity: { pem: await certificates.server(), roots: certificates.roots } },
      certificates: { judge: () => ({ gateway: HELD, until: Number.POSITIVE_INFINITY }), isRevoked: () => false },
    });
    await broker.start();
    const config = await gatewayYaml(folder, {
      id: HELD,
      substation: 'wls',
      url: `mqtts://127.0.0.1:${broker.tlsPort}`,
      pem: await certificates.gateway(HELD),
      roots: certificates.roots,
      keys: [publicKey],
      userLines: await Promise.all(DEVICES.map((name) => userLine(name, devicePassword(name)))),
    });
    const held = new HeldGateway({ key: privateKey, publicKey, folder, broker, config });
    held.#listen();
    await until('the birth of the gateway', () => held.births.length > 0);
    await tellReadings(held.daemon);
    return held;
  }

  #listen(): void {
    const handlers = {
      onConnect: () => this.state(true),
      onClose: () => undefined,
      onMessage: ({ topic, payload }: { readonly topic: string; readonly payload: Uint8Array }) =>
        this.#hear(topic, payload),
    };
    const reported = ['plan', 'model', 'health'].map((what) => `loadstone/v1/+/reported/${what}`);
    const topics = ['loadstone/v1/+/events', ...reported];
    this.#link.open(
      { clientId: 'attacker', subscriptions: [...topics, 'loadstone/v1/+/command/result', 'spBv1.0/north/NBIRTH/+'] },
      handlers,
    );
  }

  #hear(topic: string, payload: Uint8Array): void {
    if (topic.endsWith('/events')) {
      const batch = JSON.parse(new TextDecoder().decode(payload)) as EventBatch;
      this.events.push(...batch.items.map(({ event }) => event));
      this.run = batch.run;
    } else if (topic.endsWith('/health')) {
      this.healths.push(JSON.parse(new TextDecoder().decode(payload)) as HealthReport);
    } else if (topic.includes('/NBIRTH/')) {
      const born = decodePayload(payload);
      this.births.push({ nonce: (born.ok ? birthReads(born.value).heartbeatNonce : undefined) ?? '' });
    } else {
      const report = JSON.parse(new TextDecoder().decode(payload)) as DocumentReport;
      this.reports.push(report);
      this.#follow(report);
    }
  }

  /** A command that an attacker got accepted must not block later ones, so the numbers continue after it. */
  #follow({ type, stage, epoch, sequence }: DocumentReport): void {
    if (type !== 'command' || stage !== 'accepted') return;
    if (epoch > this.epoch) [this.epoch, this.#sequence] = [epoch, 1000];
    if (epoch === this.epoch) this.#sequence = Math.max(this.#sequence, sequence + 1);
  }

  /** Publishes the STATE of the host that the gateway waits for. */
  async state(online: boolean): Promise<void> {
    const state = JSON.stringify({ online, timestamp: now() });
    await this.#link.publish(stateTopic('loadstone-cloud'), new TextEncoder().encode(state), { qos: 1, retain: true });
  }

  async tell(name: TopicName, payload: string | Uint8Array): Promise<void> {
    await this.publish(topicFor(name, HELD), payload);
  }

  async publish(topic: string, payload: string | Uint8Array): Promise<void> {
    const bytes = typeof payload === 'string' ? new TextEncoder().encode(payload) : payload;
    await this.#link.publish(topic, bytes, { qos: 1 });
  }

  /** An override of the battery as the cloud would send it, with the next sequence and a unique id. */
  override(over: Partial<CommandDocument> = {}, body: Partial<CommandBody> = {}): CommandDocument {
    const at = now();
    return {
      type: 'command',
      version: 1,
      gateway: HELD,
      epoch: this.epoch,
      sequence: this.#sequence++,
      issuedAt: at,
      acceptUntil: at + HOUR,
      validFrom: at,
      validUntil: at + HOUR,
      ...over,
      body: {
        id: `attack-${this.#count++}-${this.daemon.pid}`,
        kind: 'override',
        device: 'battery-1',
        setpoint: { activePowerKw: 10 },
        durationS: 600,
        reason: 'attack',
        user: 'anna',
        expiresAt: at + HOUR,
        ...body,
      },
    };
  }

  sign(document: object): Promise<string> {
    return this.signText(JSON.stringify(document));
  }

  /** Signs any text as a JWS. The gateway must check schema and numbers itself. */
  async signText(text: string, key = this.key): Promise<string> {
    const part = (each: string): string => Buffer.from(each).toString('base64url');
    const signed = `${part(JSON.stringify({ alg: 'EdDSA', kid: key.kid, typ: 'loadstone+jws' }))}.${part(text)}`;
    return `${signed}.${await signRaw(new TextEncoder().encode(signed), key)}`;
  }

  /** Sends an attacker's document, then a valid command. Returns the gateway's reports on the former once it has accepted the latter. */
  async meets(jws: string, topic: TopicName = 'command'): Promise<DocumentReport[]> {
    const from = this.reports.length;
    await this.tell(topic, jws);
    const fence = this.override();
    this.#fences.add(fence.body.id);
    await this.tell('command', await this.sign(fence));
    await this.hasSaid(fence.body.id, 'accepted');
    return this.reports.slice(from).filter(({ id }) => !this.#fences.has(id));
  }

  /** A heartbeat as the true cloud would send it, with its clock. */
  async beat(time = now()): Promise<string> {
    const { nonce } = this.births.at(-1)!;
    const signed = await signHeartbeat({ gateway: HELD, nonce, time, covered: [] }, this.key);
    return JSON.stringify({ version: 1, time, epoch: 5, covered: [], signed });
  }

  /** Whether the gateway hears the cloud, by its next health report: in the fail-safe it then waits for a limit. */
  async hearsCloud(): Promise<boolean> {
    const count = this.healths.length;
    // The next report may have been started before this call; the one after was not.
    await until('two health reports', () => this.healths.length > count + 1);
    return this.healths.at(-1)!.awaitsGridLimit === true;
  }

  async hasSaid(id: string, stage: DocumentReport['stage']): Promise<void> {
    await until(
      () => `${id} is ${stage}; it said ${JSON.stringify(this.reports.filter((each) => each.id === id))}`,
      () => this.reports.some((each) => each.id === id && each.stage === stage),
    );
  }

  async status(): Promise<GatewayStatus> {
    const answer = await askDaemon(join(this.folder, 'gateway.sock'), { op: 'status' });
    if (!answer.ok || !('status' in answer)) throw new Error('the gateway does not report its status');
    return answer.status;
  }

  /** Kills the gateway and starts it again. */
  async restart(): Promise<void> {
    await this.daemon.end();
    this.hasHeard = false;
    const births = this.births.length;
    this.daemon = new Started('edge', '--config', this.#config);
    await until('the next birth', () => this.births.length > births);
    await tellReadings(this.daemon);
  }

  async stop(): Promise<void> {
    if (this.daemon.isRunning) await this.daemon.end();
    await this.#broker.stop();
  }
}
