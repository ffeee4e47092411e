import type { SigningKey } from '../../shared/codec/signed-document.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { MqttLink } from '../../edge/uplink/mqtt-link.ts';
import { UplinkCore } from '../../edge/uplink/uplink-core.ts';
import { SimDisk } from '../sim/sim-disk.ts';

/**
 * The gateways of the fleet bench: each is the uplink of the daemon (session, journal, acceptance of documents), on a link of its
 * own over mqtt.js and a disk in memory, many in one process.
 */
export interface FleetOrder {
  readonly port: number;
  readonly group: string;
  readonly trustedKey: SigningKey;
  readonly names: readonly string[];
}

export type FleetNews =
  | { readonly kind: 'connected'; readonly count: number }
  | { readonly kind: 'verified'; readonly count: number; readonly rssMb: number; readonly cpuSeconds: number };

/** New gateways each 100 ms, faster than a broker on the same two cores lets them in. */
const CONNECT_EACH = { ms: 100, count: 100 } as const;
const TELL_EACH_MS = 100;
const tell = (news: FleetNews): void => void process.send?.(news);
const fail = (error: unknown): never => {
  throw error;
};
const clock = new SystemClock(fail);
let connected = 0;
let verified = 0;

async function startOne(name: string, { port, group, trustedKey }: FleetOrder): Promise<void> {
  const url = `mqtt://127.0.0.1:${port}`;
  const random = new SeededRandom(1, name);
  const link = new MqttLink({ url, keepAliveS: 60, clock, random, onFailure: fail });
  const core = new UplinkCore(
    {
      gateway: name,
      group,
      hostId: 'loadstone-cloud',
      url,
      keepAliveS: 60,
      journal: { path: '.', maxMb: 1, maxAgeMs: 86_400_000, syncMs: 200 },
      trustedKeys: { keys: [trustedKey] },
      software: 'loadstone bench',
      // The housekeeping of thousands in one process would be most of what is measured.
      tickMs: 10_000,
    },
    { clock, link, disk: new SimDisk(), random },
  );
  await core.start((message) => {
    if (message.kind === 'link') connected += message.connected ? 1 : -1;
    // Handed to the cycle: signature, address, sequence and validity hold, and the sequence is persisted.
    if (message.kind === 'document') verified++;
  });
}

function tellConnected(announced: number): void {
  const count = connected;
  if (count !== announced) tell({ kind: 'connected', count });
  clock.machine.after(TELL_EACH_MS, () => tellConnected(count));
}

async function run(order: FleetOrder): Promise<void> {
  tellConnected(0);
  for (let from = 0; from < order.names.length; from += CONNECT_EACH.count) {
    const some = order.names.slice(from, from + CONNECT_EACH.count);
    await Promise.all(some.map((name) => startOne(name, order)));
    const { promise, resolve } = Promise.withResolvers<void>();
    clock.machine.after(CONNECT_EACH.ms, resolve);
    await promise;
  }
}

process.on('message', (message: FleetOrder | 'count') => {
  if (message !== 'count') {
    void run(message).catch(fail);
    return;
  }
  const { user, system } = process.cpuUsage();
  tell({
    kind: 'verified',
    count: verified,
    rssMb: process.memoryUsage().rss / 1e6,
    cpuSeconds: (user + system) / 1e6,
  });
});
process.on('disconnect', () => process.exit(0));
