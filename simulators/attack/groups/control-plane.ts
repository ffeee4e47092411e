import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NodeDisk } from '../../../edge/journal/node-disk.ts';
import { Documents } from '../../../edge/uplink/documents.ts';
import { signHeartbeat } from '../../../shared/codec/signed-heartbeat.ts';
import { generateSigningKey, publicHalf, type SigningKey } from '../../../shared/codec/signed-document.ts';
import { encodeRebirthCommand } from '../../../shared/codec/sparkplug.ts';
import { until } from '../../../shared/testing/until.ts';
import { judged, refused, succeeded, type Attack, type Group, type Seen } from '../attack.ts';
import { HELD, now, pause, type HeldGateway } from '../held-gateway.ts';

/** More than the gateway goes without a heartbeat before it says that it is alone. */
const LOST_MS = 5000;
const REQUIREMENTS = ['CR 3.1', 'CR 3.8'];

/** A heartbeat that should not count, at a gateway that has heard a true one and none since. */
const unheard = (id: string, title: string, make: (held: HeldGateway) => Promise<string>): Attack => ({
  id,
  title,
  requirements: REQUIREMENTS,
  expected: 'the gateway goes on without the cloud',
  run: async ({ held }) => {
    if (!held.hasHeard) await until('the true one counts', () => countsNow(held));
    held.hasHeard = true;
    const forged = await make(held);
    await until('it is alone', async () => !(await held.hearsCloud()));
    await held.tell('heartbeat', forged);
    return (await held.hearsCloud()) ? succeeded('it counts') : refused('it does not count');
  },
});

/** Sends a true heartbeat; whether it counts. After a start it does not show before the first loss. */
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
  asset: 'the fail-safe of a gateway, and its journal',
  from: 'the broker or the network between cloud and gateway',
  defence: 'a signature over gateway, nonce of its newest birth and time: edge/uplink/heartbeat-gate.ts',
  attacks: [
    unheard('heartbeat/unsigned', 'says that the cloud is there, unsigned', async () => beat()),
    unheard('heartbeat/other-key', 'signs a heartbeat by a key of its own', async (held) =>
      signedBy(held, (await generateSigningKey()).privateKey),
    ),
    unheard('heartbeat/other-gateway', 'sends the heartbeat of another gateway', (held) =>
      signedBy(held, held.key, 'owd-01'),
    ),
    {
      id: 'heartbeat/acknowledgement-maximum',
      title: 'acknowledges all records up to 2^53 - 1',
      requirements: ['CR 3.5', ...REQUIREMENTS],
      expected: 'refused, and the backlog stays',
      run: async ({ held }) => afterAcknowledging(held, Number.MAX_SAFE_INTEGER),
    },
    {
      id: 'heartbeat/acknowledgement',
      title: 'acknowledges records that no cloud has stored',
      requirements: REQUIREMENTS,
      expected: 'resending pauses, and the backlog stays',
      knownOpen: 'acknowledgements are not signed yet: who owns the broker may close records',
      run: async ({ held }) => afterAcknowledging(held, 2 ** 40),
    },
    {
      id: 'heartbeat/state',
      title: 'says that the host is gone, and then that it is there',
      requirements: ['CR 3.8', 'CR 7.1'],
      expected: 'no more than a reconnect',
      run: async ({ held }) => {
        const births = held.births.length;
        await held.state(false);
        await pause(500);
        await held.state(true);
        await until('the next birth', () => held.births.length > births);
        return refused('it comes again and goes on');
      },
    },
  ],
};

/** How many frames wait for their acknowledgement before and after a forged one. */
async function afterAcknowledging(held: HeldGateway, upTo: number): Promise<Seen> {
  const waiting = async (): Promise<number> => (await held.status()).backlogFrames;
  const before = await until('frames that wait', async () => {
    const count = await waiting();
    return held.run > 0 && count > 0 && count;
  });
  for (const stream of ['measurements', 'events'])
    await held.tell(
      'acknowledgement',
      JSON.stringify({ version: 1, stream, run: held.run, upTo, ranges: [], refused: [] }),
    );
  await pause(2500);
  const after = await waiting();
  const seen = `${before} frames wait, then ${after}`;
  return after >= before ? refused(seen) : succeeded(seen);
}

export const delayedHeart: Group = {
  id: 'delayed-heartbeat',
  title: 'Delayed heartbeat',
  asset: 'the fail-safe of a gateway',
  from: 'the broker or the network between cloud and gateway',
  defence: 'a heartbeat answers the newest birth, and none may lag by two minutes: edge/uplink/heartbeat-gate.ts',
  attacks: [
    unheard(
      'delayed-heartbeat/of-before',
      'keeps a heartbeat, and sends it after the next birth of the gateway',
      async (held) => {
        const kept = await held.beat();
        await held.restart();
        await held.tell('heartbeat', await held.beat());
        return kept;
      },
    ),
    unheard('delayed-heartbeat/older', 'sends a heartbeat again after a newer one', async (held) => {
      const kept = await held.beat();
      await pause(5);
      await held.tell('heartbeat', await held.beat());
      return kept;
    }),
  ],
};

export const rebirthStorm: Group = {
  id: 'rebirth-storm',
  title: 'Storm of rebirth commands',
  asset: 'the line of a gateway, which is paid for by the megabyte',
  from: 'the broker or the network between cloud and gateway',
  defence: 'one birth in 10 s on request: edge/uplink/node-session.ts',
  attacks: [
    {
      id: 'rebirth-storm/500',
      title: 'asks for 500 births at once',
      requirements: ['CR 7.1', 'CR 7.2'],
      expected: 'one birth at most',
      within: { cpuMs: 6000, memoryMb: 150 },
      run: async ({ held }) => {
        const births = held.births.length;
        for (let count = 0; count < 500; count++)
          await held.publish(`spBv1.0/north/NCMD/${HELD}`, encodeRebirthCommand(now()));
        await held.meets(await held.sign(held.override()));
        await pause(500);
        const more = held.births.length - births;
        return more <= 1 ? refused(`${more} births`) : succeeded(`${more} births`);
      },
    },
  ],
};

export const stolenKey: Group = {
  id: 'stolen-key',
  title: 'Stolen online key',
  asset: 'the control of every device of the region',
  from: 'somebody who has read the memory or the disk of the cloud',
  defence: 'none yet: one key signs heartbeats, documents and the audit; pki and edge trust pin it',
  attacks: [
    {
      id: 'stolen-key/signs-commands',
      title: 'signs a command by the key that signs heartbeats',
      requirements: ['CR 1.9', 'CR 1.14', 'EDR 3.12'],
      expected: 'rejected by LS-DOC-001',
      knownOpen: 'there is no offline root and no key of its own for each role yet',
      run: async ({ cloud, held, folder }) => {
        const stolen = JSON.parse(readFileSync(join(cloud.data, 'signing-key.json'), 'utf8')) as SigningKey;
        const path = join(folder, 'stolen');
        mkdirSync(path, { recursive: true });
        const pinned = [publicHalf(stolen)];
        const documents = new Documents({ disk: new NodeDisk(path), gateway: HELD, trustedKeys: pinned, now });
        const jws = await held.signText(JSON.stringify(held.override()), stolen);
        const verdict = await documents.receive('command', jws);
        return judged(verdict.kind === 'rejected' ? verdict.fault.code : verdict.kind, /^LS-DOC-001$/);
      },
    },
  ],
};
