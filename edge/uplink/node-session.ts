import type { FrameBody } from '../../shared/codec/frame-body.ts';
import type { Frame } from '../../shared/contracts/frame.ts';
import type { Disk } from '../../shared/ports/disk.ts';
import type { Link, LinkMessage } from '../../shared/ports/link.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import { stateTopic } from '../../shared/topics/topics.ts';
import { AliasTable } from './alias-table.ts';
import { Births, type Outgoing } from './births.ts';
import type { DeviceBirth } from './channel.ts';
import type { UplinkConfig } from './config.ts';
import { parseHostState } from './messages.ts';

export interface SessionOptions {
  readonly config: UplinkConfig;
  readonly clock: Clock;
  readonly disk: Disk;
  readonly link: Link;
  readonly subscriptions: readonly string[];
  readonly onBorn: () => Promise<void>;
  readonly onLost: () => void;
  /** Reports a connection failure not yet reported since the last birth. */
  readonly onTrouble: (reason: string) => void;
  /** Drawn for each node birth. */
  readonly nonce: () => string;
  readonly keyGeneration: () => number;
  readonly weatherAt: () => number;
  readonly onMessage: (message: LinkMessage) => Promise<void>;
}

/** A primary host silent for this long is reported, and a new connection requests its STATE. */
const HOST_SILENT_MS = 30_000;
const REBIRTH_EACH_MS = 1000;

/**
 * The gateway's Sparkplug session. It sends births when the primary host is online and never before (without a host: once
 * connected), and again on request. It ends when the host or the link is lost. Everything with a `seq` is sent through here.
 */
export class NodeSession {
  readonly #options: SessionOptions;
  readonly #aliases: AliasTable;
  readonly #births: Births;
  #born = false;
  #bornAt = Number.NEGATIVE_INFINITY;
  #host: 'unknown' | 'online' | 'offline' = 'unknown';
  #hostStamp = Number.NEGATIVE_INFINITY;
  #timer: Timer | undefined;
  readonly #troubles = new Set<string>();

  constructor(options: SessionOptions) {
    this.#options = options;
    const { config, clock, disk } = options;
    const { group, gateway, software } = config;
    this.#aliases = new AliasTable(disk);
    const now = (): number => Math.round(clock.plant.now());
    this.#births = new Births({
      group,
      gateway,
      software,
      aliases: this.#aliases,
      now,
      nonce: options.nonce,
      keyGeneration: options.keyGeneration,
      weatherAt: options.weatherAt,
    });
  }

  get born(): boolean {
    return this.#born;
  }

  async load(): Promise<void> {
    await this.#aliases.load();
  }

  open(): void {
    const { link, config, subscriptions } = this.#options;
    link.open(
      { clientId: config.gateway, subscriptions, will: () => this.#births.will() },
      {
        onConnect: () => this.#connected(),
        onClose: (reason) => this.#closed(reason),
        onMessage: (message) => this.#message(message),
      },
    );
  }

  /** Sends NDEATH and closes. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    if (this.#born) await this.#send([this.#births.nodeDeath()]);
    this.#lost();
    await this.#options.link.close();
    await this.#aliases.save();
  }

  async declare(devices: readonly DeviceBirth[]): Promise<void> {
    await this.#send(this.#births.declare(devices, this.#born));
    await this.#aliases.save();
  }

  async deviceLink(device: string, alive: boolean): Promise<void> {
    await this.#send(this.#births.deviceLink(device, alive, this.#born));
  }

  note(frame: Frame): void {
    this.#births.note(frame);
  }

  /** Sends a frame as DDATA; false if it was not sent. */
  async data(frame: Frame, body: FrameBody, historical: boolean): Promise<boolean> {
    return this.#born && this.#send(this.#births.data(frame, body, historical));
  }

  /** Publishes a message without `seq`. */
  async publish(topic: string, payload: Uint8Array): Promise<boolean> {
    return this.#born && this.#options.link.publish(topic, payload, { qos: 0 });
  }

  /** Sends all births again at the host's request. */
  async rebirth(): Promise<void> {
    if (!this.#born || this.#elapsed() - this.#bornAt < REBIRTH_EACH_MS) return;
    this.#bornAt = this.#elapsed();
    await this.#send(this.#births.all());
  }

  async #connected(): Promise<void> {
    const { hostId } = this.#options.config;
    if (this.#host === 'online' || hostId === '') {
      await this.#birth();
      return;
    }
    this.#timer?.cancel();
    this.#timer = this.#options.clock.machine.after(HOST_SILENT_MS, async () => {
      if (this.#host !== 'unknown') return;
      this.#tellTrouble(`its host ${hostId} has not said that it is online; uplink.hostId names the host to wait for`);
      await this.#reconnect();
    });
  }

  async #reconnect(): Promise<void> {
    this.#lost();
    await this.#options.link.close();
    this.open();
  }

  #tellTrouble(reason: string): void {
    if (!this.#troubles.has(reason)) this.#options.onTrouble(reason);
    this.#troubles.add(reason);
  }

  #closed(reason: string): void {
    this.#tellTrouble(reason);
    // The next connection delivers the retained STATE, possibly from a host whose clock was set back.
    this.#hostStamp = Number.NEGATIVE_INFINITY;
    this.#lost();
  }

  #lost(): void {
    this.#timer?.cancel();
    this.#host = 'unknown';
    if (!this.#born) return;
    this.#born = false;
    this.#options.onLost();
  }

  async #message(message: LinkMessage): Promise<void> {
    if (message.topic === stateTopic(this.#options.config.hostId)) await this.#onHostState(message.payload);
    else await this.#options.onMessage(message);
  }

  /** When the primary host goes offline, an edge node sends NDEATH, disconnects and waits (Sparkplug B 3.0, 5.4). */
  async #onHostState(payload: Uint8Array): Promise<void> {
    const state = parseHostState(payload);
    if (!state.ok) return;
    const { online, timestamp = this.#hostStamp } = state.value;
    if (timestamp < this.#hostStamp) return;
    this.#hostStamp = timestamp;
    this.#host = online ? 'online' : 'offline';
    if (online) await this.#birth();
    else if (this.#born) {
      await this.#send([this.#births.nodeDeath()]);
      await this.#reconnect();
    }
  }

  async #birth(): Promise<void> {
    if (this.#born || !this.#options.link.connected) return;
    // A birth never uses a bdSeq that a crash could repeat.
    await this.#aliases.save();
    if (this.#born || !this.#options.link.connected) return;
    this.#born = true;
    this.#troubles.clear();
    this.#bornAt = this.#elapsed();
    this.#timer?.cancel();
    await this.#send(this.#births.all());
    await this.#aliases.save();
    await this.#options.onBorn();
  }

  /** Publishes in order without interleaving, because `seq` is assigned when a payload is encoded. */
  async #send(outgoing: readonly Outgoing[]): Promise<boolean> {
    const { link } = this.#options;
    const sent = await Promise.all(outgoing.map(({ topic, payload }) => link.publish(topic, payload, { qos: 0 })));
    return sent.every(Boolean);
  }

  #elapsed(): number {
    return this.#options.clock.machine.elapsed();
  }
}
