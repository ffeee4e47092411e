import { join } from 'node:path';
import { enrolAt } from '../../edge/cli/enrol.ts';
import { askCertificate, type AuthorityAddress } from '../../edge/uplink/ask-authority.ts';
import { putIdentity, readIdentity, tlsOf } from '../../edge/uplink/identity-files.ts';
import type { SigningKey } from '../../shared/codec/signed-document.ts';
import { unwrap } from '../../shared/outcome/outcome.ts';
import { readToken } from '../../shared/pki/enrolment-token.ts';
import { makeRequest } from '../../shared/pki/request.ts';
import { SeededRandom } from '../../shared/ports/random.ts';
import { SystemClock } from '../../shared/time/system-clock.ts';
import { MqttLink } from '../../edge/uplink/mqtt-link.ts';
import { UplinkCore } from '../../edge/uplink/uplink-core.ts';
import { SimDisk } from '../sim/sim-disk.ts';

/**
 * Gateways of the fleet bench, many in one process. Each is the daemon's uplink (session, journal, acceptance of documents) on its own
 * mqtt.js link and an in-memory disk.
 */
export interface FleetOrder {
  readonly url: string;
  readonly group: string;
  readonly trustedKey: SigningKey;
  readonly names: readonly string[];
  /** Folder with one subfolder per gateway certificate; without it gateways have none. */
  readonly identities?: string;
}

/** Requests certificates, each over its own connection, as `edge enrol` and the daemon do. */
export interface FleetCertificates {
  readonly url: string;
  readonly identities: string;
  /** Enrol with tokens, or renew with the existing certificates. */
  readonly by: { readonly tokens: readonly string[] } | { readonly names: readonly string[] };
}

export type FleetNews =
  | { readonly kind: 'certified'; readonly count: number; readonly triedAgain: number }
  | { readonly kind: 'connected'; readonly count: number }
  | { readonly kind: 'verified'; readonly count: number; readonly rssMb: number; readonly cpuSeconds: number };

/** New gateways per 100 ms: faster than a broker on the same two cores admits them. */
const CONNECT_EACH = { ms: 100, count: 100 } as const;
const TELL_EACH_MS = 100;
const tell = (news: FleetNews): void => void process.send?.(news);
const fail = (error: unknown): never => {
  throw error;
};
const clock = new SystemClock(fail);
let connected = 0;
let verified = 0;

async function startOne(name: string, { url, group, trustedKey, identities }: FleetOrder): Promise<void> {
  const random = new SeededRandom(1, name);
  const link = new MqttLink({
    url,
    ...(identities === undefined ? {} : { identity: join(identities, name) }),
    keepAliveS: 60,
    clock,
    random,
    onFailure: fail,
  });
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
      // Otherwise the housekeeping of thousands of gateways in one process would dominate the measurement.
      tickMs: 10_000,
    },
    { clock, link, disk: new SimDisk(), random },
  );
  await core.start((message) => {
    if (message.kind === 'link') connected += message.connected ? 1 : -1;
    // The cycle gets the document only after signature, address, sequence and validity have passed and the sequence is persisted. Repeated
    // deliveries do not count.
    if (message.kind === 'document' && message.again !== true) verified++;
  });
}

const later = (ms: number): Promise<void> => new Promise((resolve) => void clock.machine.after(ms, resolve));

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
    await later(CONNECT_EACH.ms);
  }
}

/** Concurrent requests. */
const AT_ONCE = 50;
const TRIES = 5;
const AGAIN_MS = 1000;

async function certify({ url, identities, by }: FleetCertificates): Promise<void> {
  const at = { url, time: clock.machine };
  const jobs =
    'tokens' in by
      ? by.tokens.map((text) => () => enrol(at, text, identities))
      : by.names.map((name) => () => renew(at, name, identities));
  let count = 0;
  let triedAgain = 0;
  const work = async (): Promise<void> => {
    for (let job = jobs.pop(); job !== undefined; job = jobs.pop()) {
      for (let tries = 1; ; tries++) {
        try {
          await job();
          count++;
          break;
        } catch (error) {
          if (tries === TRIES) throw error;
          triedAgain++;
          await later(AGAIN_MS);
        }
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  tell({ kind: 'certified', count, triedAgain });
}

async function enrol(at: AuthorityAddress, text: string, identities: string): Promise<void> {
  const token = unwrap(readToken(text));
  await enrolAt(at, token, join(identities, token.gateway));
}

async function renew(at: AuthorityAddress, gateway: string, identities: string): Promise<void> {
  const folder = join(identities, gateway);
  const { key, request } = await makeRequest(gateway);
  const answer = await askCertificate(at, tlsOf(unwrap(readIdentity(folder))), { gateway, request });
  unwrap(putIdentity(folder, key, unwrap(answer), false));
}

process.on('message', (message: FleetOrder | FleetCertificates | 'count') => {
  if (message !== 'count') {
    void ('by' in message ? certify(message) : run(message)).catch(fail);
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
