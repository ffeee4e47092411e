import type { Clock, Timer } from '../../../shared/time/clock.ts';
import { every } from '../../../shared/time/every.ts';
import { HostState } from '../../../shared/topics/host-state.ts';
import { parseSparkplugTopic, sparkplugFilters } from '../../../shared/topics/topics.ts';
import type { Driver } from '../driver.ts';
import type { TopicBus } from '../topic-bus.ts';
import { SparkplugDriver, type SparkplugDriverOptions } from './sparkplug-driver.ts';
import { SparkplugNode } from './sparkplug-node.ts';

const TURN_MS = 1000;

export interface SparkplugHostOptions {
  readonly bus: TopicBus;
  readonly clock: Clock;
  readonly hostId: string;
}

/** Makes the gateway a host on its bus. */
export type OpenSparkplug = (options: SparkplugHostOptions) => SparkplugHost;

/** What a driver reads and commands, and the device and edge node it belongs to. */
export interface SparkplugDevice extends Omit<SparkplugDriverOptions, 'node' | 'device' | 'clock'> {
  readonly connection: { readonly group: string; readonly node: string; readonly device?: string | undefined };
}

/**
 * The gateway as the Sparkplug host application of the edge nodes at its broker (Sparkplug B 3.0, 5.3). It announces that it is
 * online, listens to the configured nodes, and requests births that it lacks. Without such a node it does nothing.
 */
export class SparkplugHost {
  readonly #bus: TopicBus;
  readonly #clock: Clock;
  readonly #state: HostState;
  readonly #nodes = new Map<string, SparkplugNode>();
  #timer: Timer | undefined;

  constructor({ bus, clock, hostId }: SparkplugHostOptions) {
    this.#bus = bus;
    this.#clock = clock;
    this.#state = new HostState({
      hostId,
      publish: (topic, payload, options) => bus.publish(topic, payload, options),
      machine: clock.machine,
    });
  }

  /** Creates the driver of a device; call before the bus is opened. */
  driver({ connection: { group, node, device }, ...own }: SparkplugDevice): Driver {
    return new SparkplugDriver({ ...own, device, node: this.node(group, node), clock: this.#clock });
  }

  /** The edge node, shared by all drivers that name it; call before the bus is opened. */
  node(group: string, id: string): SparkplugNode {
    if (this.#nodes.size === 0) this.#begin();
    const key = `${group}/${id}`;
    const known = this.#nodes.get(key);
    if (known !== undefined) return known;
    const publish = (topic: string, payload: Uint8Array): Promise<boolean> => this.#bus.publish(topic, payload);
    const node = new SparkplugNode({ group, id, publish, clock: this.#clock });
    this.#nodes.set(key, node);
    for (const filter of sparkplugFilters(group, id))
      this.#bus.on(filter, (payload, topic) => {
        const parsed = parseSparkplugTopic(topic);
        if (parsed !== undefined) node.hears(parsed.type, parsed.device ?? '', payload);
      });
    return node;
  }

  #turn(): void {
    for (const node of this.#nodes.values()) node.turn();
  }

  #begin(): void {
    this.#bus.on(this.#state.topic, (payload) => void this.#state.onState(payload));
    this.#bus.present({
      will: () => this.#state.will(),
      joins: async () => {
        for (const node of this.#nodes.values()) node.joined();
        await this.#state.online();
        this.#turn();
        this.#timer ??= every(this.#clock.machine, TURN_MS, () => this.#turn());
      },
      leaves: async () => {
        this.#timer?.cancel();
        this.#timer = undefined;
        await this.#state.offline();
      },
    });
  }
}
