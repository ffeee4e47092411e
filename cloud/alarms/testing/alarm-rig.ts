import type { AlarmView } from '../../../shared/contracts/alarm.ts';
import type { LoadstoneEvent } from '../../../shared/contracts/event.ts';
import type { Region } from '../../../shared/contracts/region.ts';
import { VirtualClock } from '../../../shared/time/virtual-clock.ts';
import { OpenedEvents } from '../../audit/testing/opened-events.ts';
import { AlarmService } from '../alarm-service.ts';
import { SqliteAlarmStore } from '../sqlite-alarm-store.ts';
import { composeRules } from '../compose-rules.ts';

export interface AlarmRigOptions {
  readonly region: Region;
  readonly startMs: number;
  /** Files of the event log and the alarm store; absent: in memory. */
  readonly files?: { readonly events: string; readonly alarms: string };
  /** The run of the gateway's journal. */
  readonly run?: number;
  readonly onChange?: (alarm: AlarmView) => void;
}

/** An event log and the alarms that follow it, on a manual clock. */
export class AlarmRig {
  readonly clock: VirtualClock;
  readonly events: OpenedEvents;
  readonly alarms: AlarmService;
  /** Resolves once the kept alarms are loaded. */
  readonly started: Promise<void>;
  readonly #store: SqliteAlarmStore;
  readonly #run: number;
  #offset = 0;

  constructor({ region, startMs, files, run = 1, onChange = () => undefined }: AlarmRigOptions) {
    this.clock = new VirtualClock(startMs);
    this.#run = run;
    this.events = new OpenedEvents(files?.events ?? ':memory:');
    this.#store = new SqliteAlarmStore(files?.alarms ?? ':memory:');
    this.#store.open();
    this.alarms = new AlarmService({
      region,
      rules: composeRules(''),
      store: this.#store,
      clock: this.clock,
      past: (query) => this.events.list(query),
      onChange,
      report: (event) => this.events.append('cloud', [{ event }], this.clock.plant.now()),
    });
    this.events.listen((event) => this.alarms.take(event));
    this.started = this.alarms.start();
  }

  /** Reports a gateway's alarm, or with `own` the cloud's alarm about it. */
  tell(source: string, event: Partial<LoadstoneEvent> & Pick<LoadstoneEvent, 'code'>, own = false): Promise<void> {
    const time = this.clock.plant.now();
    const whole = { time, kind: 'alarm', severity: 'medium', text: event.code, active: true, ...event } as const;
    const identity = { run: this.#run, offset: this.#offset++ };
    this.events.append(source, [own ? { event: whole } : { event: whole, identity }], time);
    return this.events.synced();
  }

  async close(): Promise<void> {
    await this.alarms.stop();
    this.#store.close();
    this.events.close();
  }
}
