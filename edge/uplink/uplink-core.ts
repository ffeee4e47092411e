import { packReport, REPORT_ENCODING, ReportPacker } from '../../shared/codec/packed-report.ts';
import { readCovered } from '../../shared/codec/signed-heartbeat.ts';
import { asksRebirth, decodePayload } from '../../shared/codec/sparkplug.ts';
import type { DocumentType } from '../../shared/contracts/document.ts';
import type { Frame } from '../../shared/contracts/frame.ts';
import type { Disk } from '../../shared/ports/disk.ts';
import type { Link, LinkMessage } from '../../shared/ports/link.ts';
import type { Random } from '../../shared/ports/random.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import {
  parseTopic,
  sparkplugTopic,
  stateTopic,
  topicFor,
  topicTable,
  type TopicName,
} from '../../shared/topics/topics.ts';
import { Learner, type Trainer } from '../federated/learner.ts';
import { LoadBook } from '../federated/load-book.ts';
import { budgetOf } from '../journal/budget.ts';
import { Journal } from '../journal/journal.ts';
import type { FromUplink, JournalState, Restored, ToUplink, Uplink } from './channel.ts';
import type { UplinkConfig } from './config.ts';
import { DocumentDesk } from './document-desk.ts';
import { FrameRecords } from './frame-record.ts';
import { HeartbeatGate } from './heartbeat-gate.ts';
import { KeyRing } from './key-ring.ts';
import { LatestFile } from './latest-file.ts';
import { parseAcknowledgement, parseHeartbeat } from './messages.ts';
import { MeteredLink } from './metered-link.ts';
import { NodeSession } from './node-session.ts';
import { Publisher } from './publisher.ts';
import { RangeReporter } from './range-reporter.ts';
import { readSavedState } from './saved-state.ts';
import { UplinkEvents } from './uplink-events.ts';
import { WorkQueue } from './work-queue.ts';

export interface UplinkPorts {
  readonly clock: Clock;
  readonly link: Link;
  readonly disk: Disk;
  readonly random: Random;
  /** Draws an unpredictable nonce of at least 16 hexadecimal digits; absent: drawn from `random`. */
  readonly nonce?: () => string;
  /** Trains rounds of federated learning; used if configured. */
  readonly trainer?: Trainer;
}

const OPEN_AGAIN_MS = 5000;

/** Journal, uplink and document acceptance on ports alone: in a worker thread in production, and on virtual time. */
export class UplinkCore implements Uplink {
  readonly #config: UplinkConfig;
  readonly #ports: UplinkPorts;
  readonly #link: MeteredLink;
  readonly #healthPacker = new ReportPacker();
  /** The cloud's heartbeat says that it reads packed reports. */
  #packs = false;
  readonly #journal: Journal;
  readonly #session: NodeSession;
  readonly #publisher: Publisher;
  readonly #desk: DocumentDesk;
  readonly #gate: HeartbeatGate;
  readonly #ring: KeyRing;
  readonly #ranges: RangeReporter;
  /** Federated learning, if this gateway takes part. */
  readonly #book: LoadBook | undefined;
  readonly #learner: Learner | undefined;
  readonly #events: UplinkEvents;
  readonly #records = new FrameRecords();
  readonly #state: LatestFile;
  readonly #work: WorkQueue;
  /** Disk-only tasks, which never wait for the broker. */
  readonly #files: WorkQueue;
  #handler: (message: FromUplink) => void = () => {};
  #tick: Timer | undefined;
  #lastState = '';
  #stopped = false;
  /** Settles once the journal is open and the connection is being made. */
  #opening = Promise.resolve();

  constructor(config: UplinkConfig, ports: UplinkPorts) {
    const { clock, disk, random } = ports;
    const link = new MeteredLink(ports.link);
    this.#config = config;
    this.#ports = ports;
    this.#link = link;
    this.#ring = new KeyRing(config.trustedKeys, disk);
    this.#journal = new Journal({
      disk,
      clock,
      run: random.uint32(),
      syncMs: config.journal.syncMs,
      budget: budgetOf(config.journal.maxMb * 1_000_000, config.journal.maxAgeMs),
      onAccepted: (entries) => this.#publisher.accepted(entries),
      onNotice: (notice) => this.#events.notice(notice),
    });
    this.#events = new UplinkEvents({ clock, disk, journal: this.#journal });
    this.#session = new NodeSession({
      config,
      clock,
      disk,
      link,
      subscriptions: this.#subscriptions(),
      onBorn: () => this.#born(),
      onLost: () => this.#lost(),
      onTrouble: (reason) => this.#trouble(reason),
      onMessage: (message) => this.#receive(message),
      nonce: () => this.#newNonce(),
      keyGeneration: () => this.#ring.generation,
      weatherAt: () => this.#desk.weatherAt,
    });
    this.#gate = new HeartbeatGate({
      gateway: config.gateway,
      keys: () => this.#ring.keys('online'),
      hasRoot: () => this.#ring.hasRoot,
      disk,
      plant: clock.plant,
    });
    this.#publisher = new Publisher({
      config,
      clock,
      journal: this.#journal,
      session: this.#session,
      records: this.#records,
    });
    this.#ranges = new RangeReporter({
      journal: this.#journal,
      clock,
      publish: (json) => this.#publish('ranges', json),
    });
    this.#desk = new DocumentDesk({
      disk,
      clock,
      config,
      ring: this.#ring,
      publish: (topic, json) => this.#publish(topic, json),
      emit: (message) => this.#handler(message),
      event: (event) => this.#events.take(event),
      train: config.federated === undefined ? undefined : (document) => this.#learner?.take(document),
    });
    const { federated } = config;
    if (federated !== undefined && ports.trainer !== undefined) {
      this.#book = new LoadBook({ ...federated, disk });
      this.#learner = new Learner({
        disk,
        clock,
        book: this.#book,
        trainer: ports.trainer,
        zone: federated.zone,
        publish: (name, payload) => link.publish(topicFor(name, config.gateway), payload, { qos: 1 }),
        sendReport: (report) => this.#desk.report('reportedTrainingWay', report),
        event: (event) => this.#events.take(event),
      });
    }
    this.#state = new LatestFile(disk, 'state.json');
    this.#work = new WorkQueue(clock);
    this.#files = new WorkQueue(clock);
  }

  /** Control waits for what this returns, and the journal may take minutes to open, so it opens afterwards. */
  async start(handler: (message: FromUplink) => void): Promise<Restored> {
    this.#handler = handler;
    const state = await readSavedState(this.#state, this.#ports.clock.machine);
    await this.#book?.open(this.#ports.clock.plant.now());
    await this.#ring.load();
    const documents = await this.#desk.restore();
    this.#files.open();
    this.#openSoon(0);
    return { ...state, ...documents };
  }

  #openSoon(delayMs: number): void {
    this.#ports.clock.machine.after(delayMs, () => {
      this.#opening = this.#open();
      return this.#opening;
    });
  }

  async #open(): Promise<void> {
    if (this.#stopped) return;
    try {
      await this.#journal.open();
      await this.#session.load();
      await this.#gate.load();
      await this.#events.tellReset();
      if (this.#stopped) return;
      this.#session.open();
      this.#work.open();
      this.#scheduleTick();
    } catch (error) {
      if (!this.#stopped) this.#openSoon(OPEN_AGAIN_MS);
      throw error;
    }
  }

  send(message: ToUplink): boolean {
    if (this.#stopped) return false;
    switch (message.kind) {
      case 'frames':
        return this.#takeFrames(message.frames);
      case 'events':
        if (this.#journal.room('events') < message.events.length) return false;
        for (const event of message.events) this.#events.take(event);
        return true;
      case 'births':
        return this.#work.add(() =>
          this.#session.declare(message.devices.filter(({ device }) => !this.#stays(device))),
        );
      case 'device-link':
        if (this.#stays(message.device)) return true;
        return this.#work.add(() => this.#session.deviceLink(message.device, message.alive));
      case 'health':
        return this.#work.add(async () => {
          if (!this.#session.born) return;
          const json = encode({ ...message.health, journal: this.#journal.state() });
          const { machine } = this.#ports.clock;
          await this.#send('health', this.#packs ? this.#healthPacker.pack(json, machine.elapsed()) : json);
        });
      case 'sessions':
        return this.#work.add(async () => {
          if (!this.#session.born) return;
          const json = encode(message.report);
          await this.#send('sessions', this.#packs ? packReport(json) : json);
        });
      case 'report':
        return this.#files.add(() => this.#desk.report(message.topic, message.report));
      case 'state':
        this.#state.put(message.json);
        return this.#files.add(() => this.#state.write());
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#tick?.cancel();
    this.#events.finish();
    await this.#files.finish();
    await this.#opening.catch(() => undefined);
    await this.#work.finish();
    await this.#journal.flush();
    await this.#publisher.finish();
    await this.#learner?.stop();
    await this.#desk.stop();
    await this.#session.close();
    await this.#journal.close();
  }

  /** Journal for tests and the simulation's ledger of accepted records. */
  get journal(): Journal {
    return this.#journal;
  }

  #subscriptions(): string[] {
    const { gateway, group, hostId } = this.#config;
    const names = ['acknowledgement', 'heartbeat', 'command', 'modelChunk', 'trainingRequest'] as const;
    const state = hostId === '' ? [] : [stateTopic(hostId)];
    return [
      ...names.map((name) => topicFor(name, gateway)),
      // Every cloud grants this filter; an older one would cut a gateway off that names a document unknown there.
      `loadstone/v1/${gateway}/desired/+`,
      sparkplugTopic(group, 'NCMD', gateway),
      ...state,
    ];
  }

  #publish(name: TopicName, json: string): Promise<boolean> {
    return this.#send(name, new TextEncoder().encode(json));
  }

  #send(name: TopicName, payload: Uint8Array): Promise<boolean> {
    const { qos } = topicTable[name];
    return this.#link.publish(topicFor(name, this.#config.gateway), payload, { qos });
  }

  async #born(): Promise<void> {
    // Until the next heartbeat: another cloud may answer now, and it knows no earlier reports.
    this.#packs = false;
    this.#healthPacker.reset();
    this.#publisher.start();
    this.#handler({ kind: 'link', connected: true });
    await this.#ranges.report();
    await this.#desk.connected();
    await this.#learner?.connected();
  }

  #lost(): void {
    this.#publisher.stop();
    this.#desk.disconnected();
    this.#learner?.disconnected();
    this.#handler({ kind: 'link', connected: false });
  }

  /** Reports why there is no connection, once per reason and not per attempt. */
  #trouble(reason: string): void {
    this.#handler({ kind: 'trouble', text: this.#events.trouble(this.#config.url, reason) });
  }

  async #receive({ topic, payload }: LinkMessage): Promise<void> {
    const { gateway, group } = this.#config;
    if (topic === sparkplugTopic(group, 'NCMD', gateway)) {
      const command = decodePayload(payload);
      if (!command.ok || !asksRebirth(command.value)) return;
      // The cloud may have lost more than births.
      this.#healthPacker.reset();
      await this.#session.rebirth();
      return;
    }
    const parsed = parseTopic(topic);
    if (parsed?.gateway !== gateway) return;
    if (parsed.name === 'acknowledgement') this.#acknowledged(payload);
    if (parsed.name === 'heartbeat') await this.#heartbeat(payload);
    if (parsed.name === 'desiredKeys') await this.#keyList(payload);
    if (parsed.name === 'modelChunk') {
      await this.#desk.chunk(payload);
      await this.#learner?.chunk(payload);
    }
    if (parsed.name === 'trainingRequest') await this.#learner?.request(payload);
    const type = documentTopics[parsed.name];
    if (type !== undefined) await this.#desk.receive(type, payload);
  }

  #acknowledged(payload: Uint8Array): void {
    const parsed = parseAcknowledgement(payload);
    if (!parsed.ok) {
      this.#events.notice({ code: parsed.fault.code, detail: `acknowledgement: ${parsed.fault.detail}` });
      return;
    }
    const { stream, run, upTo, ranges, refused } = parsed.value;
    if (this.#gate.isPinned) this.#journal.pause(stream, run, upTo, ranges);
    else this.#journal.acknowledge(stream, run, upTo, ranges);
    this.#publisher.acknowledged(stream);
    this.#events.refused(stream, refused);
  }

  async #heartbeat(payload: Uint8Array): Promise<void> {
    const parsed = parseHeartbeat(payload);
    if (!parsed.ok) return;
    const judged = await this.#gate.judge(parsed.value);
    if (this.#gate.isRebirthDue(judged)) await this.#session.rebirth();
    if (judged === 'refused') this.#events.heartbeatRefused();
    if (judged !== 'taken') return;
    const { reads, signed, covered = [] } = parsed.value;
    for (const { stream, run, upTo, ranges } of signed === undefined ? [] : covered.map(readCovered)) {
      this.#journal.acknowledge(stream, run, upTo, ranges);
      this.#publisher.acknowledged(stream);
    }
    if (reads !== undefined || signed === undefined) this.#packs = reads?.includes(REPORT_ENCODING) === true;
    this.#handler({ kind: 'heartbeat', time: parsed.value.time, lagMs: this.#gate.lagMs });
  }

  /** The birth states which list is held; until it is the newest, the cloud sends the list again. */
  async #keyList(payload: Uint8Array): Promise<void> {
    const taken = await this.#ring.take(new TextDecoder().decode(payload));
    this.#events.keys(taken, this.#ring.generation);
    // A cloud that does not know which list is held here keeps using its previous key, which may have ended.
    if (this.#ring.generation > 0) await this.#session.rebirth();
  }

  #newNonce(): string {
    const { random, nonce } = this.#ports;
    const drawn =
      nonce?.() ?? [random.uint32(), random.uint32()].map((part) => part.toString(16).padStart(8, '0')).join('');
    this.#gate.begin(drawn);
    return drawn;
  }

  #takeFrames(frames: readonly Frame[]): boolean {
    if (this.#journal.room('measurements') < frames.length) return false;
    const monotonicMs = Math.round(this.#ports.clock.machine.elapsed());
    for (const frame of frames) {
      const values = frame.values.filter(({ value }) => Number.isFinite(value));
      if (values.length < frame.values.length) this.#events.notFinite(frame);
      if (values.length === 0) continue;
      const whole = { device: frame.device, time: Math.round(frame.time), values };
      this.#book?.observe(whole);
      if (this.#stays(frame.device)) continue;
      this.#session.note(whole);
      this.#journal.append('measurements', this.#records.encode({ frame: whole, monotonicMs }));
    }
    return true;
  }

  /** Whether the device's measurements must not leave the gateway. */
  #stays(device: string): boolean {
    return this.#config.federated?.withheld?.includes(device) === true;
  }

  #scheduleTick(): void {
    if (this.#stopped) return;
    this.#tick = this.#ports.clock.machine.after(this.#config.tickMs ?? 1000, async () => {
      try {
        await this.#turn();
      } finally {
        this.#scheduleTick();
      }
    });
  }

  async #turn(): Promise<void> {
    this.#events.turn();
    this.#files.add(() => this.#writeAgain());
    for (const stream of this.#journal.resume()) this.#publisher.acknowledged(stream);
    this.#tellState();
    this.#tellTraffic();
    if (this.#session.born) await this.#ranges.tick(this.#publisher.resent);
    await this.#learner?.tick();
  }

  /** Writes what a failing disk refused: a command whose outcome is lost in a restart would be answered as if it had not acted. */
  async #writeAgain(): Promise<void> {
    await this.#state.write();
    await this.#desk.writeAgain();
  }

  #tellState(): void {
    const state: JournalState = this.#journal.state();
    const text = JSON.stringify(state);
    if (text !== this.#lastState) this.#handler({ kind: 'journal', state });
    this.#lastState = text;
  }

  #tellTraffic(): void {
    const traffic = this.#link.take();
    if (Object.keys(traffic).length > 0) this.#handler({ kind: 'traffic', traffic });
  }
}

const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const documentTopics: Partial<Record<TopicName, DocumentType>> = {
  desiredPlan: 'plan',
  desiredModel: 'model',
  desiredSettings: 'settings',
  command: 'command',
  desiredTraining: 'training',
  desiredWeather: 'weather',
};
