import assert from 'node:assert/strict';
import { until } from '../../../../shared/testing/until.ts';
import type { ListeningBroker, Publish } from './listening-broker.ts';

/** Statement ids, as in `Proof`, with whether they hold. */
type Facts = Readonly<Record<string, boolean>>;

/** JSON payload of a STATE message. */
interface Word {
  readonly online?: unknown;
  readonly timestamp?: unknown;
}

const wordOf = ({ payload }: Publish): Word => JSON.parse(payload.toString()) as Word;

/** Obligations of any host application towards its nodes on a connection: will, STATE and termination (Sparkplug B 3.0, 5.3 and 6.3). */
export class HostSession {
  readonly topic: string;
  readonly #broker: ListeningBroker;
  readonly #host: string;

  constructor(broker: ListeningBroker, host: string) {
    this.#broker = broker;
    this.#host = host;
    this.topic = `spBv1.0/STATE/${host}`;
  }

  states(): readonly Publish[] {
    return this.#broker.sparkplugOf(this.#host).filter(({ topic }) => topic === this.topic);
  }

  /**
   * The host connects with its death as the will, subscribes, then publishes that it is online. `dataFilter`: one of its data
   * subscriptions.
   */
  connects(dataFilter: string): Facts {
    const [connect] = this.#broker.connectsOf(this.#host);
    const will = connect?.will;
    assert.ok(will !== undefined);
    const [birth] = this.states();
    assert.ok(birth !== undefined);
    const order = (kind: string): number =>
      this.#broker.said.findIndex((each) => each.kind === kind && each.client === this.#host);
    const filters = this.#broker.said.flatMap((each) =>
      each.kind === 'subscribe' && each.client === this.#host ? each.filters : [],
    );
    const [dead, alive] = [wordOf(will), wordOf(birth)];
    const recent = Math.abs(Number(dead.timestamp) - Date.now()) < 3_600_000;
    const isBirth = alive.online === true && Object.keys(alive).toSorted().join() === 'online,timestamp';
    const isDeath = dead.online === false && Object.keys(dead).toSorted().join() === 'online,timestamp';
    return {
      'message-flow-phid-sparkplug-clean-session-311': connect?.clean === true && connect.version === 4,
      'host-topic-phid-death-required operational-behavior-host-application-connect-will payloads-state-will-message': true,
      'host-topic-phid-death-topic operational-behavior-host-application-connect-will-topic': will.topic === this.topic,
      'host-topic-phid-death-qos operational-behavior-host-application-connect-will-qos payloads-state-will-message-qos':
        will.qos === 1,
      'host-topic-phid-death-retain operational-behavior-host-application-connect-will-retained payloads-state-will-message-retain':
        will.retain,
      'host-topic-phid-death-payload operational-behavior-host-application-connect-will-payload payloads-state-will-message-payload':
        isDeath,
      'host-topic-phid-death-payload-timestamp-connect': recent,
      'host-topic-phid-birth-message': this.#broker.said.find((each) => each.kind === 'publish')?.client === this.#host,
      'message-flow-phid-sparkplug-subscription host-topic-phid-birth-sub-required payloads-state-subscribe':
        filters.includes(this.topic) && filters.includes(dataFilter) && order('subscribe') < order('publish'),
      'host-topic-phid-birth-required payloads-state-birth message-flow-phid-sparkplug-state-publish operational-behavior-host-application-connect-birth':
        birth === this.#broker.sparkplugOf(this.#host)[0],
      'conformance-primary-host intro-sparkplug-host-state components-ph-state': true,
      'host-topic-phid-birth-topic operational-behavior-host-application-connect-birth-topic':
        birth.topic === this.topic,
      'host-topic-phid-birth-qos operational-behavior-host-application-connect-birth-qos': birth.qos === 1,
      'host-topic-phid-birth-retain operational-behavior-host-application-connect-birth-retained': birth.retain,
      'host-topic-phid-birth-payload message-flow-phid-sparkplug-state-publish-payload operational-behavior-host-application-connect-birth-payload payloads-state-birth-payload':
        isBirth,
      'host-topic-phid-birth-payload-timestamp message-flow-phid-sparkplug-state-publish-payload-timestamp':
        alive.timestamp === dead.timestamp,
    };
  }

  /** When another client publishes that the host is offline, the host publishes that it is online. */
  async contradicts(publish: (topic: string, payload: string) => Promise<unknown>): Promise<Facts> {
    const before = this.states().length;
    await publish(this.topic, JSON.stringify({ online: false, timestamp: Date.now() }));
    await until('it announces itself', () => this.states().length > before);
    const last = this.states().at(-1)!;
    return {
      'message-flow-hid-sparkplug-state-message-delivered': wordOf(last).online === true && last.retain,
    };
  }

  /** The host publishes its death when stopped. */
  async leaves(stop: () => Promise<unknown>): Promise<Facts> {
    const stoppedAt = Date.now();
    await stop();
    await until('it is gone', () =>
      this.#broker.said.some((each) => each.kind === 'gone' && each.client === this.#host),
    );
    const last = this.states().at(-1)!;
    const { online, timestamp } = wordOf(last);
    return {
      'operational-behavior-host-application-termination operational-behavior-host-application-death-payload':
        online === false,
      'host-topic-phid-death-payload-timestamp-disconnect-clean': Number(timestamp) >= stoppedAt,
      'operational-behavior-host-application-death-topic': last.topic === this.topic,
      'operational-behavior-host-application-death-qos': last.qos === 1,
      'operational-behavior-host-application-death-retained': last.retain,
    };
  }
}
