import { HostLine } from '../../../cloud/ingest/rabbitmq/host-line.ts';
import { until } from '../../../shared/testing/until.ts';
import { judged, type Group } from '../attack.ts';
import { GATEWAY } from '../instance.ts';
import { HELD } from '../held-gateway.ts';
import type { Stage } from '../stage.ts';
import { whatEnds } from '../uplink-place.ts';

const REQUIREMENTS = ['CR 1.2', 'CR 2.1', 'CR 3.1'];
const CUT = /the connection is closed/;

const willOf = (gateway: string) =>
  ({ topic: `spBv1.0/north/NDEATH/${gateway}`, payload: Buffer.from('x'), qos: 1, retain: false }) as const;

/**
 * Whether another gateway's will is delivered. RabbitMQ admits a client with any will, judges the will when the client is gone, and logs a
 * refusal.
 */
async function willDelivery({ uplink, broker }: Stage, pem: string): Promise<string> {
  const heard: string[] = [];
  const host = await HostLine.open({
    address: broker.address,
    clientId: 'attacked/host',
    will: undefined,
    filters: ['spBv1.0/north/NDEATH/#'],
    onMessage: ({ topic }) => void heard.push(topic),
    onClose: () => undefined,
  });
  const leaves = async (gateway: string): Promise<void> =>
    void (await uplink.client(HELD, pem, { will: willOf(gateway) })).stream.destroy();
  const isDelivered = (gateway: string): boolean => heard.includes(willOf(gateway).topic);
  const isRefused = (): boolean =>
    new RegExp(`write access to topic '[^']*NDEATH\\.${GATEWAY}' .* refused for user '${HELD}'`).test(broker.said());
  try {
    await leaves(HELD);
    await until('its own will is delivered', () => isDelivered(HELD));
    await leaves(GATEWAY);
    await until('the will of another gateway is delivered or refused', () => isDelivered(GATEWAY) || isRefused());
  } finally {
    await host.end();
  }
  return isDelivered(GATEWAY) ? 'the will is delivered' : 'the will is refused';
}

/** A certificate makes its holder that gateway and no other. */
export const forgedIdentity: Group = {
  id: 'forged-identity',
  title: 'Forged gateway id in certificate, client id, will and payload',
  asset: 'telemetry and control of every other gateway',
  from: 'a compromised gateway with its key',
  defence:
    'certificate name, client id and topics must match: cloud/ingest/broker.ts, cloud/ingest/topic-rights.ts; on RabbitMQ deploy/rabbitmq/rabbitmq.conf, cloud/ingest/rabbitmq/permissions.ts',
  attacks: [
    {
      id: 'forged-identity/client-id',
      title: 'connects under the name of another gateway',
      requirements: REQUIREMENTS,
      expected: 'CONNACK 2, identifier rejected',
      run: async ({ uplink, certificates }) =>
        judged(await uplink.answerTo(GATEWAY, await certificates.gateway(HELD)), /Identifier rejected/, /was admitted/),
    },
    {
      id: 'forged-identity/server-certificate',
      title: 'connects with the certificate of the cloud',
      requirements: REQUIREMENTS,
      expected: 'CONNACK 5; RabbitMQ: TLS alert',
      run: async ({ uplink, certificates }) =>
        judged(
          await uplink.answerToCertificate('localhost', await certificates.server()),
          uplink.says(/Not authorized/, /^alert unsupported certificate$/),
          /was admitted/,
        ),
    },
    {
      id: 'forged-identity/user-name',
      title: 'uses the id of another gateway as its user name',
      requirements: REQUIREMENTS,
      expected: 'CONNACK 2; RabbitMQ: CONNACK 4',
      run: async ({ uplink, certificates }) =>
        judged(
          await uplink.answerTo(HELD, await certificates.gateway(HELD), { username: GATEWAY, password: 'any' }),
          uplink.says(/Identifier rejected/, /Bad username or password/),
          /was admitted/,
        ),
    },
    {
      id: 'forged-identity/will',
      title: 'sets the death of another gateway as its will',
      requirements: REQUIREMENTS,
      expected: 'CONNACK 5; RabbitMQ: the will is refused',
      run: async (stage) => {
        const { uplink, certificates } = stage;
        const pem = await certificates.gateway(HELD);
        if (uplink.broker === 'RabbitMQ') return judged(await willDelivery(stage, pem), /is refused$/, /is delivered$/);
        return judged(await uplink.answerTo(HELD, pem, { will: willOf(GATEWAY) }), /Not authorized/, /was admitted/);
      },
    },
    ...[
      ['events', `loadstone/v1/${GATEWAY}/events`],
      ['data', `spBv1.0/north/DDATA/${GATEWAY}/battery-1`],
      ['command', `loadstone/v1/${GATEWAY}/command`],
      ['own-command', `loadstone/v1/${HELD}/command`],
      ['node-command', `spBv1.0/north/NCMD/${GATEWAY}`],
      ['other-group', `spBv1.0/south/NDATA/${HELD}`],
    ].map(([name, topic]) => ({
      id: `forged-identity/${name}`,
      title: `publishes on ${topic} as ${HELD}`,
      requirements: REQUIREMENTS,
      expected: 'its connection is closed',
      run: async ({ uplink, certificates }: Parameters<Group['attacks'][number]['run']>[0]) => {
        const client = await uplink.client(HELD, await certificates.gateway(HELD));
        return judged(
          await whatEnds(client, (done) => client.publish(topic!, 'forged', { qos: 1 }, done)),
          CUT,
          /it is accepted/,
        );
      },
    })),
  ],
};
