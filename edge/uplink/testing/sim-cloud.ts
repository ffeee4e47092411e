import { ReportReader } from '../../../shared/codec/packed-report.ts';
import {
  decodePayload,
  encodeRebirthCommand,
  birthReads,
  metricNamed,
  type DecodedPayload,
} from '../../../shared/codec/sparkplug.ts';
import type { Acknowledgement, RangeReport } from '../../../shared/contracts/acknowledgement.ts';
import type { EventBatch, LoadstoneEvent } from '../../../shared/contracts/event.ts';
import type { Frame, Stream } from '../../../shared/contracts/frame.ts';
import { MODEL_CHUNK_BYTES, type ChunkRequest } from '../../../shared/contracts/model.ts';
import type { TrainingReport } from '../../../shared/contracts/federated.ts';
import { FIRST_READS } from '../../../shared/contracts/reads.ts';
import type { DocumentReport, HealthReport } from '../../../shared/contracts/report.ts';
import type { Link, LinkMessage } from '../../../shared/ports/link.ts';
import { unwrap } from '../../../shared/outcome/outcome.ts';
import type { Clock, Timer } from '../../../shared/time/clock.ts';
import { OffsetSet } from '../../journal/offset-set.ts';
import {
  parseSparkplugTopic,
  parseTopic,
  sparkplugTopic,
  stateTopic,
  topicFor,
} from '../../../shared/topics/topics.ts';

/** A cloud for tests: stores what arrives, requests births, acknowledges each second. It forgets nothing unless told to. */
export class SimCloud {
  readonly host = 'loadstone-cloud';
  /** Stored frames by run/offset. */
  stored = new Map<string, Frame>();
  events = new Map<string, LoadstoneEvent>();
  /** Frames that were already stored. */
  repeats = 0;
  historical = 0;
  live = 0;
  deaths: number[] = [];
  births: number[] = [];
  /** What the gateway reads, by its newest birth. */
  reads = FIRST_READS;
  seqGaps = 0;
  rebirths = 0;
  readonly reports: DocumentReport[] = [];
  readonly healths: HealthReport[] = [];
  /** A new reader knows no earlier report, as after a restart of the cloud. */
  reader = new ReportReader();
  readonly ranges: RangeReport[] = [];
  readonly trainings: TrainingReport[] = [];
  /** Payloads of update chunks. */
  readonly updates: Uint8Array[] = [];
  readonly requests: number[] = [];
  /** Bytes that chunk requests are answered from. */
  model: { sha256: string; bytes: Uint8Array } | undefined;
  acknowledges = true;
  readonly #link: Link;
  readonly #clock: Clock;
  readonly #gateway: string;
  #aliases = new Map<number, { device: string; metric: string }>();
  #seq: number | undefined;
  #timer: Timer | undefined;
  #askedAt = Number.NEGATIVE_INFINITY;
  #runs: Record<Stream, Map<number, number>> = { measurements: new Map(), events: new Map() };
  /** Offsets that are stored or reported missing, by stream and run. */
  #account = new Map<string, OffsetSet>();

  constructor(options: { link: Link; clock: Clock; gateway: string }) {
    this.#link = options.link;
    this.#clock = options.clock;
    this.#gateway = options.gateway;
  }

  start(): void {
    const state = (online: boolean): Uint8Array => bytes({ online, timestamp: Math.round(this.#clock.machine.now()) });
    this.#link.open(
      {
        clientId: this.host,
        subscriptions: ['spBv1.0/north/#', 'loadstone/v1/#'],
        will: () => ({ topic: stateTopic(this.host), payload: state(false), qos: 1, retain: true }),
      },
      {
        onConnect: async () => {
          await this.#link.publish(stateTopic(this.host), state(true), { qos: 1, retain: true });
        },
        onClose: () => {},
        onMessage: (message) => this.#receive(message),
      },
    );
    this.#tick();
  }

  /** Restores a backup: everything stored after some point is gone. */
  restore(stored: Map<string, Frame>): void {
    this.stored = new Map(stored);
    for (const key of this.#account.keys()) if (key.startsWith('measurements')) this.#account.delete(key);
    for (const key of stored.keys()) {
      const [run, offset] = key.split('/').map(Number) as [number, number];
      this.#accountOf('measurements', run).add(offset, offset);
    }
  }

  async publish(
    name: 'desiredPlan' | 'desiredModel' | 'desiredSettings' | 'desiredTraining' | 'desiredWeather' | 'command',
    jws: string | Uint8Array,
  ): Promise<void> {
    const payload = typeof jws === 'string' ? new TextEncoder().encode(jws) : jws;
    await this.#link.publish(topicFor(name, this.#gateway), payload, { qos: 1 });
  }

  async say(topic: string, payload: Uint8Array, retain = false): Promise<void> {
    await this.#link.publish(topic, payload, { qos: 1, retain });
  }

  /** Whether an offset is accounted for. */
  accounted(stream: Stream, run: number, offset: number): boolean {
    return this.#accountOf(stream, run).has(offset);
  }

  async #receive({ topic, payload }: LinkMessage): Promise<void> {
    const sparkplug = parseSparkplugTopic(topic);
    if (sparkplug !== undefined) {
      if (!sparkplug.type.endsWith('CMD')) await this.#sparkplug(sparkplug, payload);
      return;
    }
    const parsed = parseTopic(topic);
    if (parsed === undefined || parsed.gateway !== this.#gateway) return;
    const value = (): unknown => JSON.parse(new TextDecoder().decode(payload));
    if (parsed.name === 'ranges') this.#takeRanges(value() as RangeReport);
    if (parsed.name === 'events') this.#takeEvents(value() as EventBatch);
    if (parsed.name === 'health') this.#takeHealth(payload);
    if (parsed.name === 'modelRequest') await this.#chunk(value() as ChunkRequest);
    if (parsed.name === 'reportedTraining') {
      this.trainings.push(value() as TrainingReport);
      return;
    }
    if (parsed.name === 'trainingChunk') {
      this.updates.push(payload);
      return;
    }
    if (parsed.name.startsWith('reported') || parsed.name === 'commandResult') {
      this.reports.push(value() as DocumentReport);
    }
  }

  #takeHealth(payload: Uint8Array): void {
    const json = unwrap(this.reader.read(payload));
    if (json !== undefined) this.healths.push(JSON.parse(new TextDecoder().decode(json)) as HealthReport);
  }

  async #sparkplug(topic: { type: string; device: string | undefined }, bytes: Uint8Array): Promise<void> {
    const decoded = decodePayload(bytes);
    if (!decoded.ok) throw new Error(decoded.fault.detail);
    const payload = decoded.value;
    if (topic.type === 'NDEATH') {
      this.deaths.push(Number(metricNamed(payload, 'bdSeq')?.value));
      return;
    }
    if (topic.type === 'NBIRTH') {
      this.births.push(Number(metricNamed(payload, 'bdSeq')?.value));
      this.reads = birthReads(payload);
    } else if (this.#seq !== undefined && payload.seq !== (this.#seq + 1) % 256) this.seqGaps++;
    this.#seq = payload.seq;
    for (const { name, alias } of payload.metrics) {
      if (topic.type === 'DBIRTH' && name !== undefined && alias !== undefined) {
        this.#aliases.set(alias, { device: topic.device!, metric: name });
      }
    }
    if (topic.type === 'DDATA') await this.#store(topic.device!, payload);
  }

  async #store(device: string, payload: DecodedPayload): Promise<void> {
    const { body, metrics } = payload;
    if (body === undefined) throw new Error('a frame without its identity');
    const values = metrics.map((metric) => ({ ...metric, named: this.#aliases.get(metric.alias ?? -1) }));
    if (values.some(({ named }) => named === undefined)) {
      await this.#askRebirth();
      return;
    }
    const key = `${body.run}/${body.offset}`;
    if (this.stored.has(key)) this.repeats++;
    if (metrics[0]?.historical === true) this.historical++;
    else this.live++;
    this.#accountOf('measurements', body.run).add(body.offset, body.offset);
    this.stored.set(key, {
      device,
      time: metrics[0]?.time ?? 0,
      values: values.map(({ named, value, quality, origin }) => ({
        metric: named!.metric,
        value: Number(value),
        quality,
        origin,
      })),
    });
  }

  async #askRebirth(): Promise<void> {
    const now = this.#clock.machine.elapsed();
    if (now - this.#askedAt < 10_000) return;
    this.#askedAt = now;
    this.rebirths++;
    const topic = sparkplugTopic('north', 'NCMD', this.#gateway);
    await this.#link.publish(topic, encodeRebirthCommand(now), { qos: 1 });
  }

  #takeRanges(report: RangeReport): void {
    this.ranges.push(report);
    for (const { run, firstOffset } of report.runs) this.#runs[report.stream].set(run, firstOffset);
    for (const { run, from, to } of report.missing) this.#accountOf(report.stream, run).add(from, to);
  }

  #takeEvents(batch: EventBatch): void {
    for (const { offset, event } of batch.items) {
      this.events.set(`${batch.run}/${offset}`, event);
      this.#accountOf('events', batch.run).add(offset, offset);
    }
  }

  async #chunk({ sha256, index }: ChunkRequest): Promise<void> {
    this.requests.push(index);
    if (this.model?.sha256 !== sha256) return;
    const part = this.model.bytes.subarray(index * MODEL_CHUNK_BYTES, (index + 1) * MODEL_CHUNK_BYTES);
    const payload = new Uint8Array(36 + part.length);
    payload.set(Uint8Array.from(sha256.match(/../g)!, (pair) => Number.parseInt(pair, 16)));
    new DataView(payload.buffer).setUint32(32, index, true);
    payload.set(part, 36);
    await this.#link.publish(topicFor('modelChunk', this.#gateway), payload, { qos: 1 });
  }

  /** Needed with a real clock. */
  stop(): void {
    this.#timer?.cancel();
  }

  #tick(): void {
    this.#timer = this.#clock.machine.after(1000, async () => {
      if (this.acknowledges) for (const stream of ['measurements', 'events'] as const) await this.#acknowledge(stream);
      this.#tick();
    });
  }

  async #acknowledge(stream: Stream): Promise<void> {
    for (const [run, first] of this.#runs[stream]) {
      const known = this.#accountOf(stream, run);
      const upTo = known.nextMissing(first) - 1;
      const ranges = known
        .ranges()
        .filter(([from]) => from > upTo + 1)
        .slice(0, 32);
      const ack: Acknowledgement = {
        version: 1,
        stream,
        run,
        upTo: Math.max(-1, upTo),
        ranges: [...ranges] as never,
        refused: [],
      };
      await this.#link.publish(topicFor('acknowledgement', this.#gateway), bytes(ack), { qos: 0 });
    }
  }

  #accountOf(stream: Stream, run: number): OffsetSet {
    const key = `${stream}/${run}`;
    const known = this.#account.get(key) ?? new OffsetSet();
    this.#account.set(key, known);
    return known;
  }
}

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
