import { judged, type Group } from '../attack.ts';
import { GATEWAY } from '../instance.ts';
import { HELD } from '../held-gateway.ts';
import { whatEnds } from '../uplink-place.ts';

const REQUIREMENTS = ['CR 1.2', 'CR 2.1', 'CR 3.1'];
const CUT = /the connection is ended/;

/** Whoever has one gateway's certificate is that gateway, and no other. */
export const forgedIdentity: Group = {
  id: 'forged-identity',
  title: 'Forged gateway id in certificate, client id, will and payload',
  asset: 'the telemetry and the control of every other gateway',
  from: 'one gateway that has been taken over, with its key',
  defence: 'certificate, client id and topics are one name: cloud/ingest/broker.ts, cloud/ingest/topic-rights.ts',
  attacks: [
    {
      id: 'forged-identity/client-id',
      title: 'connects under the name of another gateway',
      requirements: REQUIREMENTS,
      expected: 'CONNACK 2, identifier rejected',
      run: async ({ uplink, certificates }) =>
        judged(await uplink.answerTo(GATEWAY, await certificates.gateway(HELD)), /Identifier rejected/, /came in/),
    },
    {
      id: 'forged-identity/server-certificate',
      title: 'connects by the certificate of the cloud itself',
      requirements: REQUIREMENTS,
      expected: 'CONNACK 5, not authorized',
      run: async ({ uplink, certificates }) =>
        judged(await uplink.answerTo('localhost', await certificates.server()), /Not authorized/, /came in/),
    },
    {
      id: 'forged-identity/user-name',
      title: 'gives another gateway as its user name',
      requirements: REQUIREMENTS,
      expected: 'CONNACK 2, identifier rejected',
      run: async ({ uplink, certificates }) =>
        judged(
          await uplink.answerTo(HELD, await certificates.gateway(HELD), { username: GATEWAY, password: 'any' }),
          /Identifier rejected/,
          /came in/,
        ),
    },
    {
      id: 'forged-identity/will',
      title: 'leaves the death of another gateway as its will',
      requirements: REQUIREMENTS,
      expected: 'CONNACK 5, not authorized',
      run: async ({ uplink, certificates }) => {
        const will = {
          topic: `spBv1.0/north/NDEATH/${GATEWAY}`,
          payload: Buffer.from('x'),
          qos: 1,
          retain: false,
        } as const;
        return judged(
          await uplink.answerTo(HELD, await certificates.gateway(HELD), { will }),
          /Not authorized/,
          /came in/,
        );
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
      expected: 'its connection is ended',
      run: async ({ uplink, certificates }: Parameters<Group['attacks'][number]['run']>[0]) => {
        const client = await uplink.client(HELD, await certificates.gateway(HELD));
        return judged(
          await whatEnds(client, (told) => client.publish(topic!, 'forged', { qos: 1 }, told)),
          CUT,
          /it is taken/,
        );
      },
    })),
  ],
};
