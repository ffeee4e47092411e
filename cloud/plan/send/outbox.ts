import { isCompressed, signDocument, type SigningKey } from '../../../shared/codec/signed-document.ts';
import type { DesiredDocument, DocumentType } from '../../../shared/contracts/document.ts';
import type { Reads } from '../../../shared/contracts/reads.ts';
import type { DocumentReport, HealthReport } from '../../../shared/contracts/report.ts';
import { MAX_EPOCH } from '../../../shared/contracts/ids.ts';
import { bad, good, type Fault, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { TopicName } from '../../../shared/topics/topics.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { idOf, type DocumentStore, type Unnumbered } from './document-store.ts';
import type { Send } from '../problem/ports.ts';

const topics: Readonly<Record<DocumentType, TopicName>> = {
  plan: 'desiredPlan',
  model: 'desiredModel',
  settings: 'desiredSettings',
  command: 'command',
  training: 'desiredTraining',
};

/** What a gateway is told again until it has it; a command is not while it may still act: who gave it sees that it did not come through. */
const desired = ['plan', 'model', 'settings', 'training'] as const satisfies readonly DocumentType[];

/** Not sent again sooner than this, machine time. */
const AGAIN_MS = 20_000;

/** A store that was restored is so many epochs behind at most: a gateway that names one beyond makes it up. */
const MOST_AHEAD = 1000;
/** The epoch of a gateway is raised at most once in this time, machine time: it could use all of them up. */
const RAISED_MS = 60_000;

/** Commands of a gateway whose outcomes are asked for: the newest ones, of a day; an override brings its selection. */
const MOST_ASKED = 40;
const ASKED_FOR_MS = 86_400_000;
const ends: readonly DocumentReport['stage'][] = ['rejected', 'superseded', 'completed', 'expired'];

export interface OutboxOptions {
  readonly clock: Clock;
  readonly store: DocumentStore;
  readonly key: SigningKey;
  readonly send: Send;
  /** What a gateway reads, as its birth says. */
  readonly reads: (gateway: string) => Reads;
  /** A gateway names a number that this cloud cannot have given: LS-DOC-011. */
  readonly refused?: ((gateway: string, fault: Fault) => void) | undefined;
  /** A gateway holds a number above ours: its documents have a higher epoch from now on. */
  readonly raised?: ((gateway: string, epoch: number) => void) | undefined;
}

/** Numbers, keeps, signs and sends documents, in that order; sends again what a gateway lacks; keeps what it reports of them. */
export class Outbox {
  readonly #options: OutboxOptions;
  /** When a document was sent last, machine time. */
  readonly #sentAt = new Map<string, number>();
  readonly #outrankedAt = new Map<string, number>();
  /** When the epoch of a gateway was raised last, machine time. */
  readonly #raisedAt = new Map<string, number>();
  /** When a gateway was asked for outcomes last, machine time. */
  readonly #askedAt = new Map<string, number>();
  /** Commands on their way to the store, by id: the same id again waits for the first. */
  readonly #commands = new Map<string, Promise<void>>();
  /** Documents that wait to be kept: those that are issued beside one another wait for the disk once. */
  #unkept: { readonly unnumbered: Unnumbered; readonly kept: PromiseWithResolvers<DesiredDocument> }[] = [];

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  /** Resolves when the broker has the bytes; the document is kept before. A fault names what in it does not fit. */
  async issue<Type extends DocumentType>(
    unnumbered: Unnumbered<Type>,
  ): Promise<Outcome<Extract<DesiredDocument, { type: Type }>>> {
    const document = (await this.#keep(unnumbered)) as Extract<DesiredDocument, { type: Type }>;
    const sent = await this.#deliver(document, undefined);
    return sent.ok ? good(document) : sent;
  }

  #keep(unnumbered: Unnumbered): Promise<DesiredDocument> {
    const kept = Promise.withResolvers<DesiredDocument>();
    this.#unkept.push({ unnumbered, kept });
    if (this.#unkept.length === 1) setImmediate(() => void this.#keepAll());
    return kept.promise;
  }

  async #keepAll(): Promise<void> {
    const waiting = this.#unkept;
    this.#unkept = [];
    const { store } = this.#options;
    try {
      const documents = store.add(waiting.map(({ unnumbered }) => unnumbered));
      await store.synced();
      for (const [index, { kept }] of waiting.entries()) kept.resolve(documents[index]!);
    } catch (error) {
      for (const { kept } of waiting) kept.reject(error);
    }
  }

  /** A command of the same id is not issued twice: the first one is sent again. */
  async command(unnumbered: Unnumbered<'command'>): Promise<Outcome<DesiredDocument>> {
    const { id } = unnumbered.body;
    for (let first = this.#commands.get(id); first !== undefined; first = this.#commands.get(id)) await first;
    const known = this.#options.store.byId(id);
    if (known === undefined) {
      const issued = this.issue(unnumbered);
      const done = issued.then(
        () => void this.#commands.delete(id),
        () => void this.#commands.delete(id),
      );
      this.#commands.set(id, done);
      return issued;
    }
    if (known.document.gateway !== unnumbered.gateway)
      return bad('LS-API-005', `command ${id} was given to ${known.document.gateway}`);
    const sent = await this.#deliver(known.document, known.jws);
    return sent.ok ? good(known.document) : sent;
  }

  /** Sends what the gateway has not told to have accepted. Called when it is born: what was sent before may have met nobody. */
  async born(gateway: string): Promise<void> {
    for (const type of desired) await this.#again(gateway, type, { knownToLack: false, waits: false });
    await this.#askOutcomes(gateway);
  }

  /** A gateway tells in its health which plan it holds and which settings it follows: what is newer goes out again. */
  async health(gateway: string, { plan, settings }: HealthReport): Promise<void> {
    const { store } = this.#options;
    const newest = store.newestNumber('plan', gateway);
    this.#raiseIfAhead(gateway, plan, newest?.sequence ?? 0);
    const lacks =
      newest !== undefined &&
      (plan.epoch < newest.epoch || (plan.epoch === newest.epoch && plan.sequence < newest.sequence));
    if (lacks) await this.#again(gateway, 'plan', { knownToLack: true, waits: true });
    for (const type of ['model', 'settings', 'training'] as const)
      if (type !== 'settings' || !this.#follows(gateway, settings))
        await this.#again(gateway, type, { knownToLack: false, waits: true });
    const asked = this.#askedAt.get(gateway);
    if (asked === undefined || this.#options.clock.machine.elapsed() - asked >= AGAIN_MS)
      await this.#askOutcomes(gateway);
  }

  #follows(gateway: string, settings: HealthReport['settings']): boolean {
    const newest = this.#options.store.newestNumber('settings', gateway);
    return settings !== undefined && settings.epoch === newest?.epoch && settings.sequence >= newest.sequence;
  }

  /**
   * A report of how a command ended can be lost where gateway or cloud is killed: what should have ended by now is sent once more, and
   * the gateway answers with the outcome that it has kept, or refuses what it never had for its age.
   */
  async #askOutcomes(gateway: string): Promise<void> {
    const { store, clock } = this.#options;
    const now = clock.plant.now();
    this.#askedAt.set(gateway, clock.machine.elapsed());
    for (const { document, jws } of store.list('command', gateway, MOST_ASKED)) {
      if (document.type !== 'command' || now - document.issuedAt > ASKED_FOR_MS) continue;
      const stages = store.reports(document).map(({ stage }) => stage);
      const stands = document.body.kind === 'override' && stages.includes('applied');
      const due = stands ? document.body.expiresAt : document.acceptUntil;
      const ended = stages.some((stage) => ends.includes(stage)) || (stages.includes('applied') && !stands);
      const last = this.#sentAt.get(keyOf(document));
      const justSent = last !== undefined && clock.machine.elapsed() - last < AGAIN_MS;
      if (!ended && now > due && !justSent) await this.#deliver(document, jws);
    }
  }

  /**
   * Keeps a report. A number above all of ours tells that this store is an old copy: the epoch of this gateway is raised, so that what
   * is issued from now on counts. Answers whether the report was new; undefined: its number was refused.
   */
  reported(gateway: string, report: DocumentReport): boolean | undefined {
    const { store } = this.#options;
    const type = report.type as DocumentType;
    const newest = type in topics ? store.newestNumber(type, gateway) : undefined;
    if (!this.#raiseIfAhead(gateway, report, newest?.sequence ?? 0)) return undefined;
    return store.report(gateway, report);
  }

  /**
   * A gateway that refuses our newest document for its number holds a higher one that this store does not know: it is issued anew
   * in a higher epoch.
   */
  async outranked(gateway: string, report: DocumentReport): Promise<void> {
    const { store, clock } = this.#options;
    const type = desired.find((one) => one === report.type);
    const newest = type === undefined ? undefined : store.newest(type, gateway);
    if (newest === undefined || newest.document.epoch !== report.epoch || newest.document.sequence !== report.sequence)
      return;
    const { document } = newest;
    const key = `${gateway} ${document.type}`;
    const last = this.#outrankedAt.get(key);
    const taken = store.reports(document).some(({ stage }) => stage === 'accepted' || stage === 'applied');
    if (taken || (last !== undefined && clock.machine.elapsed() - last < AGAIN_MS)) return;
    if (!this.#raise(gateway, report.epoch)) return;
    this.#outrankedAt.set(key, clock.machine.elapsed());
    const { epoch: _epoch, sequence: _sequence, ...unnumbered } = document;
    await this.issue(unnumbered);
  }

  /** False where no cloud can have given this number. */
  #raiseIfAhead(
    gateway: string,
    { epoch, sequence }: Pick<DocumentReport, 'epoch' | 'sequence'>,
    ours: number,
  ): boolean {
    const own = this.#options.store.epoch(gateway);
    if (epoch > own + MOST_AHEAD || epoch >= MAX_EPOCH) {
      const detail = `It names epoch ${epoch}; this cloud is at ${own}, and a restored one at most ${MOST_AHEAD} behind.`;
      this.#options.refused?.(gateway, { code: 'LS-DOC-011', detail });
      return false;
    }
    if (epoch > own || (epoch === own && sequence > ours)) this.#raise(gateway, epoch);
    return true;
  }

  /** Answers whether it was raised: not twice within a short time. */
  #raise(gateway: string, above: number): boolean {
    const { store, clock, raised } = this.#options;
    const now = clock.machine.elapsed();
    const last = this.#raisedAt.get(gateway);
    if (last !== undefined && now - last < RAISED_MS) return false;
    this.#raisedAt.set(gateway, now);
    const epoch = store.raiseEpoch(gateway, above);
    raised?.(gateway, epoch);
    return true;
  }

  async #again(
    gateway: string,
    type: DocumentType,
    { knownToLack, waits }: { readonly knownToLack: boolean; readonly waits: boolean },
  ): Promise<void> {
    const { store, clock } = this.#options;
    const newest = store.newest(type, gateway);
    if (newest === undefined || clock.plant.now() >= newest.document.acceptUntil) return;
    const settled = store
      .reports(newest.document)
      .some(({ stage, code }) => stage !== 'received' && !(stage === 'rejected' && code === 'LS-DOC-007'));
    if (settled && !knownToLack) return;
    const last = this.#sentAt.get(keyOf(newest.document));
    if (waits && last !== undefined && clock.machine.elapsed() - last < AGAIN_MS) return;
    await this.#deliver(newest.document, newest.jws);
  }

  async #deliver(document: DesiredDocument, known: string | undefined): Promise<Outcome<void>> {
    const { store, key, send, clock, reads } = this.#options;
    const { encodings, versions } = reads(document.gateway);
    if (!versions.includes(document.version))
      return bad('LS-DOC-009', `${document.gateway} reads version ${versions.join(', ')}, not ${document.version}`);
    const zips = encodings.includes('br');
    let jws = known;
    if (jws === undefined || isCompressed(jws) !== zips) {
      const signed = await signDocument(document, key, zips ? store.compressed(document) : undefined);
      if (!signed.ok) return signed;
      jws = signed.value;
      store.signed(document, jws);
    }
    this.#sentAt.set(keyOf(document), clock.machine.elapsed());
    for (const [name] of this.#sentAt) {
      if (this.#sentAt.size <= MAX_REMEMBERED) break;
      this.#sentAt.delete(name);
    }
    await send(document.gateway, topics[document.type], new TextEncoder().encode(jws));
    return good(undefined);
  }
}

const MAX_REMEMBERED = 10_000;

const keyOf = (document: DesiredDocument): string =>
  `${document.gateway} ${document.type} ${idOf(document)} ${document.epoch} ${document.sequence}`;
