import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSignedList } from '../../../cloud/pki/key-book.ts';
import { keyFiles, readKey } from '../../../cloud/pki/key-files.ts';
import { handedOver } from '../../../cloud/pki/rotate-keys.ts';
import { NodeDisk } from '../../../edge/journal/node-disk.ts';
import { Documents } from '../../../edge/uplink/documents.ts';
import { HeartbeatGate } from '../../../edge/uplink/heartbeat-gate.ts';
import { KeyRing } from '../../../edge/uplink/key-ring.ts';
import { signHeartbeat } from '../../../shared/codec/signed-heartbeat.ts';
import { generateSigningKey, type SigningKey } from '../../../shared/codec/signed-document.ts';
import { encodeRebirthCommand } from '../../../shared/codec/sparkplug.ts';
import { unwrap } from '../../../shared/outcome/outcome.ts';
import { publicKeyOf, readPinnedKeys, signKeyList, type KeyList, type KeyRole } from '../../../shared/pki/key-list.ts';
import { until } from '../../../shared/testing/until.ts';
import { SystemClock } from '../../../shared/time/system-clock.ts';
import { judged, refused, succeeded, type Attack, type Group, type Seen } from '../attack.ts';
import type { Stage } from '../stage.ts';
import { HELD, now, pause, type HeldGateway } from '../held-gateway.ts';

/** Longer than the gateway waits for a heartbeat before it reports that it is alone. */
const LOST_MS = 5000;
const ACCOUNT_MS = 7000;
const AHEAD_MS = 3_600_000;
const REQUIREMENTS = ['CR 3.1', 'CR 3.8'];

/** A heartbeat that must not count, at a gateway that has heard a true one and none since. */
const unheard = (id: string, title: string, make: (held: HeldGateway) => Promise<string>): Attack => ({
  id,
  title,
  requirements: REQUIREMENTS,
  expected: 'the gateway runs without the cloud',
  run: async ({ held }) => {
    await hears(held);
    // Made only now: its lag counts as age, so one that waited for the loss would itself count as lost.
    await alone(held);
    const forged = await make(held);
    // It may have been made at an earlier start. Acceptance must be visible again.
    await hears(held);
    await alone(held);
    await held.tell('heartbeat', forged);
    return (await held.hearsCloud()) ? succeeded('it counts') : refused('it does not count');
  },
});

async function hears(held: HeldGateway): Promise<void> {
  if (!held.hasHeard) await until('the real heartbeat counts', () => countsNow(held));
  held.hasHeard = true;
}

const alone = (held: HeldGateway): Promise<unknown> => until('it runs alone', async () => !(await held.hearsCloud()));

/** Sends a true heartbeat. Returns whether it is accepted; after a start that shows only after the first loss. */
async function countsNow(held: HeldGateway): Promise<boolean> {
  await held.tell('heartbeat', await held.beat());
  const counts = await held.hearsCloud();
  if (!counts) await pause(LOST_MS);
  return counts;
}

const beat = (more: object = {}): string => JSON.stringify({ version: 1, time: now(), epoch: 5, ...more });

const signedBy = async (held: HeldGateway, key: SigningKey, gateway = HELD): Promise<string> => {
  const time = now();
  return beat({ time, signed: await signHeartbeat({ gateway, nonce: held.births.at(-1)!.nonce, time }, key) });
};

export const forgedHeart: Group = {
  id: 'heartbeat',
  title: 'Forged heartbeat, acknowledgement, STATE',
  asset: 'the fail-safe and the journal of a gateway',
  from: 'the broker or the network between cloud and gateway',
  defence:
    'a signature over gateway, nonce of its newest birth, time and accounted records: edge/uplink/heartbeat-gate.ts; an acknowledgement alone closes no record: edge/journal/stream-log.ts',
  attacks: [
    unheard('heartbeat/unsigned', 'sends an unsigned heartbeat', async () => beat()),
    unheard('heartbeat/other-key', 'signs a heartbeat with a key of its own', async (held) =>
      signedBy(held, (await generateSigningKey()).privateKey),
    ),
    unheard('heartbeat/other-gateway', 'sends the heartbeat of another gateway', (held) =>
      signedBy(held, held.key, 'owd-01'),
    ),
    {
      id: 'heartbeat/never-heard',
      title: 'sends an unsigned heartbeat to an enrolled gateway that has never heard the cloud',
      requirements: REQUIREMENTS,
      expected: 'it does not count; a signed one does',
      run: async (stage) => {
        const { disk, ring } = pinnedAt(stage, 'never-heard');
        await ring.load();
        const { plant } = new SystemClock(() => undefined);
        const keys = () => ring.keys('online');
        const gate = new HeartbeatGate({ gateway: HELD, keys, hasRoot: () => ring.hasRoot, disk, plant });
        await gate.load();
        const nonce = 'a'.repeat(16);
        gate.begin(nonce);
        const time = now();
        const first = await gate.judge({ version: 1, time, epoch: 1 });
        const signed = await signHeartbeat({ gateway: HELD, nonce, time }, stolenFrom(stage, 'online'));
        return judged(
          `${first}, then ${await gate.judge({ version: 1, time, epoch: 1, signed })}`,
          /^refused, then taken$/,
          /^taken, /,
        );
      },
    },
    {
      id: 'heartbeat/acknowledgement-maximum',
      title: 'acknowledges all records up to 2^53 - 1',
      requirements: ['CR 3.5', ...REQUIREMENTS],
      expected: 'refused; the backlog stays',
      run: async ({ held }) => afterAcknowledging(held, Number.MAX_SAFE_INTEGER),
    },
    {
      id: 'heartbeat/acknowledgement',
      title: 'acknowledges records that no cloud has stored',
      requirements: REQUIREMENTS,
      expected: 'resending pauses; no record is closed',
      run: async ({ held }) => afterAcknowledging(held, 2 ** 40),
    },
    {
      id: 'heartbeat/state',
      title: 'reports the host as offline, then as online',
      requirements: ['CR 3.8', 'CR 7.1'],
      expected: 'no more than a reconnect',
      run: async ({ held }) => {
        const births = held.births.length;
        await held.state(false);
        await pause(500);
        await held.state(true);
        await until('the next birth', () => held.births.length > births);
        return refused('it reconnects and keeps running');
      },
    },
  ],
};

/** Number of records that the gateway's journal on disk marks as accounted for, and may therefore evict. */
async function closedAt(held: HeldGateway): Promise<number> {
  // The journal writes its account every five seconds.
  await pause(ACCOUNT_MS);
  const text = readFileSync(join(held.folder, 'journal', 'journal.json'), 'utf8');
  const { streams } = JSON.parse(text) as {
    streams: Record<string, { acked: readonly (readonly [number, number])[] }>;
  };
  const ranges = Object.values(streams).flatMap(({ acked }) => acked);
  return ranges.reduce((sum, [from, to]) => sum + to - from + 1, 0);
}

/** Whether a forged acknowledgement closes records at a gateway that has heard the true cloud. */
async function afterAcknowledging(held: HeldGateway, upTo: number): Promise<Seen> {
  await held.tell('heartbeat', await held.beat());
  await until('waiting frames', async () => held.run > 0 && (await held.status()).backlogFrames > 0);
  const before = await closedAt(held);
  for (const stream of ['measurements', 'events'])
    await held.tell(
      'acknowledgement',
      JSON.stringify({ version: 1, stream, run: held.run, upTo, ranges: [], refused: [] }),
    );
  const more = (await closedAt(held)) - before;
  return more <= 0 ? refused('no record is closed') : succeeded(`${more} records are closed`);
}

export const delayedHeart: Group = {
  id: 'delayed-heartbeat',
  title: 'Delayed heartbeat',
  asset: 'the fail-safe of a gateway',
  from: 'the broker or the network between cloud and gateway',
  defence:
    'a heartbeat must answer the newest birth and lag by at most two minutes, and its lag counts as its age: edge/uplink/heartbeat-gate.ts',
  attacks: [
    unheard('delayed-heartbeat/older', 'replays a heartbeat after a newer one', async (held) => {
      const captured = await held.beat();
      await pause(5);
      await held.tell('heartbeat', await held.beat());
      return captured;
    }),
    // Last, because an accepted one would be the newest for an hour.
    unheard(
      'delayed-heartbeat/of-before',
      'holds a heartbeat back until after the next birth of the gateway',
      async (held) => {
        // From a fast clock: being newer than later heartbeats must not help it.
        const captured = await held.beat(now() + AHEAD_MS);
        await held.restart();
        return captured;
      },
    ),
  ],
};

export const rebirthStorm: Group = {
  id: 'rebirth-storm',
  title: 'Storm of rebirth commands',
  asset: 'the metered link of a gateway',
  from: 'the broker or the network between cloud and gateway',
  defence: 'at most one birth per second on request: edge/uplink/node-session.ts',
  attacks: [
    {
      id: 'rebirth-storm/500',
      title: 'requests 500 births at once',
      requirements: ['CR 7.1', 'CR 7.1 RE 1', 'CR 7.2'],
      expected: 'at most one birth per second',
      within: { cpuMs: 6000, memoryMb: 150 },
      run: async ({ held }) => {
        const births = held.births.length;
        const began = now();
        for (let count = 0; count < 500; count++)
          await held.publish(`spBv1.0/north/NCMD/${HELD}`, encodeRebirthCommand(now()));
        await held.meets(await held.sign(held.override()));
        await pause(500);
        const more = held.births.length - births;
        const most = 1 + Math.ceil((now() - began) / 1000);
        if (more === 0) throw new Error('no birth came: the requests did not arrive');
        return more <= most ? refused(`${more} births`) : succeeded(`${more} births`);
      },
    },
  ],
};

/** Disk and keys of a gateway that pins this cloud's root. */
function pinnedAt({ cloud, folder }: Stage, name: string): { readonly disk: NodeDisk; readonly ring: KeyRing } {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  const disk = new NodeDisk(path);
  return { disk, ring: new KeyRing(unwrap(readPinnedKeys(readFileSync(keyFiles(cloud.data).pinned, 'utf8'))), disk) };
}

/** Verdict of a gateway that pins this cloud's root on a command or a key list. */
async function meetsPinned(
  stage: Stage,
  name: string,
  act: (gateway: { readonly documents: Documents; readonly ring: KeyRing }) => Promise<string>,
): Promise<Seen> {
  const { disk, ring } = pinnedAt(stage, name);
  const documents = new Documents({ disk, gateway: HELD, ring, now });
  return judged(await act({ documents, ring }), /^LS-DOC-001$/, /^(taken|accepted)$/);
}

const stolenFrom = ({ cloud }: Stage, role: KeyRole): SigningKey => readKey(keyFiles(cloud.data).role(role));

/** Signs an override with the stolen key of a role. */
const commands = (role: KeyRole): Attack => ({
  id: `stolen-key/${role}-signs-commands`,
  title: `signs a command with the key of the role ${role}`,
  requirements: ['CR 1.9', 'CR 1.14', 'EDR 3.12'],
  expected: 'rejected: LS-DOC-001',
  run: (stage) =>
    meetsPinned(stage, `stolen-${role}`, async ({ documents }) => {
      const commandOf = async (signer: KeyRole): Promise<string> => {
        const jws = await stage.held.signText(JSON.stringify(stage.held.override()), stolenFrom(stage, signer));
        const verdict = await documents.receive('command', jws);
        return verdict.kind === 'rejected' ? verdict.fault.code : verdict.kind;
      };
      // Ensures that it accepts a good command; otherwise a refusal proves nothing.
      const own = await commandOf('documents');
      if (own !== 'accepted') throw new Error(`a command of the real cloud is refused: ${own}`);
      return commandOf(role);
    }),
});

export const stolenKey: Group = {
  id: 'stolen-key',
  title: 'Stolen online key',
  asset: 'control of every device of the region',
  from: 'an attacker who read the memory or disk of the cloud, but not the root key, which is kept elsewhere',
  defence: 'one key per role, on a list signed by an offline root: shared/pki/key-list.ts, edge/uplink/key-ring.ts',
  attacks: [
    ...(['online', 'audit', 'models'] as const).map(commands),
    {
      id: 'stolen-key/lists-itself',
      title: 'signs its own key list with the documents key, which an older gateway would accept once',
      requirements: ['CR 1.9', 'CR 1.14', 'EDR 3.12'],
      expected: 'refused: LS-DOC-001',
      run: (stage) =>
        meetsPinned(stage, 'stolen-list', async ({ ring }) => {
          const stolen = stolenFrom(stage, 'documents');
          const { list } = await readSignedList(stage.cloud.data);
          const own = { ...list, generation: list.generation + 1, root: publicKeyOf(stolen) };
          const taken = await ring.take(await signKeyList(own, stolen));
          return taken.ok ? 'taken' : taken.fault.code;
        }),
    },
    {
      id: 'stolen-key/root-of-before',
      title: 'signs a key list with a root that has handed over to another',
      requirements: ['CR 1.9', 'CR 1.14', 'EDR 3.13'],
      expected: 'refused: LS-DOC-001',
      run: async (stage) => {
        const { list } = await readSignedList(stage.cloud.data);
        const [old, next] = await Promise.all([generateSigningKey(), generateSigningKey()]);
        const under = (generation: number): KeyList => ({ ...list, generation, root: publicKeyOf(old.publicKey) });
        const path = join(stage.folder, 'root-of-before');
        mkdirSync(path, { recursive: true });
        const pinned = { root: old.publicKey, list: await signKeyList(under(1), old.privateKey) };
        const ring = new KeyRing({ keys: [], pinned }, new NodeDisk(path));
        const followed = await ring.take(await handedOver(under(2), old.privateKey, next.privateKey));
        if (!followed.ok) throw new Error(`the hand-over is refused: ${followed.fault.code}`);
        const taken = await ring.take(await signKeyList(under(9), old.privateKey));
        return judged(taken.ok ? 'taken' : taken.fault.code, /^LS-DOC-001$/, /^taken$/);
      },
    },
  ],
};
