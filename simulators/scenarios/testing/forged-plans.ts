import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CompactSign, importJWK } from 'jose';
import { generateSigningKey, type SigningKey } from '../../../shared/codec/signed-document.ts';
import type { PlanDocument } from '../../../shared/contracts/document.ts';
import { topicFor } from '../../../shared/topics/topics.ts';
import { until } from '../../../shared/testing/until.ts';
import type { RunningDemo } from './running-demo.ts';
import type { UplinkLine } from '../../testing/uplink-line.ts';

const GATEWAY = 'owd-01';
const HOUR_MS = 3_600_000;

interface Forgery {
  readonly what: string;
  readonly code: string;
  readonly change: (document: PlanDocument) => Partial<PlanDocument>;
  /** Signs with a key that only has the name of the pinned one. */
  readonly stranger?: boolean;
  /** Alters the text, to break the JSON itself. */
  readonly spoil?: (json: string) => string;
}

const forgeries: readonly Forgery[] = [
  { what: 'wrong signature', code: 'LS-DOC-001', change: () => ({}), stranger: true },
  { what: 'old sequence', code: 'LS-DOC-002', change: () => ({ epoch: 0, sequence: 1 }) },
  {
    what: 'expired',
    code: 'LS-DOC-003',
    change: ({ issuedAt }) => ({ validFrom: issuedAt - 3 * HOUR_MS, validUntil: issuedAt - 2 * HOUR_MS }),
  },
  { what: 'the name of another gateway', code: 'LS-DOC-004', change: () => ({ gateway: 'hal-01' }) },
  {
    what: 'NaN',
    code: 'LS-DOC-006',
    change: () => ({}),
    spoil: (json) => json.replace(/"totalEur":[^,}]+/, '"totalEur":NaN'),
  },
];

/** A gateway refuses an invalid plan with its code, even from an attacker on the line. */
export async function refusesForgedPlans(demo: RunningDemo, line: UplinkLine): Promise<void> {
  const record = await until('a plan is in force', async () => {
    const { health } = await demo.gateway(GATEWAY);
    return health?.plan.inForce === true ? demo.plan('owd-1') : undefined;
  });
  const key = JSON.parse(readFileSync(join(demo.data, 'cloud', 'signing-key.json'), 'utf8')) as SigningKey;
  const stranger = { ...(await generateSigningKey()).privateKey, kid: key.kid };
  for (const [at, forgery] of forgeries.entries()) {
    const { plantTime } = (await demo.region()).clock;
    const now = Math.round(plantTime);
    const genuine: PlanDocument = {
      type: 'plan',
      version: 1,
      gateway: GATEWAY,
      epoch: record.document.epoch,
      sequence: record.document.sequence + 1_000_000,
      issuedAt: now,
      acceptUntil: now + HOUR_MS,
      validFrom: now,
      validUntil: now + 24 * HOUR_MS,
      body: { ...record.plan, id: `forged-${at}` },
    };
    const json = JSON.stringify({ ...genuine, ...forgery.change(genuine) });
    const jws = await signed(forgery.spoil?.(json) ?? json, forgery.stranger === true ? stranger : key);
    await until(`"${forgery.what}" is sent`, () => line.inject(GATEWAY, topicFor('desiredPlan', GATEWAY), jws));
    await refused(demo, forgery);
  }
  const held = await demo.gateway(GATEWAY);
  assert.doesNotMatch(held.health?.plan.id ?? '', /forged/);
  const after = await demo.events();
  assert.ok(!after.some(({ code, subject }) => code === 'document.accepted' && subject?.startsWith('forged')));
}

/** Waits for the gateway's own event of the refusal. */
function refused(demo: RunningDemo, { what, code }: Forgery): Promise<unknown> {
  return until(`"${what}" is refused with ${code}`, async () =>
    (await demo.events()).some(
      (event) =>
        event.source === GATEWAY && event.kind === 'event' && event.code === code && event.text.startsWith('plan'),
    ),
  );
}

async function signed(text: string, key: SigningKey): Promise<string> {
  const secret = await importJWK(key, 'EdDSA');
  const header = { alg: 'EdDSA', kid: key.kid, typ: 'loadstone+jws' };
  return new CompactSign(new TextEncoder().encode(text)).setProtectedHeader(header).sign(secret);
}
