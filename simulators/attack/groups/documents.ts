import { KeyRing } from '../../../edge/uplink/key-ring.ts';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { NodeDisk } from '../../../edge/journal/node-disk.ts';
import { Documents } from '../../../edge/uplink/documents.ts';
import { generateSigningKey } from '../../../shared/codec/signed-document.ts';
import { until } from '../../../shared/testing/until.ts';
import type { CommandDocument } from '../../../shared/contracts/document.ts';
import type { DocumentReport } from '../../../shared/contracts/report.ts';
import { judged, refused, succeeded, type Attack, type Group } from '../attack.ts';
import { cloudHasRead } from '../set-aside.ts';
import { deviceAt } from '../device.ts';
import { BATTERY_KW } from '../gateway-yaml.ts';
import { HELD, now, pause, type HeldGateway } from '../held-gateway.ts';

const HOUR = 3_600_000;
const INTEGRITY = ['CR 3.1', 'CR 3.8'];
const INPUT = ['CR 3.5', 'CR 3.7'];

const words = (reports: readonly DocumentReport[]): string =>
  reports.map(({ stage, code }) => `${stage} ${code ?? ''}`.trim()).join(', ');

/** Sends the result of `make` as a command. It is refused if the gateway rejects it with one of these codes. */
const rejected = (
  id: string,
  title: string,
  [requirements, codes]: readonly [requirements: readonly string[], codes: string],
  make: (held: HeldGateway) => Promise<string>,
): Attack => ({
  id,
  title,
  requirements,
  expected: `rejected: ${codes.replaceAll('|', ' or ')}`,
  run: async ({ held }) => {
    const said = (await held.meets(await make(held))).filter(
      ({ stage }) => stage === 'accepted' || stage === 'rejected',
    );
    return judged(words(said), new RegExp(`^rejected (${codes})$`), /^accepted/);
  },
});

/** Repeats a command that was accepted once. It must not be accepted again. */
const again = (id: string, title: string, meanwhile: (held: HeldGateway) => Promise<void>): Attack => ({
  id,
  title,
  requirements: ['CR 3.1', 'CR 3.8'],
  expected: 'no second effect: only the outcome is reported, or it is rejected',
  run: async ({ held }) => {
    const first = held.override();
    const jws = await held.sign(first);
    await held.tell('command', jws);
    await held.hasSaid(first.body.id, 'applied');
    await meanwhile(held);
    const said = words((await held.meets(jws)).filter(({ id: of }) => of === first.body.id || of === 'unverified'));
    return /accepted/.test(said) ? succeeded(said) : refused(said === '' ? 'nothing is reported' : said);
  },
});

export const replays: Group = {
  id: 'replay',
  title:
    'Replayed setpoint: same, older sequence, older epoch, other gateway, after a restart, after the clock went back',
  asset: 'the setpoint of a battery',
  from: 'the broker or the network between cloud and gateway',
  defence:
    'address, and a replay mark of epoch and sequence that is stored before a document counts: edge/uplink/documents.ts',
  attacks: [
    again('replay/same', 'sends the same command again', async () => undefined),
    again('replay/after-restart', 'sends it again after the gateway was killed', (held) => held.restart()),
    rejected('replay/older-sequence', 'sends an older sequence', [INTEGRITY, 'LS-DOC-002'], (held) =>
      behindAnother(held, { sequence: 1 }),
    ),
    rejected('replay/older-epoch', 'sends an older epoch', [INTEGRITY, 'LS-DOC-002'], (held) =>
      behindAnother(held, { epoch: held.epoch - 1, sequence: 999_999 }),
    ),
    rejected('replay/other-gateway', 'sends a document signed for another gateway', [INTEGRITY, 'LS-DOC-004'], (held) =>
      held.sign(held.override({ gateway: 'owd-01' })),
    ),
    {
      id: 'replay/other-topic',
      title: 'sends a command on the topic of plans',
      requirements: INTEGRITY,
      expected: 'rejected: LS-DOC-005',
      run: async ({ held }) => {
        const document = held.override();
        await held.tell('desiredPlan', await held.sign(document));
        const met = (): DocumentReport[] => held.reports.filter(({ id }) => id === document.body.id);
        await until('its report', () => met().length > 0);
        return judged(words(met()), /^rejected LS-DOC-005$/, /^accepted/);
      },
    },
    {
      id: 'replay/clock-went-back',
      title: 'sends an older command after the clock of the gateway was set back',
      requirements: ['CR 3.8', 'CR 2.11'],
      expected: 'rejected: LS-DOC-002',
      run: async ({ held, folder }) => {
        let time = now();
        const documents = await documentsIn(join(folder, 'clock'), held, () => time);
        const [old, next] = [held.override(), held.override()];
        for (const each of [old, next]) await documents.receive('command', await held.sign(each));
        // Less than the tolerance for clocks: a document issued later than that is refused for another reason.
        time -= 5 * 60_000;
        const verdict = await documents.receive('command', await held.sign(old));
        return judged(verdict.kind === 'rejected' ? verdict.fault.code : verdict.kind, /^LS-DOC-002$/, /^accepted$/);
      },
    },
  ],
};

/** A command to send after a newer one was accepted. */
async function behindAnother(held: HeldGateway, over: Partial<CommandDocument>): Promise<string> {
  await held.meets(await held.sign(held.override()));
  return held.sign(held.override(over));
}

/** Document acceptance of a gateway on a separate disk, so that damage stays there. */
async function documentsIn(path: string, held: HeldGateway, clock: () => number): Promise<Documents> {
  mkdirSync(path, { recursive: true });
  const disk = new NodeDisk(path);
  const ring = new KeyRing({ keys: [held.publicKey] }, disk);
  return new Documents({ disk, gateway: HELD, ring, now: clock });
}

/** Changes one field and keeps the signature. */
const flipped = (name: string, from: RegExp, to: string): Attack =>
  rejected(`signature/${name}`, `changes ${name} of a signed command`, [INTEGRITY, 'LS-DOC-001'], async (held) => {
    const [header, payload, signature] = (await held.sign(held.override())).split('.');
    const text = Buffer.from(payload!, 'base64url').toString();
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`nothing changed: ${text}`);
    return `${header}.${Buffer.from(changed).toString('base64url')}.${signature}`;
  });

const withPart = (jws: string, at: number, change: (part: string) => string): string =>
  jws
    .split('.')
    .map((part, index) => (index === at ? change(part) : part))
    .join('.');

export const brokenSignatures: Group = {
  id: 'signature',
  title: 'A bit flipped in each signed field, key id swapped, duplicate JSON keys',
  asset: 'documents of the cloud',
  from: 'the broker or the network between cloud and gateway',
  defence: 'EdDSA over the raw bytes, verified before anything is parsed: shared/codec/signed-document.ts',
  attacks: [
    flipped('gateway', /"wls-01"/, '"wls-02"'),
    flipped('epoch', /"epoch":\d/, '"epoch":7'),
    flipped('sequence', /"sequence":1/, '"sequence":9'),
    flipped('issuedAt', /"issuedAt":1/, '"issuedAt":0'),
    flipped('acceptUntil', /"acceptUntil":1/, '"acceptUntil":3'),
    flipped('validFrom', /"validFrom":1/, '"validFrom":0'),
    flipped('validUntil', /"validUntil":1/, '"validUntil":3'),
    flipped('setpoint', /"activePowerKw":10/, '"activePowerKw":90'),
    flipped('type', /"type":"command"/, '"type":"settings"'),
    flipped('version', /"version":1/, '"version":2'),
    flipped('device', /"device":"battery-1"/, '"device":"ev-1"'),
    flipped('duration', /"durationS":600/, '"durationS":900'),
    flipped('expiresAt', /"expiresAt":1/, '"expiresAt":3'),
    flipped('user', /"user":"anna"/, '"user":"olga"'),
    rejected('signature/last-bit', 'flips a bit of the signature', [INTEGRITY, 'LS-DOC-001'], async (held) =>
      withPart(await held.sign(held.override()), 2, (part) => (part.startsWith('A') ? 'B' : 'A') + part.slice(1)),
    ),
    rejected('signature/cut', 'cuts the signature off', [INTEGRITY, 'LS-DOC-001'], async (held) =>
      withPart(await held.sign(held.override()), 2, () => ''),
    ),
    rejected(
      'signature/key-id',
      'names the real key over a signature by another',
      [INTEGRITY, 'LS-DOC-001'],
      async (held) => {
        const { privateKey } = await generateSigningKey();
        return held.signText(JSON.stringify(held.override()), { ...privateKey, kid: held.key.kid });
      },
    ),
    rejected('signature/unknown-key', 'signs with a key of its own', [INTEGRITY, 'LS-DOC-001'], async (held) => {
      const { privateKey } = await generateSigningKey();
      return held.signText(JSON.stringify(held.override()), privateKey);
    }),
    rejected('signature/duplicate-keys', 'names the gateway twice in a signed command', [INPUT, 'LS-DOC-005'], (held) =>
      held.signText(JSON.stringify(held.override()).replace('"epoch"', '"gateway":"owd-01","epoch"')),
    ),
    rejected('signature/no-document', 'sends 1 MB of quotes', [[...INPUT, 'CR 7.1'], 'LS-DOC-001'], async () =>
      '\\"'.repeat(500_000),
    ),
  ],
};

const number = (name: string, title: string, codes: string, [from, to]: readonly [from: RegExp, to: string]): Attack =>
  rejected(`numbers/${name}`, title, [INPUT, codes], (held) =>
    held.signText(JSON.stringify(held.override()).replace(from, to)),
  );

const RAMP_MS = 2000;

/** Final stages. */
const ENDS: readonly DocumentReport['stage'][] = ['applied', 'clamped', 'verified', 'rejected'];

/** Well signed and well formed, but beyond the device's rating: the battery must never be commanded more than it. */
const beyond = (name: string, kw: string): Attack => ({
  id: `numbers/${name}`,
  title: `asks a battery of 100 kW for ${kw} kW`,
  requirements: ['CR 3.5', 'CR 3.6'],
  expected: 'clamped to its rating, or rejected',
  run: async ({ held }) => {
    const document = held.override();
    const battery = await deviceAt(held.daemon, 'battery', { clientId: 'watch' });
    const commanded: number[] = [];
    battery.on(
      'message',
      (_topic, payload) => void commanded.push(Number(/"value":([^,}]*)/.exec(payload.toString())?.[1])),
    );
    await battery.subscribeAsync('battery/set');
    await held.tell(
      'command',
      await held.signText(JSON.stringify(document).replace('"activePowerKw":10', `"activePowerKw":${kw}`)),
    );
    const ends = (): DocumentReport | undefined =>
      held.reports.find(({ id, stage }) => id === document.body.id && ENDS.includes(stage));
    await until('the final report of the command', ends);
    // A ramp gets there step by step.
    await pause(RAMP_MS);
    battery.end(true);
    const status = (await held.status()).devices.find(({ device }) => device === 'battery-1');
    if (typeof status?.setpointKw !== 'number') throw new Error('the gateway reports no setpoint of the battery');
    const all = [...commanded, status.setpointKw];
    const seen = `${all.at(-1)} kW, ${words(held.reports.filter(({ id }) => id === document.body.id))}`;
    return all.every((each) => Math.abs(each) <= BATTERY_KW) ? refused(seen) : succeeded(seen);
  },
});

const POWER = /"activePowerKw":10/;

export const hostileNumbers: Group = {
  id: 'numbers',
  title: 'NaN, infinity, -0, 1e308, number as text, negative limit, zero duration, unit mismatch',
  asset: 'the devices behind a gateway',
  from: 'a faulty cloud, or one that signs for an attacker',
  defence:
    'schemas that accept only finite numbers in named units, then a clamp: shared/codec/json.ts, edge/safety/clamp.ts',
  attacks: [
    number('nan', 'sends NaN', 'LS-DOC-006', [POWER, '"activePowerKw":NaN']),
    number('infinity', 'sends Infinity', 'LS-DOC-006', [POWER, '"activePowerKw":Infinity']),
    number('overflow', 'sends 1e999', 'LS-DOC-006', [POWER, '"activePowerKw":1e999']),
    number('text', 'sends a number as text', 'LS-DOC-005', [POWER, '"activePowerKw":"10"']),
    number('negative-limit', 'sends a negative limit', 'LS-DOC-005', [POWER, '"activePowerLimitKw":-5']),
    number('zero-duration', 'sends an override of zero duration', 'LS-DOC-005', [/"durationS":600/, '"durationS":0']),
    number('unit', 'sends watts', 'LS-DOC-005', [POWER, '"activePowerW":10000']),
    number('sequence-text', 'sends its sequence as text', 'LS-DOC-005', [/"sequence":(\d+)/, '"sequence":"$1"']),
    beyond('1e308', '1e308'),
    beyond('minus-zero', '-0'),
    beyond('ten-times', '-1000'),
  ],
};

export const validity: Group = {
  id: 'validity',
  title: 'Expired, not yet valid, no expiry',
  asset: 'the setpoint of a battery',
  from: 'the broker or the network between cloud and gateway',
  defence: 'four times in each document, judged by plant time: edge/uplink/documents.ts',
  attacks: [
    rejected('validity/late', 'sends a command after its acceptance deadline', [INTEGRITY, 'LS-DOC-003'], (held) =>
      held.sign(held.override({ acceptUntil: now() - 1000 })),
    ),
    rejected('validity/expired', 'sends a command after its validity ended', [INTEGRITY, 'LS-DOC-003'], (held) =>
      held.sign(held.override({ validFrom: now() - 2 * HOUR, validUntil: now() - HOUR })),
    ),
    rejected('validity/early', 'sends a command that becomes valid in 20 hours', [INTEGRITY, 'LS-DOC-008'], (held) =>
      held.sign(
        held.override({ validFrom: now() + 20 * HOUR, validUntil: now() + 30 * HOUR, acceptUntil: now() + 30 * HOUR }),
      ),
    ),
    rejected(
      'validity/issued-later',
      'sends a command issued an hour in the future',
      [INTEGRITY, 'LS-DOC-008'],
      (held) => held.sign(held.override({ issuedAt: now() + HOUR })),
    ),
    rejected('validity/none', 'sends a command without an end of validity', [INPUT, 'LS-DOC-005'], (held) =>
      held.signText(JSON.stringify(held.override()).replace(/"validUntil":\d+,/, '')),
    ),
    rejected(
      'validity/no-time',
      'sends a command whose validity ends before it begins',
      [INTEGRITY, 'LS-DOC-003'],
      (held) => held.sign(held.override({ validFrom: now() + HOUR / 2, validUntil: now() + HOUR / 4 })),
    ),
  ],
};

export const epochs: Group = {
  id: 'epoch',
  title: 'Epoch at its maximum',
  asset: 'the control of the real cloud over a gateway',
  from: 'a faulty cloud, or a compromised gateway with its key',
  defence: 'numbers far below 2^53, checked by schema: shared/contracts/ids.ts',
  attacks: [
    rejected('epoch/2-to-53', 'sends a command of epoch 2^53 - 1', [INPUT, 'LS-DOC-005'], (held) =>
      held.sign(held.override({ epoch: Number.MAX_SAFE_INTEGER })),
    ),
    {
      id: 'epoch/locks-out',
      title: 'makes a gateway accept the maximum epoch, so that no command of the real cloud is newer',
      requirements: ['CR 3.5', 'CR 7.4'],
      expected: 'rejected: an epoch may be at most 1,000 above the mark',
      run: async ({ held, folder }) => {
        const documents = await documentsIn(join(folder, 'epoch'), held, now);
        const taken = async (epoch: number): Promise<string> => {
          const verdict = await documents.receive('command', await held.sign(held.override({ epoch })));
          return verdict.kind === 'rejected' ? verdict.fault.code : verdict.kind;
        };
        await taken(5);
        return judged(
          `${await taken(2 ** 31)}, then ${await taken(6)} for the real one`,
          /^LS-DOC-012, then accepted/,
          /^accepted, then/,
        );
      },
    },
    {
      id: 'epoch/reported',
      title: 'reports a plan of epoch 2^53 - 1 to the cloud',
      requirements: INPUT,
      expected: 'refused by the cloud, which keeps running',
      run: async ({ uplink, certificates, door, crew: { operator } }) => {
        const client = await uplink.client(HELD, await certificates.gateway(HELD));
        await cloudHasRead(client, operator);
        const report = JSON.stringify({
          version: 1,
          type: 'plan',
          id: 'plan-1',
          epoch: Number.MAX_SAFE_INTEGER,
          sequence: 1,
          stage: 'accepted',
          time: now(),
        });
        await client.publishAsync(`loadstone/v1/${HELD}/reported/plan`, report, { qos: 1 });
        const aside = await cloudHasRead(client, operator);
        await client.endAsync();
        const seen = aside.includes(report) ? 'it is quarantined' : 'it is accepted';
        return judged(
          `${seen}; the cloud answers ${(await door.ask('/health')).status}`,
          /quarantined; .* 200$/,
          /accepted;/,
        );
      },
    },
  ],
};
