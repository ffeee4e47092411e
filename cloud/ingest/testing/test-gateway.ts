import {
  encodeDeviceBirth,
  encodeDeviceDeath,
  encodeFrame,
  encodeNodeBirth,
  encodeNodeDeath,
} from '../../../shared/codec/sparkplug.ts';
import type { Acknowledgement, RangeReport } from '../../../shared/contracts/acknowledgement.ts';
import type { EventBatch } from '../../../shared/contracts/event.ts';
import type { Frame, FrameValue } from '../../../shared/contracts/frame.ts';
import type { Reads } from '../../../shared/contracts/reads.ts';
import { sparkplugTopic, topicFor } from '../../../shared/topics/topics.ts';

type Send = (topic: string, payload: Uint8Array) => Promise<void>;

export interface TestGatewayOptions {
  readonly gateway: string;
  readonly group: string;
  readonly run: number;
  readonly send: Send;
  readonly now: () => number;
}

export const testMetrics = ['activePowerKw', 'reactivePowerKvar', 'voltagePu'] as const;

/** A gateway without journal or timers; the test decides what it sends and when. */
export class TestGateway {
  readonly frames = new Map<number, Frame>();
  readonly #options: TestGatewayOptions;
  #accounted = new Set<number>();
  readonly refused = new Map<number, string>();
  #seq = 0;
  bdSeq = 0;
  run: number;
  nextOffset = 0;

  constructor(options: TestGatewayOptions) {
    this.#options = options;
    this.run = options.run;
  }

  /** `reads`: sent in the birth; undefined: none, as in version 0.1.0. */
  async born(devices: readonly string[], reads?: Reads): Promise<void> {
    const { group, gateway, send, now } = this.#options;
    this.#seq = 0;
    await send(
      sparkplugTopic(group, 'NBIRTH', gateway),
      encodeNodeBirth({ bdSeq: this.bdSeq, sentAt: now(), software: 'test', reads }),
    );
    for (const device of devices) await this.deviceBorn(device);
  }

  async deviceBorn(device: string): Promise<void> {
    const { group, gateway, send, now } = this.#options;
    const metrics = testMetrics.map((name) => ({
      name,
      alias: this.alias(device, name),
      value: null,
      time: now(),
      quality: 'bad' as const,
      origin: 'measured' as const,
    }));
    const payload = encodeDeviceBirth({ seq: this.#next(), sentAt: now(), metrics });
    await send(sparkplugTopic(group, 'DBIRTH', gateway, device), payload);
  }

  async died(bdSeq = this.bdSeq): Promise<void> {
    const { group, gateway, send, now } = this.#options;
    await send(sparkplugTopic(group, 'NDEATH', gateway), encodeNodeDeath(bdSeq, now()));
  }

  async deviceDied(device: string): Promise<void> {
    const { group, gateway, send, now } = this.#options;
    await send(sparkplugTopic(group, 'DDEATH', gateway, device), encodeDeviceDeath(this.#next(), now()));
  }

  /** Assigns a frame its offset; sends nothing. */
  accept(device: string, time: number, values: Partial<Record<(typeof testMetrics)[number], number>>): number {
    const offset = this.nextOffset++;
    const list = Object.entries(values).map(([metric, value]): FrameValue => ({
      metric,
      value,
      quality: 'good',
      origin: 'measured',
    }));
    this.frames.set(offset, { device, time, values: list });
    return offset;
  }

  async sendFrame(offset: number, historical = false): Promise<void> {
    const { group, gateway, send } = this.#options;
    await send(
      sparkplugTopic(group, 'DDATA', gateway, this.frames.get(offset)!.device),
      this.encode(offset, historical),
    );
  }

  encode(offset: number, historical = false): Uint8Array {
    const frame = this.frames.get(offset)!;
    return encodeFrame({
      frame,
      body: { run: this.run, offset, monotonicMs: 0 },
      seq: this.#next(),
      sentAt: this.#options.now(),
      historical,
      aliasOf: (metric) => this.alias(frame.device, metric),
    });
  }

  async sendEvents(items: EventBatch['items']): Promise<void> {
    const { gateway, send } = this.#options;
    const batch: EventBatch = { version: 1, run: this.run, items };
    await send(topicFor('events', gateway), new TextEncoder().encode(JSON.stringify(batch)));
  }

  async sendRanges(report: Omit<RangeReport, 'version'>): Promise<void> {
    const { gateway, send } = this.#options;
    await send(topicFor('ranges', gateway), new TextEncoder().encode(JSON.stringify({ version: 1, ...report })));
  }

  acknowledged({ stream, run, upTo, ranges, refused }: Acknowledgement): void {
    if (stream !== 'measurements' || run !== this.run) return;
    for (const offset of this.frames.keys()) {
      if (offset <= upTo || ranges.some(([low, high]) => offset >= low && offset <= high)) this.#accounted.add(offset);
    }
    for (const { offset, code } of refused) this.refused.set(offset, code);
  }

  /** Offsets that no acknowledgement has covered. */
  open(): number[] {
    return [...this.frames.keys()].filter((offset) => !this.#accounted.has(offset));
  }

  alias(device: string, metric: string): number {
    let alias = 1 + testMetrics.indexOf(metric as (typeof testMetrics)[number]);
    for (const letter of device) alias += 16 * letter.charCodeAt(0);
    return alias;
  }

  #next(): number {
    this.#seq = (this.#seq + 1) % 256;
    return this.#seq;
  }
}
