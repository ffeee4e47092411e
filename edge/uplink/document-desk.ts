import {
  reportIdOf,
  type DesiredDocument,
  type DocumentType,
  type ModelDocument,
  type TrainingDocument,
} from '../../shared/contracts/document.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import type { ModelManifest } from '../../shared/contracts/model.ts';
import type { DocumentReport, DocumentStage } from '../../shared/contracts/report.ts';
import { eventSays } from '../../shared/sentences/event-forms.ts';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import type { Fault, Outcome } from '../../shared/outcome/outcome.ts';
import type { Disk } from '../../shared/ports/disk.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { documentText } from '../../shared/codec/packed-document.ts';
import type { FromUplink } from './channel.ts';
import type { UplinkConfig } from './config.ts';
import type { KeyRing } from './key-ring.ts';
import { Documents } from './documents.ts';
import { LatestFile } from './latest-file.ts';
import { parseDocumentReports } from './messages.ts';
import { ModelFetch } from '../fetch/model-fetch.ts';

export type ReportTopic = 'reportedPlan' | 'reportedModel' | 'commandResult' | 'reportedTrainingWay';

export interface DeskOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly config: UplinkConfig;
  readonly ring: KeyRing;
  /** Resolves to false if it could not be sent. */
  readonly publish: (topic: ReportTopic | 'modelRequest', json: string) => Promise<boolean>;
  readonly emit: (message: FromUplink) => void;
  readonly event: (event: LoadstoneEvent) => void;
  /** Takes a round of federated learning. Absent: this gateway does not take part. */
  readonly train?: ((document: TrainingDocument) => void) | undefined;
}

export interface RestoredDocuments {
  readonly documents: readonly DesiredDocument[];
  readonly model: Held | null;
  readonly beside?: Held;
}

interface Held {
  readonly manifest: ModelManifest;
  readonly bytes: Uint8Array;
}

const MAX_REPORTS = 500;
const MAX_OUTCOMES = 200;
/** Stages which show that a command has acted. */
const deeds: readonly DocumentStage[] = ['applied', 'clamped', 'verified'];
const ends: readonly DocumentStage[] = ['rejected', 'superseded', 'completed', 'expired'];

const topicOf: Record<DocumentType, ReportTopic | undefined> = {
  plan: 'reportedPlan',
  model: 'reportedModel',
  command: 'commandResult',
  settings: undefined,
  training: 'reportedTrainingWay',
  weather: undefined,
};

/** Receives documents from the cloud, delivers the valid ones and reports each outcome. */
export class DocumentDesk {
  readonly #options: DeskOptions;
  readonly #documents: Documents;
  readonly #fetch: ModelFetch<ModelManifest>;
  readonly #outcomeFile: LatestFile;
  /** Commands delivered since the start. */
  readonly #taken = new Set<string>();
  /** Last report of each command by id; it answers a repeated id. */
  #outcomes = new Map<string, DocumentReport>();
  #reports: { readonly topic: ReportTopic; readonly report: DocumentReport }[] = [];
  #modelDocument: ModelDocument | undefined;
  #weatherAt = 0;
  #connected = false;
  #sending = false;
  /** Settles once the reports that can be sent have been. */
  #sent: Promise<void> = Promise.resolve();

  constructor(options: DeskOptions) {
    this.#options = options;
    const { disk, clock, config, ring, publish } = options;
    const now = (): number => clock.plant.now();
    this.#documents = new Documents({ disk, gateway: config.gateway, ring, now });
    this.#outcomeFile = new LatestFile(disk, 'commands.json');
    this.#fetch = new ModelFetch({
      disk,
      clock,
      request: async (sha256, index) => {
        await publish('modelRequest', JSON.stringify({ sha256, index }));
      },
      onDone: (manifest, result) => this.#modelDone(manifest, result),
    });
  }

  /** When the weather was issued that is held, plant time; 0: none is. */
  get weatherAt(): number {
    return this.#weatherAt;
  }

  async restore(): Promise<RestoredDocuments> {
    const bytes = await this.#outcomeFile.read().catch(() => undefined);
    const outcomes = bytes === undefined ? undefined : parseDocumentReports(bytes);
    if (outcomes?.ok === true) for (const each of outcomes.value) this.#outcomes.set(each.id, each);
    const all = await this.#documents.restore();
    for (const document of all) {
      if (document.type === 'training') this.#options.train?.(document);
      if (document.type === 'weather') this.#weatherAt = document.issuedAt;
    }
    const documents = all.filter(({ type }) => type !== 'training');
    const model = documents.find((each) => each.type === 'model');
    if (model?.type !== 'model') return { documents, model: null };
    this.#modelDocument = model;
    const { manifest, beside } = partsOf(model);
    const held = await this.#fetch.load(manifest);
    if (held === undefined) {
      await this.#fetch.begin(manifest, hashesOf(model));
      return { documents, model: null };
    }
    const answering = { manifest, bytes: held };
    if (beside === undefined) return { documents, model: answering };
    const besideBytes = await this.#fetch.load(beside);
    if (besideBytes !== undefined)
      return { documents, model: answering, beside: { manifest: beside, bytes: besideBytes } };
    await this.#fetch.begin(beside, hashesOf(model));
    return { documents, model: answering };
  }

  /** After a birth, sends waiting reports and continues a model's download. */
  async connected(): Promise<void> {
    this.#connected = true;
    this.#sendSoon();
    await this.#fetch.connected();
  }

  disconnected(): void {
    this.#connected = false;
    this.#fetch.disconnected();
  }

  async stop(): Promise<void> {
    await this.#sent;
    await this.#fetch.stop();
    await this.#outcomeFile.write();
  }

  /** Writes outcomes that the disk refused. */
  writeAgain(): Promise<void> {
    return this.#outcomeFile.write();
  }

  chunk(payload: Uint8Array): Promise<void> {
    return this.#fetch.chunk(payload);
  }

  /** Handles a document from the topic of `type`. */
  async receive(type: DocumentType, payload: Uint8Array): Promise<void> {
    const verdict = await this.#documents.receive(type, documentText(payload));
    switch (verdict.kind) {
      case 'rejected':
        // A repeat of an accepted command that a newer one has superseded is answered with its outcome, not refused.
        if (verdict.document !== undefined && (await this.#repeats(verdict.document, false))) break;
        await this.#rejects(type, verdict.fault, verdict.document);
        break;
      case 'held':
        if (await this.#repeats(verdict.document, true)) break;
        await this.#reportsStage(verdict.document, 'accepted', undefined);
        if (verdict.document.type === 'model') await this.#fetchModel(verdict.document);
        break;
      case 'accepted':
        if (!(await this.#repeats(verdict.document, false))) await this.#accepts(verdict.document);
        break;
    }
  }

  /** Takes the outcome of a document from the cycle. */
  async report(topic: ReportTopic, report: DocumentReport): Promise<void> {
    if (topic === 'commandResult') {
      this.#outcomes.delete(report.id);
      this.#outcomes.set(report.id, report);
      const [oldest] = this.#outcomes.keys();
      if (this.#outcomes.size > MAX_OUTCOMES && oldest !== undefined) this.#outcomes.delete(oldest);
      this.#outcomeFile.put(JSON.stringify([...this.#outcomes.values()]));
      await this.#outcomeFile.write();
    }
    // While the link is down the oldest reports are dropped first. Each stage is also an event in the journal.
    this.#queue(topic, report);
  }

  /** Reports are sent in order, concurrently with everything else: nothing waits for a broker that does not answer. */
  #queue(topic: ReportTopic, report: DocumentReport): void {
    if (this.#reports.length >= MAX_REPORTS) this.#reports.shift();
    this.#reports.push({ topic, report });
    this.#sendSoon();
  }

  #sendSoon(): void {
    if (!this.#sending) this.#sent = this.#sendReports();
  }

  async #sendReports(): Promise<void> {
    this.#sending = true;
    try {
      for (let next = this.#reports[0]; this.#connected && next !== undefined; next = this.#reports[0]) {
        if (!(await this.#options.publish(next.topic, JSON.stringify(next.report)))) return;
        if (this.#reports[0] === next) this.#reports.shift();
      }
    } finally {
      this.#sending = false;
    }
  }

  async #accepts(document: DesiredDocument): Promise<void> {
    const { train, emit } = this.#options;
    // Weather comes several times a day and changes no device: neither an event nor a report tells of it.
    if (document.type === 'weather') {
      this.#weatherAt = document.issuedAt;
      emit({ kind: 'document', document });
      return;
    }
    if (document.type === 'training' && train === undefined) {
      const detail = 'this gateway does not take part in federated learning: federated.enabled is off';
      await this.#reportsStage(document, 'rejected', { code: 'LS-FED-004', detail });
      return;
    }
    const { type, epoch, sequence } = document;
    const id = reportIdOf(document);
    const said = eventSays('document.accepted', '{type} {id} ({epoch}, {sequence}) is accepted', {
      type,
      id,
      epoch,
      sequence,
    });
    this.#event({ severity: 'info', kind: 'outcome', ...said, subject: id });
    await this.#reportsStage(document, 'accepted', undefined);
    if (document.type === 'training') {
      train?.(document);
      return;
    }
    this.#took(document);
    emit({ kind: 'document', document });
    if (document.type === 'model') await this.#fetchModel(document);
  }

  /**
   * A command acts once. If its id has ended, its outcome is the answer. If it is in force, or was lost at a restart, the cycle
   * answers, because it stores outcome and effect together. `held`: it is the last accepted command.
   */
  async #repeats(document: DesiredDocument, held: boolean): Promise<boolean> {
    if (document.type !== 'command') return false;
    const { id } = document.body;
    const outcome = this.#outcomes.get(id);
    if (outcome !== undefined && ends.includes(outcome.stage)) await this.report('commandResult', outcome);
    else if (outcome !== undefined || held || this.#taken.has(id))
      this.#options.emit({
        kind: 'document',
        document,
        again: true,
        applied: outcome !== undefined && deeds.includes(outcome.stage),
      });
    else return false;
    return true;
  }

  #took(document: DesiredDocument): void {
    if (document.type !== 'command') return;
    this.#taken.add(document.body.id);
    const [oldest] = this.#taken;
    if (this.#taken.size > MAX_OUTCOMES && oldest !== undefined) this.#taken.delete(oldest);
  }

  async #rejects(type: DocumentType, fault: Fault, document: DesiredDocument | undefined): Promise<void> {
    const subject = document === undefined ? 'unverified' : reportIdOf(document);
    const text = formatMessage('any', '{type} {id} is refused: {detail}', { type, id: subject, detail: fault.detail });
    this.#event({ severity: 'medium', kind: 'event', code: fault.code, text, subject });
    if (document !== undefined) await this.#reportsStage(document, 'rejected', fault);
    else await this.#reportsOn(type, { id: subject, epoch: 0, sequence: 0, stage: 'rejected', fault });
  }

  async #fetchModel(document: ModelDocument): Promise<void> {
    this.#modelDocument = document;
    await this.#fetch.begin(partsOf(document).manifest, hashesOf(document));
  }

  /** Delivers the active model first, then fetches the one beside it. */
  async #modelDone(manifest: ModelManifest, result: Outcome<Uint8Array>): Promise<void> {
    const document = this.#modelDocument;
    const beside = document?.body.beside;
    const isBeside = document?.body.id !== manifest.id;
    if (result.ok) this.#options.emit({ kind: isBeside ? 'beside' : 'model', manifest, bytes: result.value });
    if (document !== undefined && beside !== undefined && !isBeside)
      await this.#fetch.begin(beside, hashesOf(document));
    if (result.ok) return;
    const { code, detail } = result.fault;
    this.#event({ severity: 'medium', kind: 'event', code, text: detail, subject: manifest.id });
    if (document === undefined) return;
    const { type, epoch, sequence } = document;
    await this.#reportsOn(type, { id: manifest.id, epoch, sequence, stage: 'rejected', fault: result.fault });
  }

  async #reportsStage(document: DesiredDocument, stage: DocumentStage, fault: Fault | undefined): Promise<void> {
    const { type, epoch, sequence } = document;
    await this.#reportsOn(type, { id: reportIdOf(document), epoch, sequence, stage, fault });
  }

  async #reportsOn(
    type: DocumentType,
    { fault, ...rest }: Pick<DocumentReport, 'id' | 'epoch' | 'sequence' | 'stage'> & { fault: Fault | undefined },
  ): Promise<void> {
    const topic = topicOf[type];
    if (topic === undefined) return;
    const because = fault === undefined ? {} : { code: fault.code, detail: fault.detail };
    const report: DocumentReport = { version: 1, type, ...rest, time: this.#now(), ...because };
    this.#queue(topic, report);
  }

  #event(event: Omit<LoadstoneEvent, 'time'>): void {
    this.#options.event({ time: this.#now(), ...event });
  }

  /** Plant time in whole ms. */
  #now(): number {
    return Math.floor(this.#options.clock.plant.now());
  }
}

function partsOf({ body }: ModelDocument): { manifest: ModelManifest; beside: ModelManifest | undefined } {
  const { beside, ...manifest } = body;
  return { manifest, beside };
}

const hashesOf = ({ body }: ModelDocument): string[] =>
  body.beside === undefined ? [body.sha256] : [body.sha256, body.beside.sha256];
