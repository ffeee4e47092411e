import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { machineMonotonicMs } from '../../shared/time/system-clock.ts';
import { RunningDemo } from '../scenarios/testing/running-demo.ts';
import { delays, nameOf, pssOf, rounded } from './demo-sample.ts';
import { p99Ms } from './delays.ts';
import type { BenchOptions } from './options.ts';

const MINUTE_MS = 60_000;
const LOOK_MS = 5000;

interface RealTimeOptions {
  /** All ten when undefined. */
  readonly substations: readonly string[] | undefined;
  /** Observation time once the demo is up. */
  readonly minutes: number;
  readonly say: BenchOptions['say'];
  readonly signal: AbortSignal;
}

/** The demo at real-time speed from a new folder: memory of its cloud and delays of its main thread. */
export async function realTime({ substations, minutes, say, signal }: RealTimeOptions) {
  const demo = await RunningDemo.start({ speed: 1, ...(substations === undefined ? {} : { substations }) });
  try {
    await demo.ready();
    const cloud = demo.processes().find((each, _, family) => nameOf(each, family) === 'cloud')!.pid;
    const before = await delays(demo);
    const beganMs = machineMonotonicMs();
    const rss: number[] = [];
    while (machineMonotonicMs() - beganMs < minutes * MINUTE_MS && !signal.aborted) {
      await pause(LOOK_MS, undefined, { signal }).catch(() => undefined);
      rss.push(statusMb(cloud, 'VmRSS'));
    }
    const { processes } = pssOf(demo);
    const after = await delays(demo);
    const result = {
      substations: substations?.length ?? 10,
      minutes: rounded((machineMonotonicMs() - beganMs) / MINUTE_MS),
      mainThreadP99Ms: p99Ms(before.late, after.late),
      mainThreadCpuP99Ms: p99Ms(before.cpu, after.cpu),
      cloudRssMb: { p50: middle(rss), end: rss.at(-1)!, highest: statusMb(cloud, 'VmHWM') },
      pssMb: processes,
    };
    say(
      `${result.substations} substations in real time: cloud ${result.cloudRssMb.end} MB RSS, ${result.mainThreadP99Ms} ms at p99, of which own CPU time ${result.mainThreadCpuP99Ms}`,
    );
    return result;
  } finally {
    await demo.interrupt().finally(() => demo.close());
  }
}

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** A line of proc(5)'s status in MB: `VmRSS` for now, `VmHWM` for the peak. */
function statusMb(pid: number, name: 'VmRSS' | 'VmHWM'): number {
  const match = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return rounded(Number(match![1]) / 1024);
}
