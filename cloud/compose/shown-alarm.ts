import type { Logger } from 'pino';
import type { LoadstoneEvent } from '../../shared/contracts/event.ts';
import { EVENT_TEXT, fitText } from '../../shared/contracts/fit-text.ts';
import type { Clock } from '../../shared/time/clock.ts';
import type { ErrorCode } from '../../shared/outcome/catalogue.ts';
import type { EventLog } from '../audit/event-log.ts';

export interface ShownAlarmParts {
  readonly clock: Clock;
  readonly events: Pick<EventLog, 'append'>;
  /** Shows an alarm of the cloud's own at once. */
  readonly show: (alarm: LoadstoneEvent) => void;
  readonly logger: Pick<Logger, 'info' | 'error'>;
}

/**
 * An alarm for times when the event log itself takes nothing: the desk and the process log show it at once, and the event log records its
 * begin and end once it is over.
 */
export class ShownAlarm {
  readonly #parts: ShownAlarmParts;
  readonly #code: ErrorCode;
  #begun: LoadstoneEvent | undefined;

  constructor(parts: ShownAlarmParts, code: ErrorCode) {
    this.#parts = parts;
    this.#code = code;
  }

  begin(text: string): void {
    if (this.#begun !== undefined) return;
    this.#begun = this.#event(text, true);
    this.#parts.logger.error({ code: this.#code }, text);
    this.#parts.show(this.#begun);
  }

  end(text: string): void {
    if (this.#begun === undefined) return;
    this.#parts.logger.info(text);
    const over = this.#event(text, false);
    this.#parts.events.append('cloud', [{ event: this.#begun }, { event: over }], over.time);
    this.#begun = undefined;
  }

  #event(text: string, active: boolean): LoadstoneEvent {
    return {
      time: this.#parts.clock.plant.now(),
      kind: 'alarm',
      severity: 'high',
      code: this.#code,
      text: fitText(text, EVENT_TEXT),
      active,
    };
  }
}
