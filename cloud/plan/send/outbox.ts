import { packDocument } from '../../../shared/codec/packed-document.ts';
import { formatMessage } from '../../../shared/sentences/message-forms.ts';
import {
  checkContent,
  compressedDocument,
  documentBytes,
  kidOf,
  MAX_DOCUMENT_CHARS,
  signDocument,
  zipOf,
  type Compressed,
  type SigningKey,
} from '../../../shared/codec/signed-document.ts';
import type { DesiredDocument, DocumentType } from '../../../shared/contracts/document.ts';
import type { Reads } from '../../../shared/contracts/reads.ts';
import type { DocumentReport, HealthReport } from '../../../shared/contracts/report.ts';
import { fitText } from '../../../shared/contracts/fit-text.ts';
import { MAX_EPOCH } from '../../../shared/contracts/ids.ts';
import { bad, good, type Fault, type Outcome } from '../../../shared/outcome/outcome.ts';
import { keyFor, type SigningKeys } from '../../../shared/pki/key-list.ts';
import type { TopicName } from '../../../shared/topics/topics.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { asFirstVersion, forGateway, zipFor } from './for-gateway.ts';
import {
  idOf,
  type DocumentNumber,
  type DocumentStore,
  type Numbered,
  type StoredDocument,
  type Unnumbered,
} from './document-store.ts';
import type { Send } from '../problem/ports.ts';
import { StoreLine, type StopBudget } from './store-line.ts';
import { UnstoredStops } from './unstored-stops.ts';

const topics: Readonly<Record<DocumentType, TopicName>> = {
  plan: 'desiredPlan',
  model: 'desiredModel',
  settings: 'desiredSettings',
  command: 'command',
  training: 'desiredTraining',
  weather: 'desiredWeather',
};

/** Resent until the gateway has them. A command is not resent while it may still act: its operator sees that it did not get through. */
const desired = ['plan', 'model', 'settings', 'training'] as const satisfies readonly DocumentType[];

/** Least time between two sends of a document, machine time. */
const AGAIN_MS = 20_000;

/** A restored store is at most this many epochs behind: a gateway that names a later one has invented it. */
const MOST_AHEAD = 1000;
/** Least time between two raises of a gateway's epoch, machine time: otherwise it could use all of them up. */
const RAISED_MS = 60_000;

/** Commands of a gateway whose outcomes are requested: the newest ones of a day; an override comes with its selection. */
const MOST_ASKED = 40;
const ASKED_FOR_MS = 86_400_000;
/** Most characters of a report's text; a gateway may send a megabyte. */
const MOST_WORDS = 2000;
const ends: readonly DocumentReport['stage'][] = ['rejected', 'superseded', 'completed', 'expired'];
/** Either of them is enough, because the report of the first may be lost. */
const CAME: readonly DocumentReport['stage'][] = ['applied', 'verified'];

export interface OutboxOptions {
  readonly clock: Clock;
  readonly store: DocumentStore;
  readonly keys: SigningKeys;
  readonly send: Send;
  /** What a gateway reads, by its birth. */
  readonly reads: (gateway: string) => Reads;
  /** A gateway names a number that this cloud cannot have assigned: LS-DOC-011. */
  readonly refused?: ((gateway: string, fault: Fault) => void) | undefined;
  /** A gateway holds a number above ours: its documents get a higher epoch from now on. */
  readonly raised?: ((gateway: string, epoch: number) => void) | undefined;
  /** A document is stored and about to be sent. */
  readonly stored?: ((document: DesiredDocument) => void) | undefined;
  /** A new report is stored. */
  readonly reported?: ((gateway: string, report: DocumentReport) => void) | undefined;
}

/** Checks, numbers, stores, signs and sends documents, in that order. Resends what a gateway lacks, and stores its reports. */
export class Outbox {
  readonly #options: OutboxOptions;
  /** When a document was last sent, machine time. */
  readonly #sentAt = new Map<string, number>();
  readonly #outrankedAt = new Map<string, number>();
  /** When the epoch of a gateway was last raised, machine time. */
  readonly #raisedAt = new Map<string, number>();
  /** The newest document of each type that a gateway has settled; it is not read again. */
  readonly #settled = new Map<string, DocumentNumber>();
  readonly #unstored: UnstoredStops;
  readonly #line: StoreLine;
  /** When a gateway was last asked for outcomes, machine time. */
  readonly #askedAt = new Map<string, number>();

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#unstored = new UnstoredStops(options.store, options.clock.machine);
    this.#line = new StoreLine(options.clock.machine);
  }

  /** Resolves when the broker has the bytes; the document is stored before that. A fault names what does not fit. */
  async issue<Type extends DocumentType>(unnumbered: Unnumbered<Type>): Promise<Outcome<Numbered<Type>>> {
    const checked = checkUnnumbered(unnumbered);
    return checked.ok ? this.#send(await this.#options.store.add(unnumbered)) : checked;
  }

  /** Like `issue`, but only while `newest` is the newest of its type and gateway; undefined: another one has come after it. */
  async issueAfter<Type extends DocumentType>(
    unnumbered: Unnumbered<Type>,
    newest: DocumentNumber | undefined,
  ): Promise<Outcome<Numbered<Type>> | undefined> {
    const checked = checkUnnumbered(unnumbered);
    if (!checked.ok) return checked;
    const document = await this.#options.store.addAfter(unnumbered, newest);
    return document === undefined ? undefined : this.#send(document);
  }

  async #send<Document extends DesiredDocument>(document: Document): Promise<Outcome<Document>> {
    this.#options.stored?.(document);
    const sent = await this.#deliver(document, undefined);
    return sent.ok ? good(document) : sent;
  }

  /**
   * A command with a known id is not issued again: the first one is resent. A stop is sent even while the store takes nothing, under the
   * number that the store gives it later. If the store does not answer at all, or not in time, the number follows from what was seen of the
   * gateway's numbers.
   */
  async command(unnumbered: Unnumbered<'command'>): Promise<Outcome<DesiredDocument>> {
    const checked = checkUnnumbered(unnumbered);
    if (!checked.ok) return checked;
    const budget = unnumbered.body.kind === 'stop' ? this.#line.budget() : undefined;
    const { document, jws } =
      budget === undefined
        ? await this.#keepCommand(unnumbered)
        : await budget
            .wait(() => this.#keepCommand(unnumbered))
            .catch(async () => ({ document: await this.#unstored.add(unnumbered, budget), jws: undefined }));
    if (document.gateway !== unnumbered.gateway)
      return bad(
        'LS-API-005',
        `command ${unnumbered.body.id} was already given to ${document.gateway}; use another id`,
      );
    const sent = await this.#deliver(document, jws, budget);
    return sent.ok ? good(document) : sent;
  }

  /** Reads the number of each gateway's newest command, by which a stop is sent while the store hangs. */
  async learn(gateways: Iterable<string>): Promise<void> {
    for (const gateway of gateways) await this.#unstored.learn(gateway);
  }

  /** Number of stops that have been sent and are not stored yet. */
  get waiting(): number {
    return this.#unstored.waiting;
  }

  /** Stores the waiting stops of all gateways, because a restart would lose them. Throws if the store does not take them. */
  settle(): Promise<void> {
    return this.#unstored.settle();
  }

  async #keepCommand(unnumbered: Unnumbered<'command'>): Promise<StoredDocument> {
    const { gateway } = unnumbered;
    await this.#unstored.keep(gateway);
    const stored = await this.#options.store.addOnce(unnumbered);
    this.#unstored.note(gateway, stored.document);
    return stored;
  }

  /** Sends the newest document of a type once more, unless that was done just now: the gateway says that it does not hold it. */
  resend(gateway: string, type: DocumentType): Promise<void> {
    return this.#again(gateway, type, { knownToLack: true, waits: true });
  }

  /** Sends what the gateway has not accepted. Called at its birth, because earlier sends may have reached nobody. */
  async born(gateway: string): Promise<void> {
    for (const type of desired) await this.#again(gateway, type, { knownToLack: false, waits: false });
    await this.#askOutcomes(gateway, { waits: false });
  }

  /** A gateway's health names the plan that it holds and the settings that it follows; newer ones are resent. */
  async health(gateway: string, { plan, settings }: HealthReport): Promise<void> {
    const { store } = this.#options;
    // Retried with the next report, and before the next command.
    await this.#unstored.keep(gateway).catch(() => undefined);
    await this.#unstored.learn(gateway);
    const newest = await store.newestNumber('plan', gateway);
    await this.#raiseIfAhead(gateway, plan, newest?.sequence ?? 0);
    const lacks =
      newest !== undefined &&
      (plan.epoch < newest.epoch || (plan.epoch === newest.epoch && plan.sequence < newest.sequence));
    if (lacks) await this.#again(gateway, 'plan', { knownToLack: true, waits: true });
    for (const type of ['model', 'settings', 'training'] as const)
      if (type !== 'settings' || !(await this.#follows(gateway, settings)))
        await this.#again(gateway, type, { knownToLack: false, waits: true });
    const asked = this.#askedAt.get(gateway);
    if (asked === undefined || this.#options.clock.machine.elapsed() - asked >= AGAIN_MS)
      await this.#askOutcomes(gateway, { waits: true });
  }

  async #follows(gateway: string, settings: HealthReport['settings']): Promise<boolean> {
    const newest = await this.#options.store.newestNumber('settings', gateway);
    return settings !== undefined && settings.epoch === newest?.epoch && settings.sequence >= newest.sequence;
  }

  /**
   * The report of a command's outcome can be lost if gateway or cloud is killed. A command that should have ended by now is sent once more:
   * the gateway answers with the outcome that it has stored, or refuses one that it never had as too old.
   */
  async #askOutcomes(gateway: string, { waits }: { readonly waits: boolean }): Promise<void> {
    const { store, clock } = this.#options;
    const now = clock.plant.now();
    this.#askedAt.set(gateway, clock.machine.elapsed());
    for (const { document, jws } of await store.list('command', gateway, MOST_ASKED)) {
      if (document.type !== 'command' || now - document.issuedAt > ASKED_FOR_MS) continue;
      const stages = (await store.reports(document)).map(({ stage }) => stage);
      const stands = document.body.kind === 'override' && stages.some((stage) => CAME.includes(stage));
      const due = stands ? document.body.expiresAt : document.acceptUntil;
      const ended =
        stages.some((stage) => ends.includes(stage)) || (!stands && stages.some((stage) => CAME.includes(stage)));
      const last = this.#sentAt.get(keyOf(document));
      const justSent = waits && last !== undefined && clock.machine.elapsed() - last < AGAIN_MS;
      if (!ended && now > due && !justSent) await this.#deliver(document, jws);
    }
  }

  /**
   * Stores a report. A number above all of ours shows that this store is an old copy: the gateway's epoch is raised, so that later
   * documents count. Returns whether the report was new; undefined: its number was refused.
   */
  async reported(gateway: string, report: DocumentReport): Promise<boolean | undefined> {
    const { store, reported } = this.#options;
    // A report on a stop that was sent before it was stored names a number that the store does not have yet.
    await this.#unstored.keep(gateway).catch(() => undefined);
    const type = report.type as DocumentType;
    const newest = type in topics ? await store.newestNumber(type, gateway) : undefined;
    if (!(await this.#raiseIfAhead(gateway, report, newest?.sequence ?? 0))) return undefined;
    const trimmed = report.detail === undefined ? report : { ...report, detail: fitText(report.detail, MOST_WORDS) };
    const isNew = await store.report(gateway, trimmed);
    if (isNew) reported?.(gateway, trimmed);
    return isNew;
  }

  /**
   * A gateway that refuses our newest document for its number holds a higher one that this store does not know: the document is issued
   * again in a higher epoch.
   */
  async outranked(gateway: string, report: DocumentReport): Promise<void> {
    const { store, clock } = this.#options;
    const type = desired.find((one) => one === report.type);
    const newest = type === undefined ? undefined : await store.newest(type, gateway);
    if (newest === undefined || newest.document.epoch !== report.epoch || newest.document.sequence !== report.sequence)
      return;
    const { document } = newest;
    const key = `${gateway} ${document.type}`;
    const last = this.#outrankedAt.get(key);
    const taken = (await store.reports(document)).some(({ stage }) => stage === 'accepted' || stage === 'applied');
    if (taken || (last !== undefined && clock.machine.elapsed() - last < AGAIN_MS)) return;
    const isBehind = report.epoch < (await store.epoch(gateway));
    if (!isBehind && !(await this.#raise(gateway, report.epoch))) return;
    const { epoch: _epoch, sequence: _sequence, ...unnumbered } = document;
    // A newer document that has come meanwhile takes its place.
    if ((await this.issueAfter(unnumbered, document)) !== undefined)
      this.#outrankedAt.set(key, clock.machine.elapsed());
  }

  /** False if no cloud can have assigned this number. */
  async #raiseIfAhead(
    gateway: string,
    { epoch, sequence }: Pick<DocumentReport, 'epoch' | 'sequence'>,
    ours: number,
  ): Promise<boolean> {
    const own = await this.#options.store.epoch(gateway);
    if (epoch > own + MOST_AHEAD || epoch >= MAX_EPOCH) {
      const detail = formatMessage(
        'LS-DOC-011',
        'It names epoch {epoch}; this cloud is at {own}, and a restored one at most {ahead} behind.',
        { epoch, own, ahead: MOST_AHEAD },
      );
      this.#options.refused?.(gateway, { code: 'LS-DOC-011', detail });
      return false;
    }
    if (epoch > own || (epoch === own && sequence > ours)) await this.#raise(gateway, epoch);
    return true;
  }

  /** Returns whether the epoch was raised: not twice within a short time. */
  async #raise(gateway: string, above: number): Promise<boolean> {
    const { store, clock, raised } = this.#options;
    const now = clock.machine.elapsed();
    const last = this.#raisedAt.get(gateway);
    if (last !== undefined && now - last < RAISED_MS) return false;
    this.#raisedAt.set(gateway, now);
    const epoch = await store.raiseEpoch(gateway, above);
    this.#unstored.raised(gateway, epoch);
    raised?.(gateway, epoch);
    return true;
  }

  async #again(
    gateway: string,
    type: DocumentType,
    { knownToLack, waits }: { readonly knownToLack: boolean; readonly waits: boolean },
  ): Promise<void> {
    const { store, clock } = this.#options;
    const place = `${gateway} ${type} ${this.#options.keys.generation}`;
    const number = await store.newestNumber(type, gateway);
    const known = this.#settled.get(place);
    if (number === undefined) return;
    if (!knownToLack && known?.epoch === number.epoch && known.sequence === number.sequence) return;
    const newest = await store.newest(type, gateway);
    if (newest === undefined || clock.plant.now() >= newest.document.acceptUntil) return;
    const reports = await store.reports(newest.document);
    const settled =
      !this.#isOfEndedKey(newest) &&
      reports.some(({ stage, code }) => stage !== 'received' && !(stage === 'rejected' && code === 'LS-DOC-007'));
    if (settled) this.#settled.set(place, number);
    if (settled && !knownToLack) return;
    const last = this.#sentAt.get(keyOf(newest.document));
    if (waits && last !== undefined && clock.machine.elapsed() - last < AGAIN_MS) return;
    await this.#deliver(newest.document, newest.jws);
  }

  /** `budget`: how long to wait for the store. */
  async #deliver(document: DesiredDocument, known: string | undefined, budget?: StopBudget): Promise<Outcome<void>> {
    const asked = <T>(ask: () => Promise<T>): Promise<T> => (budget === undefined ? ask() : budget.wait(ask));
    const { store, send, clock, reads } = this.#options;
    const key = this.#keyFor(document);
    const { encodings, versions } = reads(document.gateway);
    if (!versions.includes(document.version))
      return bad(
        'LS-DOC-009',
        `${document.gateway} reads document version ${versions.join(', ')}, not ${document.version}`,
      );
    const zip = zipFor(document, encodings);
    // Before the first await: of two callers that find it unsent at once, only one sends it.
    this.#remember(keyOf(document), clock.machine.elapsed());
    let jws = known;
    if (jws === undefined || zipOf(jws) !== zip || kidOf(jws) !== key.kid) {
      const sent = zip === undefined ? asFirstVersion(document) : forGateway(document);
      const isWhole = sent === document || (zip === undefined && JSON.stringify(sent) === JSON.stringify(document));
      const ofStore = (): Promise<Compressed> =>
        asked(async () => ({ zip: 'br' as const, bytes: await store.compressed(document) })).catch((error: unknown) => {
          this.#mayGo(document, error);
          return compressedDocument(sent, 'br');
        });
      const compressed =
        zip === undefined ? undefined : isWhole && zip === 'br' ? await ofStore() : compressedDocument(sent, zip);
      const signed = await signDocument(sent, key, compressed);
      if (!signed.ok) return signed;
      jws = signed.value;
      // The store keeps only the seal of its own content; a document with fields left out is signed again, to the same bytes.
      const seal = jws;
      if (isWhole)
        await asked(() => store.signed(document, seal)).catch((error: unknown) => this.#mayGo(document, error));
    }
    const payload = encodings.includes('bytes') ? packDocument(jws) : new TextEncoder().encode(jws);
    await send(document.gateway, topics[document.type], payload);
    return good(undefined);
  }

  /** A stop is sent even if the store fails; other documents fail with it. */
  #mayGo(document: DesiredDocument, error: unknown): void {
    if (document.type !== 'command' || document.body.kind !== 'stop') throw error;
  }

  #keyFor({ gateway, type }: DesiredDocument): SigningKey {
    const { keys, reads } = this.#options;
    return keyFor(keys, reads(gateway), type === 'model' ? 'models' : 'documents');
  }

  /**
   * Whether a document was signed with a key that has ended. A gateway that reads lists of keys forgets such a document at its next start,
   * so it is sent again.
   */
  #isOfEndedKey({ document, jws }: { readonly document: DesiredDocument; readonly jws?: string | undefined }): boolean {
    const reads = this.#options.reads(document.gateway);
    return reads.keyGeneration !== undefined && jws !== undefined && kidOf(jws) !== this.#keyFor(document).kid;
  }

  #remember(document: string, sentAt: number): void {
    this.#sentAt.set(document, sentAt);
    if (this.#sentAt.size <= MAX_REMEMBERED) return;
    // Half at once: a map that loses its oldest entry for each new one is slow to read from its start.
    for (const name of this.#sentAt.keys().take(MAX_REMEMBERED / 2)) this.#sentAt.delete(name);
  }
}

/** The documents of a fleet: at 10,000 gateways four each. */
const MAX_REMEMBERED = 40_000;

/** A document that could not be sent gets no number, or it would pass for one that its gateway holds. */
function checkUnnumbered(unnumbered: Unnumbered): Outcome<DesiredDocument> {
  const document = { ...unnumbered, epoch: MAX_EPOCH, sequence: MAX_EPOCH } as DesiredDocument;
  const { length } = documentBytes(document);
  if (length > MAX_DOCUMENT_CHARS) return bad('LS-DOC-005', `${document.type} of ${length} bytes is too long`);
  return checkContent(forGateway(document));
}

const keyOf = (document: DesiredDocument): string =>
  `${document.gateway} ${document.type} ${idOf(document)} ${document.epoch} ${document.sequence}`;
