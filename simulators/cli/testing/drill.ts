import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import mqtt, { type MqttClient } from 'mqtt';
import { LedgerFile } from '../../../cloud/ingest/ledger-file.ts';
import { gatewayUserLine } from '../../../cloud/ingest/gateway-users.ts';
import { TestGateway } from '../../../cloud/ingest/testing/test-gateway.ts';
import type { SqlPlace } from '../../../cloud/sql/sql-store.ts';
import { Database } from '../../../cloud/telemetry/database.ts';
import type { TelemetryStore } from '../../../cloud/telemetry/store.ts';
import type { Acknowledgement } from '../../../shared/contracts/acknowledgement.ts';
import { until } from '../../../shared/testing/until.ts';
import { SystemClock } from '../../../shared/time/system-clock.ts';
import { topicFor } from '../../../shared/topics/topics.ts';
import { buildRegion } from '../../region/region.ts';
import { cloudFiles, folderOf, type Started } from './started.ts';

export const GATEWAY = 'owd-01';
const SUBSTATION = 'owd';
const DEVICE = 'feeder-1';
/** A year in which no test runs. */
const END = Date.UTC(2100, 0, 1);
const PASSWORD = 'secret of the gateway';
const PASSPHRASE = 'a passphrase of the drill';
const clock = new SystemClock(() => undefined);
export const pause = (ms: number): Promise<void> => new Promise((resolve) => clock.machine.after(ms, resolve));

export async function uplinkOf(cloud: Started): Promise<string> {
  await cloud.says(/uplinks on [^ ]+:\d+/);
  return /uplinks on [^ ]+:(\d+)/.exec(cloud.said())![1]!;
}

/** A gateway over the real broker: it sends accepted frames and resends those that no acknowledgement covers. */
export class Uplink {
  readonly edge: TestGateway;
  #client: MqttClient | undefined;
  /** Offsets acknowledged by the connected cloud; a restored cloud may have fewer than the one before. */
  #covered: (offset: number) => boolean = () => false;

  constructor() {
    this.edge = new TestGateway({
      gateway: GATEWAY,
      group: buildRegion().id,
      run: 7,
      send: async (topic, payload) => {
        await this.#client?.publishAsync(topic, Buffer.from(payload));
      },
      now: () => Math.round(clock.machine.now()),
    });
  }

  async connect(port: string): Promise<void> {
    const options = { clientId: GATEWAY, username: GATEWAY, password: PASSWORD, reconnectPeriod: 0 };
    this.#client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, options, false);
    this.#client.on('error', () => undefined);
    this.#covered = () => false;
    this.#client.on('message', (_topic, payload) => {
      const { stream, run, upTo, ranges } = JSON.parse(payload.toString()) as Acknowledgement;
      if (stream !== 'measurements' || run !== this.edge.run) return;
      this.#covered = (offset) => offset <= upTo || ranges.some(([low, high]) => offset >= low && offset <= high);
    });
    await this.#client.subscribeAsync(topicFor('acknowledgement', GATEWAY));
    await this.edge.born([DEVICE]);
  }

  async frames(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      const time = Math.round(clock.machine.now());
      await this.edge.sendFrame(this.edge.accept(DEVICE, time, { activePowerKw: this.edge.nextOffset }));
    }
  }

  open(): number[] {
    return [...this.edge.frames.keys()].filter((offset) => !this.#covered(offset));
  }

  async again(): Promise<void> {
    for (const offset of this.open()) await this.edge.sendFrame(offset, true);
  }

  end(): void {
    this.#client?.end(true);
  }
}

/** Offsets that the ledger of a folder calls stored, and offsets whose values the store returns. `state`: place of the ledger. */
export async function account(
  data: string,
  points: TelemetryStore,
  state: SqlPlace = new Database(join(data, 'state.sqlite')),
): Promise<{ readonly stored: number[]; readonly readable: Set<number> }> {
  const ledger = new LedgerFile(state);
  ledger.open();
  await points.open();
  try {
    const { runs } = await ledger.load();
    const spans = runs.filter(({ stream, gateway }) => stream === 'measurements' && gateway === GATEWAY);
    const stored = spans
      .flatMap((run) => run.spans.filter(({ state }) => state === 'stored'))
      .flatMap(({ first, last }) => Array.from({ length: last - first + 1 }, (_, n) => first + n));
    const series = { gateway: GATEWAY, device: DEVICE, metric: 'activePowerKw' };
    const [samples = []] = await points.read({ series: [series], start: 0, end: END });
    return { stored, readable: new Set(samples.map(({ value }) => value)) };
  } finally {
    ledger.close();
    await points.close();
  }
}

/** Sends frames while `meanwhile` runs: some are acknowledged before it, more after it. */
export async function underTraffic(uplink: Uplink, meanwhile: (covered: number) => Promise<void>): Promise<void> {
  const gateway = { sends: true };
  const traffic = (async () => {
    while (gateway.sends) {
      await uplink.frames(5);
      await pause(20);
    }
  })();
  const covered = (): number => uplink.edge.nextOffset - uplink.open().length;
  try {
    await until('acknowledged', () => (covered() > 200 ? true : undefined));
    const before = covered();
    await meanwhile(before);
    await until('acknowledged', () => (covered() > before + 100 ? true : undefined));
  } finally {
    gateway.sends = false;
    await traffic;
  }
}

/** A cloud with one gateway that is allowed to connect. */
export function stage(
  t: TestContext,
): ReturnType<typeof cloudFiles> & { readonly folder: string; readonly passphrase: string } {
  const folder = folderOf(t);
  const files = cloudFiles(folder, buildRegion([SUBSTATION]));
  const passphrase = join(folder, 'passphrase');
  writeFileSync(passphrase, `${PASSPHRASE}\n`);
  return { ...files, folder, passphrase };
}

/** Adds the gateway to the users file. */
export async function letIn(data: string): Promise<void> {
  writeFileSync(join(data, 'users.htpasswd'), `${await gatewayUserLine(GATEWAY, PASSWORD)}\n`);
}
