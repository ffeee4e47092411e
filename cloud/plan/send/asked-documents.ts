import type { CommandBody, DesiredDocument, WeatherBody } from '../../../shared/contracts/document.ts';
import type { TrainingTask } from '../../../shared/contracts/federated.ts';
import type { ChunkRequest, ModelManifest } from '../../../shared/contracts/model.ts';
import type { DocumentReport } from '../../../shared/contracts/report.ts';
import { bad, type Outcome } from '../../../shared/outcome/outcome.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import type { ModelSource, Send } from '../problem/ports.ts';
import { acceptWindowMs } from './accept-window.ts';
import type { DocumentStore } from './document-store.ts';
import { serveChunk } from './model-server.ts';
import type { Outbox } from './outbox.ts';
import { isAct } from './plan-watch.ts';

/** Newest model documents on which a gateway may still report. */
const MOST_MODELS = 20;

export interface AskedDocumentsOptions {
  readonly clock: Clock;
  readonly store: DocumentStore;
  readonly outbox: Pick<Outbox, 'issue' | 'issueAfter' | 'command' | 'resend'>;
  readonly send: Send;
  readonly models?: ModelSource | undefined;
  /** Gateways of the region. */
  readonly gateways: { has(gateway: string): boolean };
}

/** Documents that others ask for: models, training, weather and commands. Plans and settings come from the dispatch itself. */
export class AskedDocuments {
  readonly #options: AskedDocumentsOptions;

  constructor(options: AskedDocumentsOptions) {
    this.#options = options;
  }

  async onChunkRequest(gateway: string, request: ChunkRequest): Promise<void> {
    const { models, send } = this.#options;
    if (models !== undefined) await serveChunk({ models, send }, gateway, request);
  }

  /**
   * Whether a model was sent to a gateway. Reports on any other are ignored: gateways that learn together run the same network, so one
   * could guess the others' model ids.
   */
  async isToRun(gateway: string, model: string): Promise<boolean> {
    const sent = await this.#options.store.list('model', gateway, MOST_MODELS);
    return sent.some(
      ({ document }) => document.type === 'model' && (document.body.id === model || document.body.beside?.id === model),
    );
  }

  /** Sends a gateway its active and shadow model: the signed manifests now, the bytes on request. What it already has is not sent again. */
  async sendModels(gateway: string, answering: ModelManifest, beside: ModelManifest | undefined): Promise<void> {
    const body = beside === undefined ? answering : { ...answering, beside };
    for (let isOut = false; !isOut;) {
      const now = this.#now();
      const held = (await this.#options.store.newest('model', gateway))?.document;
      const isCurrent =
        held?.type === 'model' &&
        held.body.id === answering.id &&
        held.body.beside?.id === beside?.id &&
        // A start in the future is from a clock that has been set back since: the gateway has refused the document.
        held.validFrom <= now &&
        held.validUntil > now;
      if (isCurrent) return;
      const model = {
        type: 'model',
        version: 1,
        gateway,
        issuedAt: now,
        acceptUntil: answering.expiresAt,
        validFrom: now,
        validUntil: answering.expiresAt,
        body,
      } as const;
      isOut = (await this.#options.outbox.issueAfter<'model'>(model, held)) !== undefined;
    }
  }

  /** Requests a round of federated learning from a gateway, which may accept it until the deadline. */
  async sendTraining(gateway: string, body: TrainingTask): Promise<Outcome<unknown>> {
    const now = this.#now();
    return this.#options.outbox.issue<'training'>({
      type: 'training',
      version: 1,
      gateway,
      issuedAt: now,
      acceptUntil: body.deadline,
      validFrom: now,
      validUntil: body.deadline,
      body,
    });
  }

  /** Sends the temperature for the local forecast, which the gateway may accept until its last hour. */
  sendWeather(gateway: string, body: WeatherBody): Promise<Outcome<unknown>> {
    const now = this.#now();
    const end = body.start + body.temperatureC.length * body.stepS * 1000;
    return this.#options.outbox.issue<'weather'>({
      type: 'weather',
      version: 1,
      gateway,
      issuedAt: now,
      acceptUntil: end,
      validFrom: now,
      validUntil: end,
      body,
    });
  }

  /** Sends the weather that was last issued to a gateway once more. */
  resendWeather(gateway: string): Promise<void> {
    return this.#options.outbox.resend(gateway, 'weather');
  }

  /** When weather was last issued to a gateway, plant time. */
  async weatherSentAt(gateway: string): Promise<number | undefined> {
    return (await this.#options.store.newest('weather', gateway))?.document.issuedAt;
  }

  /** A command acts once: the same id again resends the same bytes. */
  sendCommand(gateway: string, body: CommandBody): Promise<Outcome<DesiredDocument>> {
    const now = this.#now();
    if (!this.#options.gateways.has(gateway))
      return Promise.resolve(bad('LS-API-004', `there is no gateway ${gateway}`));
    if (body.expiresAt <= now) return Promise.resolve(bad('LS-API-007', 'expiresAt is in the past', '/expiresAt'));
    return this.#options.outbox.command({
      type: 'command',
      version: 1,
      gateway,
      issuedAt: now,
      acceptUntil: Math.min(body.expiresAt, now + acceptWindowMs(this.#options.clock.speed())),
      validFrom: now,
      validUntil: body.expiresAt,
      body,
    });
  }

  /** The reports on a command, model or plan, by its id. */
  async wayOf(id: string): Promise<readonly DocumentReport[]> {
    const stored = await this.#options.store.byId(id);
    return stored === undefined ? [] : this.#options.store.reports(stored.document);
  }

  /** Whether a report is on a command that plans must follow. */
  async isAct(report: DocumentReport): Promise<boolean> {
    const document = report.type === 'command' ? (await this.#options.store.byId(report.id))?.document : undefined;
    return document?.type === 'command' && isAct(document.body.kind, report);
  }

  #now(): number {
    return Math.round(this.#options.clock.plant.now());
  }
}
