import type { MqttClient } from 'mqtt';
import { until } from '../../shared/testing/until.ts';
import { shown } from './door.ts';
import { HELD } from './held-gateway.ts';
import type { Person } from './person.ts';

let count = 0;

/**
 * Waits until the cloud has processed everything that this client of the held gateway sent: it sends an invalid report until the cloud
 * quarantines it. Returns all quarantined payloads of the gateway, the first 512 bytes of each.
 */
export async function cloudHasRead(client: MqttClient, operator: Person): Promise<readonly string[]> {
  const last = `no report ${count++}`;
  const aside = (): Promise<readonly string[]> => setAside(operator);
  await until(`"${last}" is quarantined`, async () => {
    // The cloud ignores a gateway that is over its budget, so the report is repeated.
    await client.publishAsync(`loadstone/v1/${HELD}/reported/model`, last, { qos: 1 });
    return (await aside()).includes(last);
  });
  return aside();
}

async function setAside(operator: Person): Promise<readonly string[]> {
  const answer = await operator.asks(`/v1/quarantine?gateway=${HELD}&limit=200`);
  if (answer.status !== 200) throw new Error(`the quarantine answers ${shown(answer)}`);
  const { samples } = JSON.parse(answer.text) as { readonly samples: readonly { readonly payload: string }[] };
  return samples.map(({ payload }) => Buffer.from(payload, 'base64').toString());
}
