import type { GatewayView } from '../../shared/contracts/view.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import type { PlantHost } from './plant-host.ts';

interface Wait {
  readonly count: number;
  readonly report: (progress: string) => void;
}

const RUNNING_MS = 300_000;
const REPORTING_MS = 30_000;
const LOOK_MS = 200;

/** Waits until every gateway has finished a cycle; throws if one does not in time. */
export async function allRunning(host: PlantHost, machine: TimeBase, { count, report }: Wait): Promise<void> {
  const runningCount = await looked(machine, { withinMs: RUNNING_MS, enough: count, report }, () => host.gatewaysUp);
  if (runningCount < count) throw new Error(`only ${runningCount} of ${count} gateways are running; see the logs`);
}

/**
 * Waits until the cloud has a report of every gateway, so that each gateway knows what the cloud knows of its meters. A missing uplink
 * shows on the page and delays the start by half a minute at most.
 */
export async function allReporting(url: string, machine: TimeBase, { count, report }: Wait): Promise<void> {
  await looked(machine, { withinMs: REPORTING_MS, enough: count, report: (at) => report(`${at} report`) }, async () => {
    const answer = await fetch(`${url}/v1/gateways`);
    // A busy cloud refuses at first; its problem document has no items.
    if (!answer.ok) return 0;
    const { items } = (await answer.json()) as { readonly items: readonly GatewayView[] };
    return items.filter(({ link, health }) => link.state === 'up' && health !== null).length;
  });
}

/** Polls until `look` returns `enough` or time runs out; resolves with the last count. */
function looked(
  machine: TimeBase,
  {
    withinMs,
    enough,
    report,
  }: { readonly withinMs: number; readonly enough: number; readonly report: (at: string) => void },
  look: () => number | Promise<number>,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const since = machine.elapsed();
    const again = async (): Promise<void> => {
      const count = await look();
      report(`${count} of ${enough}`);
      if (count >= enough || machine.elapsed() - since > withinMs) resolve(count);
      else machine.after(LOOK_MS, () => void again().catch(reject));
    };
    again().catch(reject);
  });
}
