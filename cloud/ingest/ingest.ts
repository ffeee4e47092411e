import type { FrameIdentity } from '../../shared/contracts/frame.ts';
import { tells } from '../../shared/sentences/told-forms.ts';
import { ID_PATTERN } from '../../shared/contracts/ids.ts';
import { plainText } from '../../shared/contracts/plain-text.ts';
import { FIRST_READS, type Reads } from '../../shared/contracts/reads.ts';
import { encodeRebirthCommand, decodePayload, type DecodedPayload } from '../../shared/codec/sparkplug.ts';
import type { Fault } from '../../shared/outcome/outcome.ts';
import type { LinkMessage } from '../../shared/ports/link.ts';
import type { Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import { parseSparkplugTopic, parseTopic, sparkplugTopic, stateTopic } from '../../shared/topics/topics.ts';
import { Acknowledger } from './acknowledger.ts';
import { BatchWriter } from './batch-writer.ts';
import { Budgets } from './budgets.ts';
import { BirthBook } from './birth-book.ts';
import { MAX_DEVICES, NodeTable } from './births.ts';
import { pointsOf, readForeign, readFrame, type ReadFrame, type TimeBounds } from './frame-reader.ts';
import type { LedgerEntry } from './entries.ts';
import type { IngestHandlers } from './handlers.ts';
import { Heart } from './heart.ts';
import type { IngestCounts, IngestOptions } from './ingest-options.ts';
import { encodeJson } from './messages.ts';
import { Quarantine } from './quarantine.ts';
import { ReportDesk } from './report-desk.ts';
import { RunBudget } from './run-budget.ts';
import { ingestSubscriptions } from './subscriptions.ts';

const REBIRTH_MS = 10_000;
const REORDER_S = 2;
const ACK_MS = 1000;
/** Frames are committed together this often: acknowledgements go each second, and each commit writes whole pages of store and ledger. */
const BATCH_AGE_MS = 500;
const COMPACT_MS = 3_600_000;
const DAY_MS = 86_400_000;
/**
 * Node births that may pass before a metric that none of them named is refused for good: where the births of its device have come,
 * and where they may have got lost on their way.
 */
const BIRTHS_TO_WAIT = { heard: 3, unheard: 20 } as const;
/** Run number of nodes without journal, whose offsets the cloud gives itself. */
export const FOREIGN_RUN = 0;

/** What the session of one edge node is to the ingest. */
interface Node {
  readonly table: NodeTable;
  currentRun: number | undefined;
  rebirthAskedAt: number;
  /** Runs while a message of its sequence is missing. */
  reordering: Timer | undefined;
  /** Births of the node when a device's data could first not be read, by device. */
  readonly unread: Map<string, number>;
  foreignOffset: number | undefined;
  /** Runs of the last frames, live and of the backlog. */
  readonly lastRun: { live: number | undefined; backlog: number | undefined };
  /** Run and offset of the frame that was refused last. */
  refused: string;
}

const id = new RegExp(ID_PATTERN);

/** Everything that comes up from the gateways: decoded, checked, stored, accounted for, acknowledged, in this order. */
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
  readonly #nodes = new Map<string, Node>();
  #timers: Timer[] = [];
  #frames = 0;
  #duplicates = 0;
  #heldBack = 0;
  #rebirths = 0;
  #overBudget = 0;
  #refusedLast: LinkMessage | undefined;
  #stopping = false;

  constructor(options: IngestOptions) {
    const { link, store, ledger, clock, handlers = {} } = options;
    this.#options = options;
    this.#births = new BirthBook(options.births);
    this.#handlers = handlers;
    this.#acknowledger = new Acknowledger(link, ledger, clock.machine, (gateway) => this.reads(gateway));
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
    });
    this.#writer = new BatchWriter({
      store,
      ledger,
      clock,
      batchPoints: options.batchPoints ?? 5000,
      batchAgeMs: options.batchAgeMs ?? BATCH_AGE_MS,
      maxHeldPoints: options.maxHeldPoints ?? 400_000,
      onAccounted: (entries) => this.#acknowledger.accounted(entries.filter((entry) => entry.run !== FOREIGN_RUN)),
      onRefused: ({ entry, points }, fault) => {
        const device = points[0]?.series.device ?? '';
        const topic = sparkplugTopic(options.group, 'DDATA', entry.gateway, device);
        const values = points.map(({ series, time, value }) => ({ metric: series.metric, time, value }));
        const message = { topic, payload: encodeJson(values), retain: false };
        this.#refuse(message, entry.gateway, { code: fault.code, detail: fault.message });
      },
      onStore: (fault) => handlers.onStore?.(fault === null ? null : { code: fault.code, detail: fault.message }),
    });
  }

  /** Store, ledger, event log and the store of births are open by now, and so is the link's broker. */
  async start(): Promise<void> {
    const { link, ledger, clock, group, heartbeatS = 60 } = this.#options;
    for (const table of await this.#births.load()) this.#nodes.set(table.gateway, newNode(table));
    link.open(
      {
        clientId: this.#heart.hostId,
        subscriptions: ingestSubscriptions(group, this.#heart.hostId),
        will: () => this.#heart.will(),
        kept: () => this.#kept(),
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

  /** Brings what is held into the store, acknowledges it and says good-bye. */
  async stop(): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#timers) timer.cancel();
    this.#timers = [];
    for (const node of this.#nodes.values()) this.#stopsReordering(node);
    await this.#births.flush();
    await this.#writer.stop();
    await this.#reports.stop();
    await this.#acknowledger.turn();
    await this.#heart.offline();
    await this.#options.link.close();
  }

  counts(): IngestCounts {
    return {
      frames: this.#frames,
      duplicates: this.#duplicates,
      heldBack: this.#heldBack,
      heldPoints: this.#writer.heldPoints,
      failedWrites: this.#writer.failedWrites,
      isStoreFailing: this.#writer.isFailing,
      rebirths: this.#rebirths,
      overBudget: this.#overBudget,
    };
  }

  /** Other keys sign from now on: gateways are told at once. */
  keysChanged(): Promise<void> {
    return this.#heart.beat();
  }

  /** Whether the node's session stands, as its births and deaths say. */
  isAlive(gateway: string): boolean {
    return this.#nodes.get(gateway)?.table.alive === true;
  }

  /** Whose births are known, from before the start too. */
  gateways(): string[] {
    return [...this.#nodes.keys()];
  }

  /** What a gateway reads of desired documents, as its last birth said. */
  reads(gateway: string): Reads {
    return this.#nodes.get(gateway)?.table.reads ?? FIRST_READS;
  }

  devices(gateway: string): readonly string[] {
    return this.#nodes.get(gateway)?.table.devices() ?? [];
  }

  /**
   * What a store does not take now counts as kept: its gateway has no acknowledgement of it and sends it again, and whoever waits here would
   * keep health and births from coming in. Nothing counts once it stops: what comes then is for the next start.
   */
  async #kept(): Promise<boolean> {
    await Promise.all([
      this.#writer.settled(),
      this.#reports.settled(),
      // Each second's own flush tells why.
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
      if (type === 'DDATA' || type === 'NDATA') return this.#data(message, { gateway: node, device }, payload.value);
      return this.#session(message, { gateway: node, device: sparkplug.device, type }, payload.value);
    }
    const own = parseTopic(topic);
    if (own === undefined || !id.test(own.gateway)) return this.#refuse(message, own?.gateway ?? '', nameless);
    if (!this.#admits(message, own.gateway, own.name)) return undefined;
    return this.#reports.take(message, own.name, own.gateway);
  }

  /** Whether a message is within its gateway's budget. Deaths always are: only what was born can die. */
  #admits({ payload }: LinkMessage, gateway: string, type: string): boolean {
    if (type === 'NDEATH') return true;
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

  #data(
    message: LinkMessage,
    from: { gateway: string; device: string },
    payload: DecodedPayload,
  ): void | Promise<void> {
    const { gateway, device } = from;
    const node = this.#node(gateway);
    this.#inSequence(node, payload.seq);
    const asks = node.table.alive ? undefined : this.#askRebirth(node);
    if (payload.body === undefined) return this.#foreign(message, node, device, payload) ?? asks;
    const { run, offset } = payload.body;
    const identity: FrameIdentity = { gateway, run, offset };
    const entry = { gateway, stream: 'measurements', run, offset, time: null } as const;
    if (this.#options.ledger.stateOf(gateway, 'measurements', { run, offset }) !== undefined) {
      this.#duplicates++;
      this.#acknowledger.touch(entry);
      return asks;
    }
    if (this.#writer.holds(entry)) {
      this.#duplicates++;
      return asks;
    }
    const isLive = payload.metrics[0]?.historical !== true;
    if (!this.#within(this.#runs.admitsRun(entry, isLive))) return asks;
    if (!this.#within(this.#mayTurnTo(node, entry, isLive))) return asks;
    if (!this.#within(this.#runs.admitsRange(entry, [offset, offset], () => this.#joins(entry)))) return asks;
    const read = readFrame(payload, device, node.table, this.#bounds());
    if (!read.ok) {
      if (read.fault.code === 'LS-INGEST-005' && this.#mayYetBeRead(node, device)) return this.#askRebirth(node);
      if (!this.#within(this.#mayRefuse(node, entry))) return asks;
      this.#refuse(message, gateway, read.fault);
      this.#offer({ entry: { ...entry, code: read.fault.code }, points: [] });
      return asks;
    }
    if (node.unread.size > 0) node.unread.delete(device);
    this.#take(node, identity, read.value, false);
    return asks;
  }

  /** One run after another costs nothing: what comes back to a run that is known does. */
  #mayTurnTo({ lastRun }: Node, entry: LedgerEntry, isLive: boolean): boolean {
    const { gateway, run } = entry;
    const lane = isLive ? 'live' : 'backlog';
    if (lastRun[lane] === run) return true;
    if (this.#options.ledger.has(entry) && !this.#budgets.admits(gateway, 'turns')) return false;
    lastRun[lane] = run;
    return true;
  }

  /** Its neighbour is on its way into the ledger. */
  #joins(entry: LedgerEntry): boolean {
    const { offset } = entry;
    return [offset - 1, offset + 1].some((beside) => this.#writer.holds({ ...entry, offset: beside }));
  }

  /** Refused frames that follow on one another cost the ledger nothing. */
  #mayRefuse(node: Node, { gateway, run, offset }: LedgerEntry): boolean {
    const follows = node.refused === `${run}/${offset - 1}`;
    if (!follows && !this.#budgets.admits(gateway, 'refusals')) return false;
    node.refused = `${run}/${offset}`;
    return true;
  }

  /** Data of a node that is no Loadstone gateway: the cloud numbers its frames. */
  #foreign(message: LinkMessage, node: Node, device: string, payload: DecodedPayload): Promise<void> | undefined {
    const { gateway } = node.table;
    const read = readForeign(payload, device, node.table, this.#bounds());
    if (!read.ok) {
      this.#refuse(message, gateway, read.fault);
      return this.#askRebirth(node);
    }
    const more = read.value.length - 1;
    if (more > 0 && !this.#within(this.#budgets.admits(gateway, 'frames', more))) return undefined;
    for (const frame of read.value) {
      node.foreignOffset ??= this.#options.ledger.nextOffset(gateway, 'measurements', FOREIGN_RUN);
      this.#take(node, { gateway, run: FOREIGN_RUN, offset: node.foreignOffset++ }, frame, true);
    }
    return undefined;
  }

  #take(node: Node, identity: FrameIdentity, read: ReadFrame, bestEffort: boolean): void {
    const { historical, frame } = read;
    const { gateway, run, offset } = identity;
    this.#frames++;
    if (!historical && !bestEffort && node.currentRun !== run) {
      node.currentRun = run;
      this.#acknowledger.current({ gateway, stream: 'measurements', run });
    }
    this.#handlers.onFrame?.(identity, frame, { historical, receivedAt: this.#options.clock.plant.now(), bestEffort });
    const entry = { gateway, stream: 'measurements', run, offset, time: frame.time } as const;
    this.#offer({ entry, points: pointsOf(read, offset) });
  }

  #offer(frame: Parameters<BatchWriter['offer']>[0]): void {
    if (!this.#writer.offer(frame)) this.#heldBack++;
  }

  async #session(
    message: LinkMessage,
    from: { gateway: string; device: string | undefined; type: string },
    payload: DecodedPayload,
  ): Promise<void> {
    const { gateway, device, type } = from;
    const node = this.#node(gateway);
    const { table } = node;
    if (type === 'NDEATH') {
      if (!table.nodeDeath(payload)) return;
      this.#stopsReordering(node);
      await this.#handlers.onDeath?.(gateway, undefined, this.#options.clock.plant.now());
      return;
    }
    if (type === 'DDEATH') {
      this.#inSequence(node, payload.seq);
      if (device === undefined || !table.deviceDeath(device)) return;
      const now = this.#options.clock.plant.now();
      await this.#handlers.onDeath?.(gateway, device, Math.min(payload.sentAt ?? now, now));
      return;
    }
    const isNode = type === 'NBIRTH';
    if (!isNode) this.#inSequence(node, payload.seq);
    const born = isNode ? table.nodeBirth(payload) : table.deviceBirth(device ?? '', payload);
    if (isNode) this.#stopsReordering(node);
    if (!born.ok && born.fault.code === 'LS-BUDGET-004')
      this.#budgets.exceeded(gateway, born.fault.code, born.fault.detail);
    if (!born.ok) return this.#refuse(message, gateway, born.fault);
    this.#births.save(table);
    if (isNode) await this.#heart.tellKeys(gateway);
    await this.#handlers.onBirth?.(gateway, isNode ? undefined : device, table.isAgain);
    if (isNode) await this.#heart.beatFor(gateway);
  }

  /** Whether births that are still to come may name what this device sent. */
  #mayYetBeRead(node: Node, device: string): boolean {
    const since = node.unread.get(device);
    if (since === undefined && node.unread.size < MAX_DEVICES) node.unread.set(device, node.table.nodeBirths);
    if (node.table.isOver) {
      this.#budgets.exceeded(
        node.table.gateway,
        'LS-BUDGET-004',
        tells('LS-BUDGET-004', '{device}: its births name more than there is room for', { device }),
      );
      return true;
    }
    const most = BIRTHS_TO_WAIT[node.table.isNamed(device) ? 'heard' : 'unheard'];
    return since === undefined || node.table.nodeBirths - since < most;
  }

  /** A missing message may be a birth: where it has not come in time, all births are asked for. */
  #inSequence(node: Node, seq: number | undefined): void {
    const { sequence } = node.table;
    sequence.take(seq);
    if (!sequence.broken) this.#stopsReordering(node);
    else node.reordering ??= this.#giveUpAfter(node, (this.#options.reorderS ?? REORDER_S) * 1000);
  }

  #giveUpAfter(node: Node, delayMs: number): Timer {
    const { machine } = this.#options.clock;
    return machine.after(delayMs, async () => {
      const tooSoonMs = node.rebirthAskedAt + REBIRTH_MS - machine.elapsed();
      node.reordering = tooSoonMs > 0 ? this.#giveUpAfter(node, tooSoonMs) : undefined;
      if (tooSoonMs > 0) return;
      node.table.sequence.giveUp();
      await this.#askRebirth(node);
    });
  }

  #stopsReordering(node: Node): void {
    node.reordering?.cancel();
    node.reordering = undefined;
  }

  /** At most once in 10 s for each node. */
  async #askRebirth(node: Node): Promise<void> {
    const { clock, link, group } = this.#options;
    const now = clock.machine.elapsed();
    if (now - node.rebirthAskedAt < REBIRTH_MS) return;
    node.rebirthAskedAt = now;
    this.#rebirths++;
    const topic = sparkplugTopic(group, 'NCMD', node.table.gateway);
    await link.publish(topic, encodeRebirthCommand(Math.floor(clock.plant.now())), { qos: 0 });
  }

  #bounds(): TimeBounds {
    const { clock, maxAgeDays = 35, maxAheadS = 300 } = this.#options;
    const now = clock.plant.now();
    return { earliest: now - maxAgeDays * DAY_MS, latest: now + maxAheadS * 1000 };
  }

  #refuse(message: LinkMessage, gateway: string, { code, detail, ...more }: Fault): void {
    const { payload } = message;
    // Both quote what was sent.
    const topic = plainText(message.topic);
    const fault = { code, detail: plainText(detail), ...more };
    // One message may hold much that is refused, and was read once.
    if (message !== this.#refusedLast && id.test(gateway)) this.#budgets.refused(gateway, payload.length);
    this.#refusedLast = message;
    this.quarantine.add({ time: this.#options.clock.plant.now(), gateway, topic, payload }, fault);
    if (this.#budgets.mayTell(id.test(gateway) ? gateway : '')) this.#handlers.onRefused?.(gateway, fault);
  }

  #node(gateway: string): Node {
    let node = this.#nodes.get(gateway);
    if (node === undefined) {
      node = newNode(new NodeTable(gateway));
      this.#nodes.set(gateway, node);
    }
    return node;
  }
}

const nameless: Fault = { code: 'LS-INGEST-004', detail: 'no topic of the topic table' };

const newNode = (table: NodeTable): Node => ({
  table,
  currentRun: undefined,
  rebirthAskedAt: -Infinity,
  reordering: undefined,
  unread: new Map(),
  foreignOffset: undefined,
  lastRun: { live: undefined, backlog: undefined },
  refused: '',
});
