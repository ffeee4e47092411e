import {
  decodePayload,
  encodeCommand,
  encodeRebirthCommand,
  metricNamed,
  type CommandMetric,
  type DecodedPayload,
} from '../../../shared/codec/sparkplug.ts';
import { BD_SEQ_METRIC } from '../../../shared/codec/sparkplug-types.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { sparkplugTopic, type SparkplugType } from '../../../shared/topics/topics.ts';

/** A driver as seen by its node: it takes the payloads of one device, or of the node itself. */
export interface SparkplugListener {
  /** Plant time without a message after which it requests a birth, ms. */
  readonly askAfterMs: number;
  /** Its birth: all of its metrics with their present values. */
  birth(payload: DecodedPayload): void;
  /** False if the known births do not explain it. */
  data(payload: DecodedPayload): boolean;
  /** Its births are void and new ones are requested; measured values stay. */
  forget(): void;
  /** It is dead, by its own message or its broker's. */
  dies(): void;
  refuse(why: string): void;
}

export interface SparkplugNodeOptions {
  readonly group: string;
  readonly id: string;
  readonly publish: (topic: string, payload: Uint8Array) => Promise<boolean>;
  readonly clock: Clock;
}

interface Party {
  readonly listener: SparkplugListener;
  born: boolean;
  /** Elapsed plant time of its last message, ms. */
  heardMs: number;
}

const REBIRTH_MS = 10_000;
const NUMBERS = 256;

/**
 * The session of one edge node from its host's view: births, deaths, sequence (Sparkplug B 3.0, chapters 5 and 6). Its messages
 * take one connection into one broker, so they stay in order: a skipped number is a loss, which requests a rebirth at once. The
 * lost message may have been a birth with other aliases, so until the births arrive no data is read and nothing is commanded.
 */
export class SparkplugNode {
  readonly #options: SparkplugNodeOptions;
  /** By device id; '' is the node itself. */
  readonly #parties = new Map<string, Party[]>();
  #alive = false;
  #bdSeq: number | undefined;
  /** Undefined: it does not number its messages. */
  #next: number | undefined;
  #wantsBirth = false;
  #askedAtMs = -Infinity;

  constructor(options: SparkplugNodeOptions) {
    this.#options = options;
  }

  get name(): string {
    return `${this.#options.group}/${this.#options.id}`;
  }

  listen(device: string, listener: SparkplugListener): void {
    const parties = this.#parties.get(device) ?? [];
    parties.push({ listener, born: false, heardMs: -Infinity });
    this.#parties.set(device, parties);
  }

  /** The connection is up, first or again. Earlier messages of the node were missed, so the next turn requests its births. */
  joined(): void {
    this.#forget();
    this.#wantsBirth = true;
  }

  /** Called each second: repeats unanswered requests, and requests births of quiet nodes to see whether they are alive. */
  turn(): void {
    const nowMs = this.#options.clock.plant.elapsed();
    const quiet = this.#all().some(({ born, heardMs, listener }) => born && nowMs - heardMs >= listener.askAfterMs);
    if (this.#wantsBirth || quiet) this.#ask();
  }

  hears(type: SparkplugType, device: string, bytes: Uint8Array): void {
    const payload = decodePayload(bytes);
    if (!payload.ok) return this.#refuse(device, `${type}: ${payload.fault.detail}`);
    if (type === 'NBIRTH') return this.#nodeBirth(payload.value);
    if (type === 'NDEATH') return this.#nodeDeath(payload.value);
    if (!this.#alive) return this.#ask();
    this.#inSequence(type, device, payload.value.seq);
    const parties = this.#parties.get(device) ?? [];
    switch (type) {
      case 'DBIRTH':
        for (const party of parties) this.#born(party, payload.value);
        break;
      case 'DDEATH':
        for (const party of parties) dies(party);
        break;
      case 'NDATA':
      case 'DDATA':
        for (const party of parties) this.#data(party, payload.value);
        break;
      case 'NCMD':
      case 'DCMD':
        break;
    }
  }

  /** Commands metrics of a device, or of the node itself; false if the line does not take it. Never rejects. */
  command(device: string, metrics: readonly CommandMetric[]): Promise<boolean> {
    const { group, id, publish, clock } = this.#options;
    const topic = device === '' ? sparkplugTopic(group, 'NCMD', id) : sparkplugTopic(group, 'DCMD', id, device);
    return publish(topic, encodeCommand(Math.floor(clock.plant.now()), metrics));
  }

  /** A new session voids all earlier births; devices of a node that came back are dead until their births arrive. */
  #nodeBirth(payload: DecodedPayload): void {
    const stated = metricNamed(payload, BD_SEQ_METRIC)?.value;
    const bdSeq = typeof stated === 'number' ? stated : undefined;
    const reborn = this.#alive && bdSeq === this.#bdSeq;
    this.#alive = true;
    this.#bdSeq = bdSeq;
    this.#next = payload.seq === undefined ? undefined : (payload.seq + 1) % NUMBERS;
    this.#wantsBirth = false;
    if (reborn) this.#forget();
    else this.#all().forEach(dies);
    for (const party of this.#parties.get('') ?? []) this.#born(party, payload);
  }

  #nodeDeath(payload: DecodedPayload): void {
    const bdSeq = metricNamed(payload, BD_SEQ_METRIC)?.value;
    // The delayed will of an earlier session.
    if (typeof bdSeq === 'number' && this.#bdSeq !== undefined && bdSeq !== this.#bdSeq) return;
    this.#alive = false;
    this.#wantsBirth = false;
    this.#all().forEach(dies);
  }

  #born(party: Party, payload: DecodedPayload): void {
    party.born = true;
    party.heardMs = this.#options.clock.plant.elapsed();
    party.listener.birth(payload);
  }

  #data(party: Party, payload: DecodedPayload): void {
    if (!party.born) return this.#ask();
    party.heardMs = this.#options.clock.plant.elapsed();
    if (!party.listener.data(payload)) this.#ask();
  }

  #inSequence(type: SparkplugType, device: string, seq: number | undefined): void {
    const expected = this.#next;
    if (seq !== undefined) this.#next = (seq + 1) % NUMBERS;
    if (expected === undefined || seq === expected) return;
    this.#refuse(device, `${type} has sequence number ${seq ?? 'none'} instead of ${expected}: a message was lost`);
    this.#forget();
    this.#ask();
  }

  #forget(): void {
    for (const party of this.#all()) {
      party.born = false;
      party.listener.forget();
    }
  }

  /** At most once in ten seconds; a later turn repeats what is not allowed now. */
  #ask(): void {
    const { group, id, publish, clock } = this.#options;
    this.#wantsBirth = true;
    const nowMs = clock.machine.elapsed();
    if (nowMs - this.#askedAtMs < REBIRTH_MS) return;
    this.#askedAtMs = nowMs;
    // A failed publish is repeated at a turn.
    publish(sparkplugTopic(group, 'NCMD', id), encodeRebirthCommand(Math.floor(clock.plant.now()))).catch(
      () => undefined,
    );
  }

  /** Reports to the drivers of that device. Faults of the node itself go to all drivers if none reads it. */
  #refuse(device: string, why: string): void {
    const parties = this.#parties.get(device) ?? (device === '' ? this.#all() : []);
    for (const { listener } of parties) listener.refuse(`LS-DEVICE-006: ${this.name}: ${why}`);
  }

  #all(): Party[] {
    return [...this.#parties.values()].flat();
  }
}

function dies(party: Party): void {
  party.born = false;
  party.listener.dies();
}
