import type { AlarmState } from '../../../shared/contracts/alarm.ts';
import type { Region } from '../../../shared/contracts/region.ts';
import type { LoadstoneEvent } from '../../../shared/contracts/event.ts';
import type { EventView } from '../../../shared/contracts/view.ts';
import { eventSays } from '../../../shared/sentences/event-forms.ts';
import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { AlarmRig } from '../../alarms/testing/alarm-rig.ts';
import { smallRegion } from '../../api/testing/api-fixture.ts';
import { pastEvents } from './fixture-reports.ts';
import { SITES, START } from './fixture-sites.ts';

const BEFORE_MS = 7_200_000;
const SILENT = Array.from({ length: 14 }, (_, index) => `pv-${index + 1}`);

function fixtureRegion(): Region {
  const base = smallRegion();
  const [like] = base.substations;
  return {
    ...base,
    substations: SITES.map(({ id, name }) => ({
      ...like!,
      id,
      name,
      gateway: `${id}-01`,
      network: {
        ...like!.network,
        feeders: [1, 2].map((n) => ({ ...like!.network.feeders[0]!, id: `${id}-${n}`, name: `Feeder ${n}` })),
      },
    })),
  };
}

/** The real alarm desk over the alarms of the fixture world. */
export class FixtureAlarms {
  readonly rig = new AlarmRig({ region: fixtureRegion(), startMs: START - BEFORE_MS });

  async start(): Promise<void> {
    await this.rig.started;
    const alarms = pastEvents().filter(({ kind }) => kind === 'alarm');
    for (const event of alarms.toSorted((a, b) => a.time - b.time)) {
      await this.#until(event.time);
      await this.#tell(event);
      if (event.code !== 'LS-GATEWAY-001') continue;
      // The alarms of its devices are explained by the lost gateway.
      for (const device of SILENT)
        await this.#tell({
          ...event,
          device,
          ...eventSays('LS-CONTROL-003', '{device} does not answer; it counts at its worst until it is back', {
            device,
          }),
        });
    }
    await this.#until(START);
    const meter = this.rig.alarms.list(['unacknowledged']).find(({ code }) => code === 'LS-METER-001');
    await this.rig.alarms.acknowledge(meter!.id, 'demo-operator');
  }

  advanceTo(now: number): Promise<void> {
    return this.#until(now);
  }

  /** Answers a request under /v1/alarms. */
  async answer(method: string, url: URL, body: unknown): Promise<{ status: number; body: unknown }> {
    try {
      return { status: 200, body: await this.#answer(method, url, body) };
    } catch (error) {
      if (!(error instanceof LoadstoneError)) throw error;
      const { code, message, status } = error;
      return { status, body: { title: message, status, detail: message, code } };
    }
  }

  async #answer(method: string, url: URL, body: unknown): Promise<unknown> {
    const { alarms } = this.rig;
    const [, , , first = '', second = ''] = url.pathname.split('/');
    const {
      reason = '',
      minutes = 0,
      ids = [],
    } = (body ?? {}) as { reason?: string; minutes?: number; ids?: number[] };
    const by = 'demo-operator';
    if (first === 'rules') return { items: alarms.rules(), nextCursor: null };
    if (first === 'figures')
      return alarms.figures(Date.parse(url.searchParams.get('from')!), Date.parse(url.searchParams.get('to')!));
    if (first === 'acknowledge')
      return { items: await Promise.all(ids.map((id) => alarms.acknowledge(id, by))), nextCursor: null };
    if (second === 'shelve') return alarms.shelve(Number(first), { by, reason, minutes });
    if (second === 'unshelve') return alarms.unshelve(Number(first));
    if (second === 'out-of-service')
      return method === 'PUT' ? alarms.takeOut(Number(first), by, reason) : alarms.bringBack(Number(first));
    const states = url.searchParams.getAll('state') as AlarmState[];
    return { items: alarms.list(states), nextCursor: null };
  }

  #tell({ source, severity, code, text, device, subject, parameters }: Omit<EventView, 'id'>): Promise<void> {
    const about = {
      ...(device === null ? {} : { device }),
      ...(subject === null ? {} : { subject }),
      ...(parameters === undefined ? {} : { parameters: parameters as NonNullable<LoadstoneEvent['parameters']> }),
    };
    return this.rig.tell(source, { severity, code, text, ...about });
  }

  async #until(time: number): Promise<void> {
    const { clock } = this.rig;
    const ahead = time - clock.plant.now();
    if (ahead > 0) await clock.advance(ahead);
  }
}
