import { EVENT_TEXT, fitText } from '../../shared/contracts/fit-text.ts';
import { formatMessage } from '../../shared/sentences/message-forms.ts';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { eventSays } from '../../shared/sentences/event-forms.ts';
import type { Clock } from '../../shared/time/clock.ts';

export interface NumberWatchOptions {
  readonly clock: Clock;
  report(gateway: string, event: LoadstoneEvent): void;
}

const CODE = 'LS-DOC-011';
/** A standing alarm is raised again after this time, so that a restarted gateway confirms it. */
const AGAIN_MS = 10 * 60_000;
/** The alarm ends once the gateway has reported only valid numbers for this long. */
const QUIET_MS = 60_000;

/** Raises one alarm per gateway that names document numbers which this cloud cannot have issued, and clears it. */
export class NumberWatch {
  readonly #options: NumberWatchOptions;
  /** Elapsed machine time of the last refusal and of the last alarm. */
  readonly #lying = new Map<string, { refusedAt: number; readonly reportedAt: number }>();

  constructor(options: NumberWatchOptions) {
    this.#options = options;
  }

  refused(gateway: string, detail: string): void {
    const now = this.#options.clock.machine.elapsed();
    const before = this.#lying.get(gateway);
    if (before !== undefined && now - before.reportedAt < AGAIN_MS) {
      before.refusedAt = now;
      return;
    }
    this.#lying.set(gateway, { refusedAt: now, reportedAt: now });
    const text = formatMessage(
      CODE,
      'Gateway {gateway} reports a document number that this cloud cannot have issued. {detail}',
      {
        gateway,
        detail,
      },
    );
    this.#tell(gateway, { code: CODE, text: fitText(text, EVENT_TEXT) }, true);
  }

  /** The gateway's health report has valid numbers. */
  fits(gateway: string): void {
    const lying = this.#lying.get(gateway);
    if (lying === undefined || this.#options.clock.machine.elapsed() - lying.refusedAt < QUIET_MS) return;
    this.#lying.delete(gateway);
    this.#tell(gateway, eventSays(CODE, 'The document numbers of gateway {gateway} fit again.', { gateway }), false);
  }

  #tell(gateway: string, said: Pick<LoadstoneEvent, 'code' | 'text' | 'parameters'>, active: boolean): void {
    this.#options.report(gateway, {
      time: this.#options.clock.plant.now(),
      kind: 'alarm',
      severity: active ? 'high' : 'info',
      ...said,
      active,
    });
  }
}
