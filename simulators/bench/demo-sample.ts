import type { Process } from '../scenarios/testing/processes.ts';
import type { RunningDemo } from '../scenarios/testing/running-demo.ts';
import { delaysIn, p99Ms, type Delays } from './delays.ts';
import { pssMb } from './memory.ts';

/** Memory of each process of the demo, MB PSS. */
interface Pss {
  readonly total: number;
  readonly processes: Readonly<Record<string, number>>;
}

/** State of the demo at one moment; counts are since its start. */
export interface Reading {
  readonly atMs: number;
  readonly plantHours: number;
  /** Bytes of the event stream that the page has received. */
  readonly streamedBytes: number;
  /** Timer delays of the cloud's main thread, and its CPU time during them. */
  readonly late: Delays;
  readonly cpu: Delays;
  readonly pss: Pss;
}

/** Memory now, and rates since the previous sample; null without one. */
export interface Sample extends Pss {
  readonly minutes: number;
  readonly plantHours: number;
  readonly mainThreadP99Ms: number | null;
  readonly mainThreadCpuP99Ms: number | null;
  readonly streamBytesPerSecond: number | null;
}

export function sampleOf(before: Reading, now: Reading): Sample {
  const tookS = (now.atMs - before.atMs) / 1000;
  const since = (figure: number): number | null => (tookS === 0 ? null : figure);
  return {
    minutes: rounded(now.atMs / 60_000),
    plantHours: now.plantHours,
    mainThreadP99Ms: since(p99Ms(before.late, now.late)),
    mainThreadCpuP99Ms: since(p99Ms(before.cpu, now.cpu)),
    streamBytesPerSecond: since(Math.round((now.streamedBytes - before.streamedBytes) / tookS)),
    ...now.pss,
  };
}

/** Timer delays of the cloud's main thread since its start, and its CPU time during them. */
export async function delays(demo: RunningDemo): Promise<{ readonly late: Delays; readonly cpu: Delays }> {
  const answer = await fetch(`${demo.url}/metrics`, { headers: { authorization: `Bearer ${demo.token}` } });
  if (!answer.ok) throw new Error(`GET /metrics: ${answer.status}`);
  const text = await answer.text();
  return { late: delaysIn(text), cpu: delaysIn(text, 'cpu') };
}

export function pssOf(demo: Pick<RunningDemo, 'processes'>): Pss {
  const family = demo.processes();
  const named = family.flatMap((each): (readonly [string, number])[] => {
    try {
      return [[nameOf(each, family), rounded(pssMb(each.pid))]];
    } catch {
      return []; // It has ended in the meantime.
    }
  });
  return { total: rounded(named.reduce((sum, [, mb]) => sum + mb, 0)), processes: Object.fromEntries(named) };
}

/** `cloud`, `plant`, a gateway's id, or the name of the parent with that of the child. */
export function nameOf({ pid, parent, command }: Process, family: readonly Process[]): string {
  if (command.includes('cloud.yaml')) return 'cloud';
  const gateway = /gateways\/([^/]+)\/gateway\.yaml/.exec(command)?.[1];
  if (gateway !== undefined) return gateway;
  const child = /([\w-]+)\.child\./.exec(command)?.[1];
  const above = family.find((each) => each.pid === parent);
  if (child !== undefined && above !== undefined) return `${nameOf(above, family)} ${child}`;
  if (command.includes('loadstone.mjs')) return 'launcher';
  return command.includes('cli.ts demo') ? 'plant' : `process ${pid}`;
}

export const rounded = (value: number): number => Math.round(value * 10) / 10;
