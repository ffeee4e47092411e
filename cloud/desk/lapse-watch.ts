import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import { EVENT_TEXT, fitText } from '../../shared/contracts/fit-text.ts';
import type { Clock, Timer } from '../../shared/time/clock.ts';
import { every } from '../../shared/time/every.ts';
import type { AuditList } from '../audit/audit-list.ts';
import type { ModelRegistry } from '../forecast/registry/registry.ts';
import type { DeskStore } from './desk-store.ts';

export interface LapseWatchOptions {
  readonly clock: Clock;
  readonly desk: Pick<DeskStore, 'overdue' | 'lapse'>;
  readonly models: Pick<ModelRegistry, 'lapsedPromotions' | 'dropPromotion'>;
  readonly audit: Pick<AuditList, 'append'>;
  readonly report: (event: LoadstoneEvent) => void;
}

/** A request that no second person approved in time. */
interface Lapsed {
  readonly on: string;
  readonly to: object;
  readonly requester: string;
  readonly reason: string;
  readonly words: string;
}

const EACH_MS = 5_000;

/**
 * Audits and announces requests that nobody approved in time, also those that lapsed while the cloud was down. The entry is written before
 * the request is settled: a power cut may duplicate it, but never lose it.
 */
export class LapseWatch {
  readonly #options: LapseWatchOptions;
  #timer: Timer | undefined;

  constructor(options: LapseWatchOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.look();
    this.#timer = every(this.#options.clock.machine, EACH_MS, () => this.look());
  }

  stop(): void {
    this.#timer?.cancel();
  }

  async look(): Promise<void> {
    const { clock, desk, models } = this.#options;
    const now = clock.machine.now();
    for (const { id, act, user: requester, reason } of await desk.overdue(now)) {
      const { target: on, ...to } = act;
      await this.#tell({
        on,
        to,
        requester,
        reason,
        words: formatMessage('request.lapsed', '{kind} for {target}', { kind: to.kind, target: on }),
      });
      await desk.lapse(id);
    }
    for (const { model, to, by: requester, reason } of await models.lapsedPromotions(now)) {
      await this.#tell({
        on: `model:${model}`,
        to: { to },
        requester,
        reason,
        words: formatMessage('request.lapsed', 'model {model} to become {state}', { model, state: to }),
      });
      await models.dropPromotion(model, now);
    }
  }

  async #tell({ on, to, requester, reason, words }: Lapsed): Promise<void> {
    const { audit, report, clock } = this.#options;
    await audit.append({
      who: 'cloud',
      what: 'request.lapsed',
      on,
      from: { requester },
      to,
      why: reason,
      outcome: 'expired',
    });
    const text = formatMessage(
      'request.lapsed',
      'Nobody confirmed in time what {user} asked for, {what}: it is void. {user} can ask again if it is still wanted.',
      { user: requester, what: words },
    );
    const subject = on.slice(on.indexOf(':') + 1).slice(0, 63);
    const time = Math.round(clock.plant.now());
    report({ time, kind: 'event', severity: 'low', code: 'request.lapsed', text: fitText(text, EVENT_TEXT), subject });
  }
}
