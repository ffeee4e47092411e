import { encodeDeviceBirth, encodeDeviceDeath, encodeFrame, encodeNodeBirth } from '../../shared/codec/sparkplug.ts';
import { encodeNodeDeath, type BirthMetric } from '../../shared/codec/sparkplug.ts';
import type { Frame } from '../../shared/contracts/frame.ts';
import type { Sample } from '../../shared/contracts/sample.ts';
import type { FrameBody } from '../../shared/codec/frame-body.ts';
import { THIS_READS } from '../../shared/contracts/reads.ts';
import { sparkplugTopic } from '../../shared/topics/topics.ts';
import type { LinkWill } from '../../shared/ports/link.ts';
import type { AliasTable } from './alias-table.ts';
import type { DeviceBirth } from './channel.ts';

export interface BirthsOptions {
  readonly group: string;
  readonly gateway: string;
  readonly software: string;
  readonly aliases: AliasTable;
  /** Plant time, ms UTC. */
  readonly now: () => number;
  /** Drawn for each node birth; signed heartbeats answer it. */
  readonly nonce: () => string;
  readonly keyGeneration: () => number;
  /** When the weather was issued that is held here, plant time; 0: none is. */
  readonly weatherAt: () => number;
}

export interface Outgoing {
  readonly topic: string;
  readonly payload: Uint8Array;
}

interface Device {
  alive: boolean;
  /** Its DBIRTH was sent in this session and names every metric in `metrics`. */
  born: boolean;
  readonly metrics: Set<string>;
  readonly last: Map<string, Sample>;
}

/** The gateway as a Sparkplug edge node: encodes births, data and deaths in sending order and numbers them (seq 0..255). */
export class Births {
  readonly #options: BirthsOptions;
  #devices = new Map<string, Device>();
  #seq = 0;

  constructor(options: BirthsOptions) {
    this.#options = options;
  }

  /** Will of the next connection, with its own bdSeq. */
  will(): LinkWill {
    return { ...this.#death(this.#options.aliases.nextBdSeq()), qos: 1, retain: false };
  }

  /** NBIRTH, then a DBIRTH for each live device. */
  all(): Outgoing[] {
    const { group, gateway, software, aliases, now, nonce, keyGeneration, weatherAt } = this.#options;
    this.#seq = 0;
    for (const device of this.#devices.values()) device.born = false;
    const payload = encodeNodeBirth({
      bdSeq: aliases.bdSeq,
      sentAt: now(),
      software,
      reads: { ...THIS_READS, heartbeatNonce: nonce(), keyGeneration: keyGeneration(), weatherAt: weatherAt() },
    });
    const births: Outgoing[] = [{ topic: sparkplugTopic(group, 'NBIRTH', gateway), payload }];
    for (const [id, device] of this.#devices) if (device.alive) births.push(this.#birth(id, device));
    return births;
  }

  /** Death certificate of the node, before it disconnects. */
  nodeDeath(): Outgoing {
    return this.#death(this.#options.aliases.bdSeq);
  }

  /** Registers devices; returns what must be sent for them in a session. */
  declare(births: readonly DeviceBirth[], inSession: boolean): Outgoing[] {
    const out: Outgoing[] = [];
    for (const birth of births) {
      const device = this.#device(birth.device);
      for (const metric of birth.metrics) {
        device.metrics.add(metric);
        this.#options.aliases.alias(birth.device, metric);
      }
      if (inSession && device.alive) out.push(this.#birth(birth.device, device));
    }
    return out;
  }

  /** Handles a device that went silent or came back. */
  deviceLink(id: string, alive: boolean, inSession: boolean): Outgoing[] {
    const device = this.#device(id);
    if (device.alive === alive) return [];
    device.alive = alive;
    if (!inSession) return [];
    if (alive) return [this.#birth(id, device)];
    if (!device.born) return [];
    device.born = false;
    const { group, gateway, now } = this.#options;
    const payload = encodeDeviceDeath(this.#nextSeq(), now());
    return [{ topic: sparkplugTopic(group, 'DDEATH', gateway, id), payload }];
  }

  /** Keeps the last values for the next birth. */
  note(frame: Frame): void {
    const { last, metrics } = this.#device(frame.device);
    for (const { metric, ...value } of frame.values) {
      metrics.add(metric);
      last.set(metric, { ...value, time: frame.time });
    }
  }

  /** A DDATA, preceded by a DBIRTH if this session has not yet named the device or one of the metrics. */
  data(frame: Frame, body: FrameBody, historical: boolean): Outgoing[] {
    const { group, gateway, aliases, now } = this.#options;
    const device = this.#device(frame.device);
    const out: Outgoing[] = [];
    const unnamed = frame.values.filter(({ metric }) => !device.metrics.has(metric));
    for (const { metric } of unnamed) device.metrics.add(metric);
    if (unnamed.length > 0 || !device.born) out.push(this.#birth(frame.device, device));
    const payload = encodeFrame({
      frame,
      body,
      historical,
      seq: this.#nextSeq(),
      sentAt: now(),
      aliasOf: (metric) => aliases.alias(frame.device, metric),
    });
    out.push({ topic: sparkplugTopic(group, 'DDATA', gateway, frame.device), payload });
    return out;
  }

  #birth(id: string, device: Device): Outgoing {
    const { group, gateway, aliases, now } = this.#options;
    device.born = true;
    const metrics = [...device.metrics].map((name): BirthMetric => {
      const last = device.last.get(name);
      const alias = aliases.alias(id, name);
      if (last === undefined) return { name, alias, value: null, time: now(), quality: 'bad', origin: 'measured' };
      return { name, alias, ...last };
    });
    const payload = encodeDeviceBirth({ seq: this.#nextSeq(), sentAt: now(), metrics });
    return { topic: sparkplugTopic(group, 'DBIRTH', gateway, id), payload };
  }

  #death(bdSeq: number): Outgoing {
    const { group, gateway, now } = this.#options;
    return { topic: sparkplugTopic(group, 'NDEATH', gateway), payload: encodeNodeDeath(bdSeq, now()) };
  }

  #nextSeq(): number {
    this.#seq = (this.#seq + 1) % 256;
    return this.#seq;
  }

  #device(id: string): Device {
    let device = this.#devices.get(id);
    if (device === undefined) {
      device = { alive: true, born: false, metrics: new Set(), last: new Map() };
      this.#devices.set(id, device);
    }
    return device;
  }
}
