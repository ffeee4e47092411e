import { encodeChunk } from '../../shared/codec/chunk.ts';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import { parseJson } from '../../shared/codec/json.ts';
import { sha256Of } from '../../shared/codec/sha256.ts';
import type { TrainingDocument } from '../../shared/contracts/document.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { NETWORK_VERSION, TrainingReport, type TrainingTask } from '../../shared/contracts/federated.ts';
import { ChunkRequest, MODEL_CHUNK_BYTES } from '../../shared/contracts/model.ts';
import type { DocumentReport, DocumentStage } from '../../shared/contracts/report.ts';
import { checker } from '../../shared/contracts/validate.ts';
import type { LocalResult, LocalRound } from '../../shared/federated/local-round.ts';
import { weightsOf } from '../../shared/federated/weights.ts';
import { bad, type Fault, type Outcome } from '../../shared/outcome/outcome.ts';
import type { Disk } from '../../shared/ports/disk.ts';
import type { Clock } from '../../shared/time/clock.ts';
import { ModelFetch, type Fetchable } from '../fetch/model-fetch.ts';
import type { LoadBook } from './load-book.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';

/** Runs the training: in a child process in production, in the caller's thread on virtual time. */
export interface Trainer {
  /** Never rejects. */
  train(round: LocalRound): Promise<Outcome<LocalResult>>;
  /** Kills a running training. */
  stop(): void;
}

export interface LearnerOptions {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly book: LoadBook;
  readonly trainer: Trainer;
  readonly zone: string;
  /** Resolves to false if the message could not be sent. */
  readonly publish: (
    topic: 'reportedTraining' | 'trainingChunk' | 'modelRequest',
    payload: Uint8Array,
  ) => Promise<boolean>;
  /** Sends a report on a document, in order and once. */
  readonly sendReport: (report: DocumentReport) => Promise<void>;
  readonly event: (event: LoadstoneEvent) => void;
}

const FOLDER = 'training';
const PATH = `${FOLDER}/update.json`;
/** The report is repeated after this time until the cloud fetches the update; machine time. */
const AGAIN_MS = 60_000;

interface StoredUpdate {
  readonly report: TrainingReport;
  readonly update: Uint8Array | null;
}

const checkReport = checker(TrainingReport, 'LS-FED-006');
const checkRequest = checker(ChunkRequest, 'LS-INGEST-007');

/**
 * Runs a gateway's rounds one at a time. It fetches the base, trains on what the load book holds, stores the result on disk before it
 * reports any of it, and offers it until a later round comes. After a kill at any step it resumes. A stored result is never trained again,
 * so repeated requests cannot average the noise away.
 */
export class Learner {
  readonly #options: LearnerOptions;
  readonly #fetch: ModelFetch<Fetchable>;
  #document: TrainingDocument | undefined;
  #stored: StoredUpdate | undefined;
  #connected = false;
  #saidAt = Number.NEGATIVE_INFINITY;
  #turn: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: LearnerOptions) {
    this.#options = options;
    const { disk, clock, publish } = options;
    this.#fetch = new ModelFetch<Fetchable>({
      disk,
      clock,
      folder: FOLDER,
      request: async (sha256, index) => {
        await publish('modelRequest', new TextEncoder().encode(JSON.stringify({ sha256, index })));
      },
      onDone: (base, result) => this.#fetched(base, result),
    });
  }

  /** Takes an accepted or restored task. The call does not wait for the training. */
  take(document: TrainingDocument): void {
    const isSame = document.body.id === this.#document?.body.id;
    this.#document = document;
    // The training of an earlier task is discarded. The same task sent again continues.
    if (!isSame) this.#options.trainer.stop();
    this.#inTurn(document, () => this.#begin(document));
  }

  async connected(): Promise<void> {
    this.#connected = true;
    this.#saidAt = Number.NEGATIVE_INFINITY;
    await this.#fetch.connected();
    await this.tick();
  }

  disconnected(): void {
    this.#connected = false;
    this.#fetch.disconnected();
  }

  /** Called about once a second; repeats the report until the cloud requests the update. */
  async tick(): Promise<void> {
    const { clock, publish } = this.#options;
    const stored = this.#stored;
    if (stored === undefined || !this.#connected || this.#isOver()) return;
    if (clock.machine.elapsed() - this.#saidAt < AGAIN_MS) return;
    this.#saidAt = clock.machine.elapsed();
    await publish('reportedTraining', new TextEncoder().encode(JSON.stringify(stored.report)));
  }

  /** A chunk of the base. */
  chunk(payload: Uint8Array): Promise<void> {
    return this.#fetch.chunk(payload);
  }

  /** Answers the cloud's request for a part of the update; a request for an unknown part gets no answer. */
  async request(payload: Uint8Array): Promise<void> {
    const parsed = parseJson(new TextDecoder().decode(payload), { code: 'LS-INGEST-007' });
    const asked = parsed.ok ? checkRequest(parsed.value) : parsed;
    const stored = this.#stored;
    if (!asked.ok || !stored?.update || asked.value.sha256 !== stored.report.update?.sha256) return;
    const { sha256, index } = asked.value;
    if (index * MODEL_CHUNK_BYTES >= stored.update.length) return;
    await this.#options.publish('trainingChunk', encodeChunk({ sha256, index, bytes: stored.update }));
  }

  /** Kills a running training instead of waiting for it; it starts over after the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#options.trainer.stop();
    await this.#fetch.stop();
    await this.#turn;
    await this.#options.book.close();
  }

  /** Queues the task on a timer of its own, so that the uplink does not wait for it. */
  #inTurn(document: TrainingDocument, task: () => Promise<void>): void {
    this.#options.clock.machine.after(0, () => {
      this.#turn = this.#turn.then(task).catch((error: unknown) => this.#failed(document, error));
      return this.#turn;
    });
  }

  #isOver(): boolean {
    const { clock } = this.#options;
    return this.#document === undefined || clock.plant.now() > this.#document.body.deadline;
  }

  async #begin(document: TrainingDocument): Promise<void> {
    const { id, base, network } = document.body;
    if (id !== this.#document?.body.id) return;
    this.#saidAt = Number.NEGATIVE_INFINITY;
    this.#stored = await this.#read(id);
    if (this.#stored !== undefined || this.#isOver()) return this.tick();
    if (network !== NETWORK_VERSION) {
      const detail = `network ${network} is requested; this software has ${NETWORK_VERSION}`;
      return this.#says(document, 'rejected', { code: 'LS-FED-001', detail });
    }
    // `#fetched` takes the base, now if it is already on disk or when it has arrived.
    await this.#fetch.begin({ id: base.sha256, ...base });
  }

  async #fetched({ sha256 }: Fetchable, result: Outcome<Uint8Array>): Promise<void> {
    const document = this.#document;
    if (document === undefined || document.body.base.sha256 !== sha256) return;
    if (!result.ok) return this.#says(document, 'rejected', result.fault);
    this.#inTurn(document, () => this.#train(document, result.value));
  }

  async #train(document: TrainingDocument, bytes: Uint8Array): Promise<void> {
    const { book, trainer, zone, clock, disk, event } = this.#options;
    const task = document.body;
    if (this.#stopped || task.id !== this.#document?.body.id || this.#isOver()) return;
    // The same base may have arrived twice for the same task.
    if (this.#stored?.report.task === task.id) return;
    const { load, base } = { load: book.series(clock.plant.now()), base: weightsOf(bytes) };
    const trained = await trainer.train({ task, base, load, zone });
    if (this.#stopped || task.id !== this.#document?.body.id) return;
    if (!trained.ok) return this.#says(document, 'rejected', trained.fault);
    const { update, days, ...rest } = trained.value;
    const named = update === null ? null : { sha256: await sha256Of(update), bytes: update.length };
    const report: TrainingReport = {
      version: 1,
      task: task.id,
      round: task.round,
      base: task.base.sha256,
      time: Math.round(clock.plant.now()),
      ...rest,
      update: named,
      days: [...days],
    };
    const json = JSON.stringify({ report, update: update === null ? null : Buffer.from(update).toString('base64') });
    await disk.replace(PATH, new TextEncoder().encode(json));
    this.#stored = { report, update };
    event({
      time: report.time,
      kind: 'event',
      severity: 'info',
      code: 'federated.trained',
      text: wordsOf(task, report),
      subject: task.id,
    });
    await this.#says(document, 'completed', undefined);
    await this.tick();
  }

  /** The result that an earlier run of the gateway stored for this task. */
  async #read(task: string): Promise<StoredUpdate | undefined> {
    const bytes = await this.#options.disk.read(PATH).catch(() => undefined);
    const parsed = bytes && parseJson(new TextDecoder().decode(bytes), { code: 'LS-FED-006', maxChars: 4_000_000 });
    if (parsed?.ok !== true || typeof parsed.value !== 'object' || parsed.value === null) return undefined;
    const { report, update } = parsed.value as { readonly report?: unknown; readonly update?: unknown };
    const checked = checkReport(report);
    if (!checked.ok || checked.value.task !== task) return undefined;
    return { report: checked.value, update: typeof update === 'string' ? Buffer.from(update, 'base64') : null };
  }

  async #failed(document: TrainingDocument, error: unknown): Promise<void> {
    const detail = messageOf(error);
    await this.#says(document, 'rejected', bad('LS-FED-008', detail).fault);
  }

  async #says(document: TrainingDocument, stage: DocumentStage, fault: Fault | undefined): Promise<void> {
    const { sendReport, clock, event } = this.#options;
    const { type, epoch, sequence } = document;
    const time = Math.round(clock.plant.now());
    const why = fault === undefined ? {} : { code: fault.code, detail: fault.detail };
    await sendReport({ version: 1, type, id: document.body.id, epoch, sequence, stage, time, ...why });
    if (fault === undefined) return;
    const text = formatMessage('any', 'Round {round} of federated learning is not taken: {detail}', {
      round: document.body.round,
      detail: fault.detail,
    });
    event({
      time,
      kind: 'event',
      severity: 'low',
      code: fault.code,
      text: text.slice(0, 500),
      subject: document.body.id,
    });
  }
}

function wordsOf({ round, noiseMultiplier: noise }: TrainingTask, { samples, update }: TrainingReport): string {
  if (update === null)
    return formatMessage(
      'federated.trained',
      'Round {round} of federated learning: the network is measured here; losses alone are sent.',
      { round },
    );
  const values = { round, samples, bytes: update.bytes };
  return noise === 0
    ? formatMessage(
        'federated.trained',
        'Round {round} of federated learning: {samples} rows of the own load learnt, {bytes} bytes of clipped weights are offered.',
        values,
      )
    : formatMessage(
        'federated.trained',
        'Round {round} of federated learning: {samples} rows of the own load learnt, {bytes} bytes of clipped weights are offered, with noise of {noise} times the clip.',
        { ...values, noise },
      );
}
