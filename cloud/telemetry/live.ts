import type { Frame } from '../../shared/contracts/frame.ts';
import type { Quality } from '../../shared/contracts/ids.ts';
import { doubted, type Sample } from '../../shared/contracts/sample.ts';

export interface LiveSample extends Sample {
  /** Plant time of arrival, ms UTC. */
  readonly receivedAt: number;
  /** Since when its source has been gone, ms UTC: the value is uncertain until reported again. Absent: the source is alive. */
  readonly staleSince?: number;
}

/** The device name for a node's own metrics. */
const NODE = 'node';
const none: ReadonlyMap<string, LiveSample> = new Map();

/** The newest value of each metric of each device. Readers decide when a value is too old. */
export class LiveState {
  readonly #gateways = new Map<string, Map<string, Map<string, LiveSample>>>();
  /** Devices of each gateway whose values changed since the last `takeChanged`. */
  readonly #changed = new Map<string, Set<string>>();
  /** Reported qualities of values that are marked stale. */
  readonly #reportedQualities = new WeakMap<Map<string, LiveSample>, Map<string, Quality>>();

  /**
   * Takes a frame. A historical value is used only where nothing newer exists. A live value counts as the newest unless it is older by
   * source time; but it replaces a value whose source time lies after this arrival, because then the clock was set back.
   */
  apply(gateway: string, frame: Frame, at: { receivedAt: number; historical: boolean }): void {
    const device = this.#device(gateway, frame.device);
    this.#noteChange(gateway, frame.device);
    const { time } = frame;
    const { receivedAt, historical } = at;
    for (const { metric, value, quality, origin } of frame.values) {
      const old = device.get(metric);
      const wasAhead = old !== undefined && old.time > receivedAt && !historical;
      if (old !== undefined && old.time > time && !wasAhead) continue;
      device.set(metric, { value, quality, origin, time, receivedAt });
    }
  }

  /** Marks the values of a dead node or device: good ones become uncertain. Values marked by an earlier death keep their time. */
  stale(gateway: string, device: string | undefined, at: number): void {
    this.#noteChange(gateway, device);
    for (const values of this.#those(gateway, device))
      for (const [metric, value] of values) {
        if (value.staleSince !== undefined) continue;
        this.#reportedQualities.set(
          values,
          (this.#reportedQualities.get(values) ?? new Map()).set(metric, value.quality),
        );
        values.set(metric, { ...value, quality: doubted(value.quality), staleSince: at });
      }
  }

  /** Restores the last values after a birth. From here on their age decides. */
  onBirth(gateway: string, device: string | undefined): void {
    this.#noteChange(gateway, device ?? NODE);
    for (const values of this.#those(gateway, device ?? NODE)) {
      for (const [metric, quality] of this.#reportedQualities.get(values) ?? []) {
        const { staleSince, ...value } = values.get(metric)!;
        if (staleSince !== undefined) values.set(metric, { ...value, quality });
      }
      this.#reportedQualities.delete(values);
    }
  }

  get(gateway: string, device: string, metric: string): LiveSample | undefined {
    return this.#gateways.get(gateway)?.get(device)?.get(metric);
  }

  device(gateway: string, device: string): ReadonlyMap<string, LiveSample> {
    return this.#gateways.get(gateway)?.get(device) ?? none;
  }

  devices(gateway: string): readonly string[] {
    return [...(this.#gateways.get(gateway)?.keys() ?? [])];
  }

  gateways(): readonly string[] {
    return [...this.#gateways.keys()];
  }

  /** The devices whose values changed since the last call. */
  takeChanged(): { readonly gateway: string; readonly device: string }[] {
    const changed = [...this.#changed].flatMap(([gateway, devices]) =>
      [...devices].map((device) => ({ gateway, device })),
    );
    this.#changed.clear();
    return changed;
  }

  /** Of one device, or of all devices of a gateway. */
  #noteChange(gateway: string, device: string | undefined): void {
    let devices = this.#changed.get(gateway);
    if (devices === undefined) this.#changed.set(gateway, (devices = new Set()));
    for (const each of device === undefined ? this.devices(gateway) : [device]) devices.add(each);
  }

  #those(gateway: string, device: string | undefined): Map<string, LiveSample>[] {
    const devices = this.#gateways.get(gateway);
    if (devices === undefined) return [];
    if (device === undefined) return [...devices.values()];
    const values = devices.get(device);
    return values === undefined ? [] : [values];
  }

  #device(gateway: string, device: string): Map<string, LiveSample> {
    let devices = this.#gateways.get(gateway);
    if (devices === undefined) this.#gateways.set(gateway, (devices = new Map()));
    let values = devices.get(device);
    if (values === undefined) devices.set(device, (values = new Map()));
    return values;
  }
}
