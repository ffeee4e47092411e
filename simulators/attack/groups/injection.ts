import { encodeDeviceBirth } from '../../../shared/codec/sparkplug.ts';
import type { AlarmView } from '../../../shared/contracts/alarm.ts';
import { until } from '../../../shared/testing/until.ts';
import { judged, refused, succeeded, type Attack, type Group } from '../attack.ts';
import { shown } from '../door.ts';
import { HELD, now } from '../held-gateway.ts';
import { cloudHasRead } from '../set-aside.ts';
import type { Stage } from '../stage.ts';
import { whatEnds } from '../uplink-place.ts';

const DEAR = { cpuMs: 8000, memoryMb: 300 };
/** Messages in flight to the broker. */
const AT_ONCE = 50;
/** Most rounds of flooding until the cloud reports it. */
const ROUNDS = 3;
const FORGED = 'forged-line-of-an-attacker';

/** Floods the gateway's own topics, and waits until the cloud reports that it exceeded a budget. */
const flood = (
  name: string,
  title: string,
  budget: RegExp,
  send: (publish: (topic: string, payload: Buffer | string) => Promise<void>) => Promise<void>,
): Attack => ({
  id: `injection/${name}`,
  title,
  requirements: ['CR 7.1', 'CR 7.2', 'CR 3.5'],
  expected: 'over budget, with an alarm; the cloud keeps running',
  within: DEAR,
  run: async ({ uplink, certificates, crew: { operator }, door }) => {
    const budgetAlarm = async (): Promise<string | undefined> => {
      const { text } = await operator.asks('/v1/alarms');
      const { items } = JSON.parse(text) as { readonly items: readonly Pick<AlarmView, 'active' | 'code'>[] };
      return items.find(({ active, code }) => active && budget.test(code))?.code;
    };
    // Other attacks flood too, so wait for their alarms to end.
    await until('earlier budget alarms have ended', async () => (await budgetAlarm()) === undefined);
    const client = await uplink.client(HELD, await certificates.gateway(HELD));
    let seen: string | undefined;
    // While a gateway is still over its budget from earlier refusals, the cloud reads nothing of it.
    for (let round = 0; round < ROUNDS && seen === undefined; round++) {
      const begun: Promise<unknown>[] = [];
      await send(async (topic, payload) => {
        begun.push(client.publishAsync(topic, payload, { qos: 1 }));
        if (begun.length >= AT_ONCE) await Promise.all(begun.splice(0));
      });
      await Promise.all(begun);
      seen = await until('the alarm', budgetAlarm, { withinS: 10 }).catch(() => undefined);
    }
    client.end(true);
    const { status, text } = await door.ask('/health');
    return judged(
      `${seen ?? 'no alarm'}; the cloud answers ${status === 200 ? '' : text} ${status}`,
      /LS-BUDGET-\d+; .* 200$/,
      /no alarm/,
    );
  },
});

/** Sends the name of a metric in a device birth. It must not reach any output. */
const metricNamed = (name: string, metric: string): Attack => ({
  id: `injection/${name}`,
  title: `names a metric ${JSON.stringify(metric.slice(0, 40))}`,
  requirements: ['CR 3.5', 'CR 6.1'],
  expected: 'it appears in no series, no separate log line and no metrics',
  run: async ({ uplink, certificates, crew: { operator, viewer }, cloud }) => {
    const client = await uplink.client(HELD, await certificates.gateway(HELD));
    const metrics = [{ name: metric, alias: 1, value: 1, time: now(), quality: 'good', origin: 'measured' }] as const;
    const payload = Buffer.from(encodeDeviceBirth({ seq: 1, sentAt: now(), metrics }));
    await client.publishAsync(`spBv1.0/north/DBIRTH/${HELD}/battery-1`, payload, { qos: 1 });
    await cloudHasRead(client, operator);
    await client.endAsync();
    const metricsOf = await viewer.asks('/metrics');
    if (metricsOf.status !== 200) throw new Error(`the metrics answer ${shown(metricsOf)}`);
    const isThere = [metricsOf.text, cloud.started.said()].some((text) =>
      text.split('\n').some((line) => line.startsWith(FORGED)),
    );
    return isThere ? succeeded('a separate line') : refused('no separate line');
  },
});

const QUOTES = '\\"'.repeat(450_000);

export const injections: Group = {
  id: 'injection',
  title: 'Line protocol, CSV and log injection, cardinality bomb, invented runs, quadratic text',
  asset: 'stores, logs and files that people and programs read; availability of the cloud',
  from: 'a compromised gateway with its key, and a person with an account',
  defence:
    'a schema for each name, escaped CSV cells, budgets per gateway: cloud/ingest/budgets.ts, cloud/tables/csv.ts',
  attacks: [
    metricNamed('line-protocol', `p v=1\n${FORGED},host=x p=1`),
    metricNamed('prometheus', `p"} 1\n${FORGED}{x="`),
    {
      id: 'injection/csv',
      title: 'gives a formula as the reason of an act, to run when the export is opened in a spreadsheet',
      requirements: ['CR 3.5', 'CR 6.1'],
      expected: 'the cell begins with an apostrophe',
      run: async ({ crew: { operator, admin } }) => {
        const body = { kind: 'tag', target: 'device:owd-01/ev-1', reason: '=HYPERLINK("https://evil.example")' };
        await operator.asks('/v1/acts', { method: 'POST', body });
        const { text } = await admin.asks(`/v1/audit/export?format=csv&who=${operator.name}`);
        const [cell = 'no such cell'] = /.=HYPERLINK/.exec(text) ?? [];
        return judged(cell, /^'=HYPERLINK$/, /^.=HYPERLINK$/);
      },
    },
    {
      id: 'injection/log',
      title: 'signs in under a name that contains a line break and a log line',
      requirements: ['CR 2.8', 'CR 6.1'],
      expected: 'no separate line in the log',
      run: async ({ door, cloud }) => {
        const body = { user: `x\n${FORGED} signed in`, password: 'x' };
        const answer = await door.ask('/v1/session', { method: 'POST', headers: { origin: door.origin }, body });
        if (answer.status !== 401) throw new Error(`the sign-in answers ${shown(answer)}`);
        const isThere = cloud.started
          .said()
          .split('\n')
          .some((line) => line.startsWith(FORGED));
        return isThere ? succeeded('a separate line') : refused('no separate line');
      },
    },
    {
      id: 'injection/quadratic-text',
      title: 'sends 900 kB of escaped quotes as its events',
      requirements: ['CR 7.1', 'CR 3.5'],
      expected: 'refused at little cost',
      within: { cpuMs: 4000, memoryMb: 200 },
      run: async (stage) => cloudGoesOn(stage, `{"version":1,"run":1,"items":"${QUOTES}`),
    },
    {
      id: 'injection/deep-json',
      title: 'sends JSON of 400,000 levels as its events',
      requirements: ['CR 7.1', 'CR 3.5'],
      expected: 'refused at little cost',
      within: { cpuMs: 4000, memoryMb: 200 },
      run: async (stage) => cloudGoesOn(stage, '['.repeat(400_000)),
    },
    {
      id: 'injection/quadratic-acknowledgement',
      title: 'sends a gateway 900 kB of escaped quotes as an acknowledgement',
      requirements: ['CR 7.1', 'CR 3.5'],
      expected: 'refused at little cost; the gateway keeps running',
      within: { cpuMs: 4000, memoryMb: 200 },
      run: async ({ held }) => {
        await held.tell('acknowledgement', `{"version":1,"stream":"${QUOTES}`);
        await held.meets(await held.sign(held.override()));
        return refused('the gateway keeps running');
      },
    },
    flood('invented-runs', 'reports 400,000 runs that never existed', /LS-BUDGET-00[123]/, async (publish) => {
      for (let from = 0; from < 400_000; from += 1000) {
        const runs = Array.from({ length: 1000 }, (_, at) => ({ run: from + at, firstOffset: from + at }));
        const report = { version: 1, stream: 'measurements', runs, missing: [] };
        await publish(`loadstone/v1/${HELD}/reported/ranges`, JSON.stringify(report));
      }
    }),
    flood('cardinality', 'publishes births of 6,000 devices', /LS-BUDGET-004/, async (publish) => {
      for (let device = 0; device < 6000; device++) {
        const metrics = [
          { name: 'activePowerKw', alias: device + 1, value: 1, time: now(), quality: 'good', origin: 'measured' },
        ] as const;
        const payload = Buffer.from(encodeDeviceBirth({ seq: device % 256, sentAt: now(), metrics }));
        await publish(`spBv1.0/north/DBIRTH/${HELD}/d-${device}`, payload);
      }
    }),
  ],
};

/** Publishes as a gateway and connects again. By then broker and ingest have processed the message. */
async function cloudGoesOn({ uplink, certificates, door, crew: { operator } }: Stage, text: string) {
  const client = await uplink.client(HELD, await certificates.gateway(HELD));
  await whatEnds(client, (done) => client.publish(`loadstone/v1/${HELD}/events`, text, { qos: 1 }, done));
  const next = await uplink.client(HELD, await certificates.gateway(HELD));
  await cloudHasRead(next, operator);
  await next.endAsync();
  const { status } = await door.ask('/health');
  return judged(`the cloud answers ${status}`, /200/);
}
