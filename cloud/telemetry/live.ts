import type { Frame } from '../../shared/contracts/frame.ts';
import type { Origin, Quality } from '../../shared/contracts/ids.ts';

export interface LiveValue {
  readonly value: number;
  readonly quality: Quality;
  readonly origin: Origin;
  /** Source time, ms UTC. */
  readonly time: number;
  /** Plant time at which it came, ms UTC. */
  readonly receivedAt: number;
}

const none: ReadonlyMap<string, LiveValue> = new Map();

/** The newest value of each metric of each device. How old is too old is for its readers to judge. */
export class LiveState {
  readonly #gateways = new Map<string, Map<string, Map<string, LiveValue>>>();

  /**
   * Takes a frame. What is late (`historical`) fills in only where nothing newer is; what is live counts as newest unless it is
   * older by source time and that clock was not set back: a value from the future of its own arrival gives way.
   */
  apply(gateway: string, frame: Frame, at: { receivedAt: number; historical: boolean }): void {
    const device = this.#device(gateway, frame.device);
    const { time } = frame;
    const { receivedAt, historical } = at;
    for (const { metric, value, quality, origin } of frame.values) {
      const old = device.get(metric);
      const wasAhead = old !== undefined && old.time > receivedAt && !historical;
      if (old !== undefined && old.time > time && !wasAhead) continue;
      device.set(metric, { value, quality, origin, time, receivedAt });
    }
  }

  get(gateway: string, device: string, metric: string): LiveValue | undefined {
    return this.#gateways.get(gateway)?.get(device)?.get(metric);
  }

  device(gateway: string, device: string): ReadonlyMap<string, LiveValue> {
    return this.#gateways.get(gateway)?.get(device) ?? none;
  }

  devices(gateway: string): readonly string[] {
    return [...(this.#gateways.get(gateway)?.keys() ?? [])];
  }

  gateways(): readonly string[] {
    return [...this.#gateways.keys()];
  }

  #device(gateway: string, device: string): Map<string, LiveValue> {
    let devices = this.#gateways.get(gateway);
    if (devices === undefined) this.#gateways.set(gateway, (devices = new Map()));
    let values = devices.get(device);
    if (values === undefined) devices.set(device, (values = new Map()));
    return values;
  }
}
