import { ID_PATTERN } from '../../shared/contracts/ids.ts';
import { plainText } from '../../shared/contracts/plain-text.ts';
import { FIRST_READS, type Reads } from '../../shared/contracts/reads.ts';
import { decodePayload, type DecodedPayload } from '../../shared/codec/sparkplug.ts';
import type { Fault } from '../../shared/outcome/outcome.ts';
import type { LinkMessage } from '../../shared/ports/link.ts';
import type { Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import { parseSparkplugTopic, parseTopic, sparkplugTopic, stateTopic } from '../../shared/topics/topics.ts';
import { Acknowledger } from './acknowledger.ts';
import { BatchWriter } from './batch-writer.ts';
import { Budgets } from './budgets.ts';
import { BirthBook } from './birth-book.ts';
import { NodeTable } from './births.ts';
import { FOREIGN_RUN, FrameDesk } from './frame-desk.ts';
import type { IngestHandlers } from './handlers.ts';
import { Heart } from './heart.ts';
import type { IngestCounts, IngestOptions } from './ingest-options.ts';
import { encodeJson } from './messages.ts';
import { Quarantine } from './quarantine.ts';
import { Rebirths } from './rebirths.ts';
import { ReportDesk } from './report-desk.ts';
import { RunBudget } from './run-budget.ts';
import { ingestSubscriptions } from './subscriptions.ts';

const ACK_MS = 1000;
/**
 * Frames are committed together this often: acknowledgements go out each second, and each commit writes whole pages of store and ledger.
 */
const BATCH_AGE_MS = 500;
const COMPACT_MS = 3_600_000;
/** A node death holds one number. */
const DEATH_BYTES = 256;
const id = new RegExp(ID_PATTERN);

/** Handles everything that gateways send: decode, check, store, account, acknowledge, in this order. */
export class Ingest {
  readonly quarantine = new Quarantine();
  readonly #options: IngestOptions;
  readonly #handlers: IngestHandlers;
  readonly #writer: BatchWriter;
  readonly #acknowledger: Acknowledger;
  readonly #heart: Heart;
  readonly #reports: ReportDesk;
  readonly #budgets: Budgets;
  readonly #runs: RunBudget;
  readonly #births: BirthBook;
  readonly #rebirths: Rebirths;
  readonly #frames: FrameDesk;
  readonly #tables = new Map<string, NodeTable>();
  #timers: Timer[] = [];
  #overBudget = 0;
  #refusedLast: LinkMessage | undefined;
  #onWait: (seconds: number) => void = () => undefined;
  #stopping = false;

  constructor(options: IngestOptions) {
    const { link, store, ledger, clock, handlers = {} } = options;
    this.#options = options;
    this.#births = new BirthBook(options.births);
    this.#handlers = handlers;
    this.#acknowledger = new Acknowledger(link, ledger, clock.machine, (gateway) => this.reads(gateway));
    const { watch } = options;
    if (watch !== undefined) this.#acknowledger.listen((...sent) => watch.acknowledged(...sent));
    this.#heart = new Heart({
      link,
      clock,
      hostId: options.hostId ?? 'loadstone-cloud',
      epoch: options.epoch ?? (async () => 0),
      gateways: () => this.gateways(),
      keys: options.keys,
      reads: (gateway) => this.reads(gateway),
      covered: (gateway) => this.#acknowledger.covered(gateway),
    });
    this.#budgets = new Budgets({
      machine: clock.machine,
      ...(options.budgets === undefined ? {} : { sizes: options.budgets }),
      onBudget: (gateway, code, fault) => handlers.onBudget?.(gateway, code, fault),
    });
    this.#runs = new RunBudget({ ledger, budgets: this.#budgets, plant: clock.plant, ...options.runBudget });
    this.#reports = new ReportDesk({
      ledger,
      budgets: this.#budgets,
      runs: this.#runs,
      clock,
      handlers,
      events: options.events,
      acknowledger: this.#acknowledger,
      refuse: (message, gateway, fault) => this.#refuse(message, gateway, fault),
      within: (admitted) => this.#within(admitted),
    });
    this.#rebirths = new Rebirths(options);
    this.#writer = new BatchWriter({
      store,
      ledger,
      clock,
      batchPoints: options.batchPoints ?? 5000,
      batchAgeMs: options.batchAgeMs ?? BATCH_AGE_MS,
      maxHeldPoints: options.maxHeldPoints ?? 400_000,
      watch,
      onAccounted: (entries, waitedS) => {
        this.#acknowledger.accounted(entries.filter((entry) => entry.run !== FOREIGN_RUN));
        this.#onWait(waitedS);
      },
      onRefused: ({ entry, points }, fault) => {
        const device = points[0]?.series.device ?? '';
        const topic = sparkplugTopic(options.group, 'DDATA', entry.gateway, device);
        const values = points.map(({ series, time, value }) => ({ metric: series.metric, time, value }));
        const message = { topic, payload: encodeJson(values), retain: false };
        this.#refuse(message, entry.gateway, { code: fault.code, detail: fault.message });
      },
      onStore: (fault) => handlers.onStore?.(fault === null ? null : { code: fault.code, detail: fault.message }),
    });
    this.#frames = new FrameDesk({
      ...options,
      handlers,
      writer: this.#writer,
      acknowledger: this.#acknowledger,
      rebirths: this.#rebirths,
      budgets: this.#budgets,
      runs: this.#runs,
      refuse: (message, gateway, fault) => this.#refuse(message, gateway, fault),
      within: (admitted) => this.#within(admitted),
    });
  }

  /** The store, the ledger, the event log, the birth store and the link's broker must be open. */
  async start(): Promise<void> {
    const { link, ledger, clock, group, heartbeatS = 60 } = this.#options;
    for (const table of await this.#births.load()) this.#tables.set(table.gateway, table);
    link.open(
      {
        clientId: this.#heart.hostId,
        subscriptions: ingestSubscriptions(group, this.#heart.hostId),
        will: () => this.#heart.will(),
        isPersisted: () => this.#isPersisted(),
      },
      {
        onConnect: () => this.#heart.online(),
        onClose: () => undefined,
        onMessage: (message) => this.#message(message),
      },
    );
    this.#timers = [
      every(clock.machine, ACK_MS, () => this.#acknowledger.turn()),
      every(clock.machine, ACK_MS, () => this.#births.flush()),
      every(clock.machine, ACK_MS, () => this.#budgets.turn()),
      every(clock.plant, heartbeatS * 1000, () => this.#heart.beat()),
      every(clock.plant, COMPACT_MS, () => ledger.compact(clock.plant.now())),
    ];
  }

  /** Writes what is held, acknowledges it and publishes the offline STATE. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
    this.#rebirths.stop();
    // Runs from the last to the first, each even if another throws: a lost database accepts nothing.
    const ending = new AsyncDisposableStack();
    ending.defer(() => this.#options.link.close());
    ending.defer(() => this.#heart.offline());
    ending.defer(() => this.#acknowledger.turn());
    ending.defer(() => this.#reports.stop());
    ending.defer(() => this.#writer.stop());
    ending.defer(() => this.#births.flush());
    await ending.disposeAsync();
  }

  counts(): IngestCounts {
    return {
      ...this.#frames.counts,
      heldPoints: this.#writer.heldPoints,
      failedWrites: this.#writer.failedWrites,
      isStoreFailing: this.#writer.isFailing,
      rebirths: this.#rebirths.count,
      overBudget: this.#overBudget,
    };
  }

  /**
   * Calls `listener` with how long the first frame of each batch waited for store and ledger, s; its acknowledgement follows within a
   * second.
   */
  listenToWaits(listener: (seconds: number) => void): void {
    this.#onWait = listener;
  }

  /** The signing keys changed; gateways are told at once. */
  keysChanged(): Promise<void> {
    return this.#heart.beat();
  }

  /** True if the node's session is up, by its births and deaths. */
  isAlive(gateway: string): boolean {
    return this.#tables.get(gateway)?.alive === true;
  }

  /** Gateways with known births, earlier starts included. */
  gateways(): string[] {
    return [...this.#tables.keys()];
  }

  /** Formats of desired documents that a gateway reads, by its last birth. */
  reads(gateway: string): Reads {
    return this.#tables.get(gateway)?.reads ?? FIRST_READS;
  }

  devices(gateway: string): readonly string[] {
    return this.#tables.get(gateway)?.devices() ?? [];
  }

  /**
   * Frames that the store refuses now count as handled: their gateway gets no acknowledgement and resends them. Waiting here would block
   * health reports and births. After `stop` nothing counts; the next start takes it.
   */
  async #isPersisted(): Promise<boolean> {
    await Promise.all([
      this.#writer.settled(),
      this.#reports.settled(),
      // The flush each second reports the reason.
      this.#births.flush().catch(() => undefined),
    ]);
    return !this.#stopping;
  }

  #message(message: LinkMessage): void | Promise<void> {
    const { topic } = message;
    if (topic === stateTopic(this.#heart.hostId)) return this.#heart.onState(message.payload);
    const sparkplug = parseSparkplugTopic(topic);
    if (sparkplug !== undefined) {
      if (sparkplug.type.endsWith('CMD') || sparkplug.group !== this.#options.group) return undefined;
      if (!id.test(sparkplug.node)) return this.#refuse(message, sparkplug.node, nameless);
      if (!this.#admits(message, sparkplug.node, sparkplug.type)) return undefined;
      const payload = decodePayload(message.payload);
      if (!payload.ok) return this.#refuse(message, sparkplug.node, payload.fault);
      const device = sparkplug.device ?? '';
      const { type, node } = sparkplug;
      if (type === 'DDATA' || type === 'NDATA')
        return this.#frames.take(message, this.#table(node), device, payload.value);
      return this.#session(message, { gateway: node, device: sparkplug.device, type }, payload.value);
    }
    const own = parseTopic(topic);
    if (own === undefined || !id.test(own.gateway)) return this.#refuse(message, own?.gateway ?? '', nameless);
    if (!this.#admits(message, own.gateway, own.name)) return undefined;
    return this.#reports.take(message, own.name, own.gateway);
  }

  /** True if a message is within its gateway's budget. Node deaths of usual size always pass: only what was born can die. */
  #admits({ payload }: LinkMessage, gateway: string, type: string): boolean {
    if (type === 'NDEATH' && payload.length <= DEATH_BYTES) return true;
    const kind = type.endsWith('DATA') ? 'frames' : type === 'NBIRTH' ? 'births' : 'reports';
    const budgets = this.#budgets;
    return this.#within(
      budgets.admits(gateway, kind) && budgets.admits(gateway, 'bytes', payload.length) && budgets.mayRead(gateway),
    );
  }

  #within(admitted: boolean): boolean {
    if (!admitted) this.#overBudget++;
    return admitted;
  }

  async #session(
    message: LinkMessage,
    from: { gateway: string; device: string | undefined; type: string },
    payload: DecodedPayload,
  ): Promise<void> {
    const { gateway, device, type } = from;
    const table = this.#table(gateway);
    // What a large death holds beside its number was read for nothing.
    if (type.endsWith('DEATH')) this.#budgets.refused(gateway, message.payload.length);
    if (type === 'NDEATH') {
      if (!table.nodeDeath(payload)) return;
      this.#rebirths.waitsNoMore(table);
      await this.#handlers.onDeath?.(gateway, undefined, this.#options.clock.plant.now());
      return;
    }
    if (type === 'DDEATH') {
      this.#rebirths.inSequence(table, payload.seq);
      if (device === undefined || !table.deviceDeath(device)) return;
      const now = this.#options.clock.plant.now();
      await this.#handlers.onDeath?.(gateway, device, Math.min(payload.sentAt ?? now, now));
      return;
    }
    const isNode = type === 'NBIRTH';
    if (!isNode) this.#rebirths.inSequence(table, payload.seq);
    const born = isNode ? table.nodeBirth(payload) : table.deviceBirth(device ?? '', payload);
    if (isNode) this.#rebirths.waitsNoMore(table);
    if (!born.ok && born.fault.code === 'LS-BUDGET-004')
      this.#budgets.exceeded(gateway, born.fault.code, born.fault.detail);
    if (!born.ok) return this.#refuse(message, gateway, born.fault);
    if (born.value) this.#births.save(table, device ?? '');
    if (isNode) await this.#heart.tellKeys(gateway);
    await this.#handlers.onBirth?.(gateway, isNode ? undefined : device, table.isAgain);
    if (isNode) await this.#heart.beatFor(gateway);
  }

  #refuse(message: LinkMessage, gateway: string, { code, detail, ...more }: Fault): void {
    const { payload } = message;
    // Both may quote what the gateway sent.
    const topic = plainText(message.topic);
    const fault = { code, detail: plainText(detail), ...more };
    // One message may cause many refusals but was read only once.
    if (message !== this.#refusedLast && id.test(gateway)) this.#budgets.refused(gateway, payload.length);
    this.#refusedLast = message;
    this.quarantine.add({ time: this.#options.clock.plant.now(), gateway, topic, payload }, fault);
    if (this.#budgets.mayTell(id.test(gateway) ? gateway : '')) this.#handlers.onRefused?.(gateway, fault);
  }

  #table(gateway: string): NodeTable {
    let table = this.#tables.get(gateway);
    if (table === undefined) {
      table = new NodeTable(gateway);
      this.#tables.set(gateway, table);
    }
    return table;
  }
}

const nameless: Fault = { code: 'LS-INGEST-004', detail: 'not a topic of the topic table' };
