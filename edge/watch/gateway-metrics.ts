import { Gauge, Registry } from 'prom-client';
import type { GatewayStatus } from '../local/protocol.ts';

type Read = (status: GatewayStatus) => number;

const KB = 1000;

/** Help text and value by metric name. Names and units follow Prometheus; powers in kW, consumption positive. */
const ofGateway: Readonly<Record<string, readonly [string, Read]>> = {
  loadstone_uplink_up: ['1: the cloud is connected', ({ link }) => Number(link === 'up')],
  loadstone_backlog_frames: [
    'frames still to be sent, without those that an unsigned acknowledgement covers',
    ({ backlogFrames }) => backlogFrames,
  ],
  loadstone_journal_writable: ['1: the journal is writable', ({ journalWritable }) => Number(journalWritable)],
  loadstone_cycles_total: ['cycles since the start', ({ cycle }) => cycle.count],
  loadstone_cycle_overruns_total: ['missed cycles', ({ cycle }) => cycle.overruns],
  loadstone_cycle_period_seconds: ['control period', ({ cycle }) => cycle.periodMs / 1000],
  loadstone_cycle_late_p99_seconds: ['lateness of cycles, 99th percentile', ({ cycle }) => cycle.lateP99Ms / 1000],
  loadstone_guard_active: ['1: the guard relieves a limit', ({ guard }) => Number(guard.active)],
  loadstone_guard_relief_kilowatts: ['power by which the guard holds devices back', ({ guard }) => guard.reliefKw],
  loadstone_clock_good: ['1: the clock can be trusted', ({ clock }) => Number(clock.quality === 'good')],
  loadstone_clock_offset_seconds: ['how far the clock is ahead of the cloud', ({ clock }) => clock.offsetMs / 1000],
  loadstone_data_used_bytes: ['data volume of this month', ({ dataBudget }) => dataBudget.usedMb * KB * KB],
  loadstone_data_budget_bytes: ['data budget per month', ({ dataBudget }) => dataBudget.mbPerMonth * KB * KB],
  loadstone_alarms: ['standing alarms', ({ alarms }) => alarms.length],
  loadstone_lacks: ['number of things that keep the gateway from full service', ({ lacks }) => lacks.length],
  loadstone_stopped: ['1: stopped by a person', ({ stopped }) => Number(stopped)],
};

/** The metrics of a gateway in the Prometheus text format, read from its status at each scrape. */
export function gatewayMetrics(status: () => GatewayStatus): () => Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  for (const [name, [help, read]] of Object.entries(ofGateway)) {
    const made: Gauge = new Gauge({ name, help, registers, collect: (): void => made.set(read(status())) });
  }
  const labelled = (
    name: string,
    help: string,
    label: string,
    read: (status: GatewayStatus) => [string, number][],
  ): void => {
    const made: Gauge = new Gauge({
      name,
      help,
      labelNames: [label],
      registers,
      collect: (): void => {
        made.reset();
        for (const [value, number] of read(status())) made.set({ [label]: value }, number);
      },
    });
  };
  const known = <Row extends { readonly device: string }>(
    rows: readonly Row[],
    of: (row: Row) => number | null,
  ): [string, number][] =>
    rows.flatMap((row): [string, number][] => {
      const value = of(row);
      return value === null ? [] : [[row.device, value]];
    });
  const all = ({ elements, devices }: GatewayStatus): GatewayStatus['devices'] => [...elements, ...devices];
  labelled('loadstone_mode', '1 for the mode in force', 'mode', ({ mode }) => [[mode, 1]]);
  labelled('loadstone_rung', '1 for the current source of targets', 'rung', ({ rung }) => [[rung, 1]]);
  labelled('loadstone_device_up', '1: it reported within its time-out', 'device', (now) =>
    known(all(now), ({ link }) => Number(link === 'up')),
  );
  labelled('loadstone_device_active_power_kilowatts', 'measured power, consumption positive', 'device', (now) =>
    known(all(now), ({ activePowerKw }) => activePowerKw),
  );
  labelled(
    'loadstone_device_setpoint_kilowatts',
    'setpoint sent to the device, consumption positive',
    'device',
    (now) => known(now.devices, ({ setpointKw }) => setpointKw),
  );
  labelled('loadstone_device_refused_values_total', 'impossible values that were refused', 'device', (now) =>
    known(all(now), ({ refused }) => refused),
  );
  const memory: Gauge = new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'memory of the main process',
    registers,
    collect: (): void => memory.set(process.memoryUsage.rss()),
  });
  return () => registry.metrics();
}
