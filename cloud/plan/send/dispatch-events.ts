import { EVENT_TEXT, fitText } from '../../../shared/contracts/fit-text.ts';
import type { RegionSubstation } from '../../../shared/contracts/region.ts';
import type { PlanBody } from '../../../shared/contracts/plan.ts';
import type { DocumentReport } from '../../../shared/contracts/report.ts';
import { eventSays, type EventForm, type EventSaid } from '../../../shared/sentences/event-forms.ts';
import { formatMessage } from '../../../shared/sentences/message-forms.ts';
import type { Clock } from '../../../shared/time/clock.ts';
import { roomSays } from '../plan-fault.ts';
import type { Planned } from '../planner.ts';
import type { Report } from '../problem/ports.ts';

function planNow({ status }: PlanBody): EventForm<'LS-OPT-002'> {
  if (status === 'envelopes-only') return '{place}: no plan is made now';
  if (status === 'least-violation') return '{place}: a plan is made, though not one that keeps all limits';
  return '{place}: the plan keeps all limits';
}

/** Reports plans and other documents to the desk. */
export class DispatchEvents {
  readonly #clock: Clock;
  readonly #report: Report;
  /** The alarm on the newest plan of each substation. */
  readonly #alarms = new Map<string, EventSaid>();
  /** Element at which the newest plan of a substation keeps less than the whole room for forecast errors. */
  readonly #rooms = new Map<string, string>();

  constructor({ clock, report }: { readonly clock: Clock; readonly report: Report }) {
    this.#clock = clock;
    this.#report = report;
  }

  /** Raises one alarm per substation while its plan lacks something, and ends it. Reduced room for errors is an event. */
  planned(substation: RegionSubstation, { body, fault }: Pick<Planned, 'body' | 'fault'>): void {
    const room = body.room?.element;
    const place = substation.name;
    if (body.room !== undefined && this.#rooms.get(substation.id) !== room)
      this.#tell(substation, roomSays(body, body.room, place), 'low');
    if (room === undefined) this.#rooms.delete(substation.id);
    else this.#rooms.set(substation.id, room);
    const before = this.#alarms.get(substation.id);
    if (before !== undefined && before.code !== fault?.code) {
      this.#alarms.delete(substation.id);
      const now = eventSays('LS-OPT-002', planNow(body), { place });
      this.#tell(substation, { ...now, code: before.code }, 'info');
    }
    if (fault === undefined || before?.text === fault.text) return;
    this.#alarms.set(substation.id, fault);
    this.#tell(substation, fault, 'high');
  }

  refused(gateway: string, { id, type, code = 'LS-DOC-005', detail = 'no reason given' }: DocumentReport): void {
    this.#report({
      time: this.#now(),
      kind: 'outcome',
      severity: 'medium',
      code,
      text: fitText(
        formatMessage('any', '{gateway} refused {type} {id}: {detail}', { gateway, type, id, detail }),
        EVENT_TEXT,
      ),
      subject: id,
    });
  }

  /** Either this store is an old copy or the gateway claims more than it holds; both deserve an event. */
  epochRaised(gateway: string, epoch: number, substation: string | undefined): void {
    this.#report({
      time: this.#now(),
      kind: 'event',
      severity: 'low',
      code: 'document.epoch',
      text: formatMessage(
        'document.epoch',
        'Gateway {gateway} holds documents that this cloud does not know; what it is sent from now on is of epoch {epoch}.',
        { gateway, epoch },
      ),
      ...(substation === undefined ? {} : { subject: substation }),
    });
  }

  #tell({ id }: RegionSubstation, { code, text, parameters }: EventSaid, severity: 'info' | 'low' | 'high'): void {
    this.#report({
      time: this.#now(),
      severity,
      code,
      text,
      ...(parameters === undefined ? {} : { parameters }),
      subject: id,
      ...(severity === 'low' ? { kind: 'event' } : { kind: 'alarm', active: severity === 'high' }),
    });
  }

  #now(): number {
    return Math.round(this.#clock.plant.now());
  }
}
