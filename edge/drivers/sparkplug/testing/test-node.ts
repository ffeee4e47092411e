import library from 'sparkplug-payload';
import type { VirtualClock } from '../../../../shared/time/virtual-clock.ts';
import { RATED_KW, SPANS, TIMING } from '../../testing/conformance.ts';
import { MemoryLink } from '../../testing/memory-link.ts';
import { TopicBus } from '../../topic-bus.ts';
import { SparkplugDriver, type SparkplugDriverOptions } from '../sparkplug-driver.ts';
import { SparkplugHost } from '../sparkplug-host.ts';

const foreign = library.get('spBv1.0')!;
export type TestMetric = NonNullable<Parameters<typeof foreign.encodePayload>[0]['metrics']>[number];
export type TestPayload = ReturnType<typeof foreign.decodePayload>;

export const GROUP = 'north';
export const NODE = 'plc-1';
export const DEVICE = 'battery';
export const HOST = 'owd-01';

/** An edge node with a third-party encoder. It sends what a test wants, and records what the gateway sends. */
export class TestNode {
  readonly link: MemoryLink;
  readonly bus: TopicBus;
  readonly host: SparkplugHost;
  readonly #clock: VirtualClock;
  seq = 0;
  bdSeq = 0;

  /** `link`: to a gateway's broker with its own host; absent: to the host created here. */
  constructor(clock: VirtualClock, link = new MemoryLink()) {
    this.#clock = clock;
    this.link = link;
    this.bus = new TopicBus(link, HOST);
    this.host = new SparkplugHost({ bus: this.bus, clock, hostId: HOST });
  }

  async nbirth(metrics: readonly TestMetric[] = []): Promise<void> {
    this.seq = 255;
    const control = [
      this.metric('bdSeq', 'UInt64', this.bdSeq),
      this.metric('Node Control/Rebirth', 'Boolean', false),
      ...metrics,
    ];
    await this.say('NBIRTH', undefined, control);
  }

  async dbirth(metrics: readonly TestMetric[], device = DEVICE): Promise<void> {
    await this.say('DBIRTH', device, metrics);
  }

  async data(metrics: readonly TestMetric[], device: string | undefined = DEVICE): Promise<void> {
    await this.say('DDATA', device, metrics);
  }

  async ndeath(bdSeq = this.bdSeq): Promise<void> {
    const payload = { timestamp: this.#now(), metrics: [this.metric('bdSeq', 'UInt64', bdSeq)] };
    await this.raw('NDEATH', undefined, foreign.encodePayload(payload));
  }

  metric(name: string, type: string, value: unknown, more: Partial<TestMetric> = {}): TestMetric {
    return { name, type, value, timestamp: this.#now(), ...more } as TestMetric;
  }

  /** Sends a message with the next sequence number. */
  async say(type: string, device: string | undefined, metrics: readonly TestMetric[]): Promise<void> {
    this.seq = (this.seq + 1) % 256;
    const payload = { timestamp: this.#now(), seq: this.seq, metrics: [...metrics] };
    await this.raw(type, device, foreign.encodePayload(payload));
  }

  async raw(type: string, device: string | undefined, bytes: Uint8Array): Promise<void> {
    const topic = `spBv1.0/${GROUP}/${type}/${NODE}${device === undefined ? '' : `/${device}`}`;
    await this.link.deliver(topic, bytes);
  }

  /** Payloads sent to the node, by topic type, oldest first. */
  commands(type: 'NCMD' | 'DCMD'): TestPayload[] {
    return this.link.payloads
      .filter((_, at) => this.link.published[at]!.topic.split('/')[2] === type)
      .map((bytes) => foreign.decodePayload(bytes));
  }

  rebirths(): number {
    return this.commands('NCMD').filter(({ metrics }) => metrics?.[0]?.name === 'Node Control/Rebirth').length;
  }

  #now(): number {
    return this.#clock.plant.now();
  }
}

export const POWER = 'Meter/Active Power';
export const SET = 'Setpoint/Active Power';

/** A battery that counts in W, read and commanded under the names in `POWER` and `SET`. */
export const OPTIONS: Omit<SparkplugDriverOptions, 'node' | 'clock'> = {
  device: DEVICE,
  sign: 'consumption-positive',
  ratedKw: RATED_KW,
  spans: SPANS,
  staleAfterS: 60,
  read: {
    activePowerKw: { metric: POWER, scale: 0.001 },
    reactivePowerKvar: { metric: 'Meter/Reactive Power', scale: 1 },
    activePowerLimitKw: { metric: 'Limit', scale: 1 },
    socPct: { metric: 'SoC', scale: 1 },
    staleAfterS: 60,
  },
  write: { activePowerKw: { metric: SET, scale: 1000, revertAfterS: 60, ...TIMING } },
};

export function testBench(
  clock: VirtualClock,
  options: Partial<SparkplugDriverOptions> = {},
): { readonly node: TestNode; readonly driver: SparkplugDriver } {
  const node = new TestNode(clock);
  const driver = new SparkplugDriver({ ...OPTIONS, node: node.host.node(GROUP, NODE), clock, ...options });
  node.bus.open();
  return { node, driver };
}

/** The battery's birth, with aliases from 1 on; null: no value yet. */
export const birthOf = (node: TestNode, values: Readonly<Record<string, number>> = {}): TestMetric[] =>
  [POWER, 'Meter/Reactive Power', 'Limit', 'SoC', SET].map((name, at) =>
    node.metric(name, 'Double', values[name] ?? null, { alias: at + 1, isNull: values[name] === undefined }),
  );

export const ALIASES: Readonly<Record<string, number>> = {
  [POWER]: 1,
  'Meter/Reactive Power': 2,
  Limit: 3,
  SoC: 4,
  [SET]: 5,
};

/** A value in data, by alias only. */
export const valueOf = (node: TestNode, name: string, value: unknown, more: Partial<TestMetric> = {}): TestMetric =>
  node.metric('', 'Double', value, { alias: ALIASES[name], ...more } as Partial<TestMetric>);
