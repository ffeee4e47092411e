import type { Process } from '../scenarios/testing/processes.ts';
import type { RunningDemo } from '../scenarios/testing/running-demo.ts';
import { delaysIn, type Delays } from './delays.ts';
import { pssMb } from './memory.ts';

/** What each process of the demo takes, MB PSS. */
export interface Sample {
  readonly minutes: number;
  readonly total: number;
  readonly processes: Readonly<Record<string, number>>;
}

/** Of the main thread of its cloud, since its start: how late its timers were, and the CPU time that it took meanwhile. */
export async function delays(demo: RunningDemo): Promise<{ readonly late: Delays; readonly cpu: Delays }> {
  const answer = await fetch(`${demo.url}/metrics`, { headers: { authorization: `Bearer ${demo.token}` } });
  if (!answer.ok) throw new Error(`GET /metrics: ${answer.status}`);
  const text = await answer.text();
  return { late: delaysIn(text), cpu: delaysIn(text, 'cpu') };
}

export function sampleOf(demo: RunningDemo, minutes: number): Sample {
  const family = demo.processes();
  const named = family.flatMap((each): (readonly [string, number])[] => {
    try {
      return [[nameOf(each, family), rounded(pssMb(each.pid))]];
    } catch {
      return []; // It has ended meanwhile.
    }
  });
  return {
    minutes: rounded(minutes),
    total: rounded(named.reduce((sum, [, mb]) => sum + mb, 0)),
    processes: Object.fromEntries(named),
  };
}

/** `cloud`, `plant`, the id of a gateway, or of which of these it is a child. */
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
