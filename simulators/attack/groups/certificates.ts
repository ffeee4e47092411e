import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pkiFiles } from '../../../cloud/pki/authority-files.ts';
import { judged, type Group } from '../attack.ts';
import { Certificates, selfSigned } from '../certificates.ts';
import { now, pause } from '../held-gateway.ts';
import { ran } from '../started.ts';

const CONNACK_OR_ALERT = 'CONNACK 5; RabbitMQ: TLS alert';
const REQUIREMENTS = ['CR 1.2', 'CR 1.8', 'CR 1.9'];
const VICTIM = 'hal-01';

/** All kinds of certificates that the authority no longer vouches for, or never did. */
export const badCertificates: Group = {
  id: 'certificates',
  title: 'Revoked, expired, foreign and self-signed certificate',
  asset: 'the identity of gateways',
  from: 'a client of the uplink port, with any kind of certificate',
  defence:
    'checked at CONNECT against own roots, validity and revocations: cloud/pki/judge.ts; on RabbitMQ by TLS, with a user per admitted gateway: deploy/rabbitmq/rabbitmq.conf, cloud/ingest/rabbitmq/registrar.ts',
  attacks: [
    {
      id: 'certificates/none',
      title: 'connects without a certificate or a password',
      requirements: ['CR 1.2'],
      expected: 'CONNACK 2; RabbitMQ: CONNACK 4',
      run: async ({ uplink }) =>
        judged(
          await uplink.answerTo(VICTIM, undefined),
          uplink.says(/Identifier rejected/, /Bad username or password/),
          /was admitted/,
        ),
    },
    {
      id: 'certificates/self-signed',
      title: 'connects with a self-signed certificate',
      requirements: REQUIREMENTS,
      expected: CONNACK_OR_ALERT,
      run: async ({ uplink }) =>
        judged(
          await uplink.answerToCertificate(VICTIM, await selfSigned(VICTIM)),
          uplink.says(/Not authorized/, /^alert bad certificate$/),
          /was admitted/,
        ),
    },
    {
      id: 'certificates/foreign',
      title: 'connects with a certificate from another authority',
      requirements: REQUIREMENTS,
      expected: CONNACK_OR_ALERT,
      run: async ({ uplink, folder }) => {
        const other = join(folder, 'other-authority');
        mkdirSync(other);
        const foreign = await Certificates.make(other);
        return judged(
          await uplink.answerToCertificate(VICTIM, await foreign.gateway(VICTIM)),
          uplink.says(/Not authorized/, /^alert unknown ca$/),
          /was admitted/,
        );
      },
    },
    {
      id: 'certificates/expired',
      title: 'connects with a certificate that expired yesterday',
      requirements: REQUIREMENTS,
      expected: CONNACK_OR_ALERT,
      run: async ({ uplink, certificates }) =>
        judged(
          await uplink.answerToCertificate(VICTIM, await certificates.gateway(VICTIM, -1)),
          uplink.says(/Not authorized/, /^alert certificate expired$/),
          /was admitted/,
        ),
    },
    {
      id: 'certificates/tls-1.2',
      title: 'connects with its certificate over TLS 1.2',
      requirements: ['CR 4.3'],
      expected: CONNACK_OR_ALERT,
      run: async ({ uplink, certificates }) =>
        judged(
          await uplink.answerTo(VICTIM, await certificates.gateway(VICTIM), { tls: { maxVersion: 'TLSv1.2' } }),
          uplink.says(/Not authorized/, /^alert protocol version$/),
          /was admitted/,
        ),
    },
    {
      id: 'certificates/tls-1.1',
      title: 'attempts a TLS 1.1 handshake',
      requirements: ['CR 4.3'],
      expected: 'no handshake',
      run: async ({ uplink }) => {
        const socket = uplink.tls({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
        const seen = await new Promise<string>((resolve) => {
          socket.once('secureConnect', () => resolve(`${socket.getProtocol()} was accepted`));
          socket.once('error', ({ code, message }: NodeJS.ErrnoException) => resolve(code ?? message));
          socket.once('close', () => resolve('closed'));
        });
        socket.destroy();
        return judged(seen, /ALERT_PROTOCOL_VERSION/, /was accepted/);
      },
    },
    {
      id: 'certificates/revoked',
      title: 'keeps its session and reconnects after its gateway was revoked',
      requirements: ['CR 1.3', ...REQUIREMENTS],
      expected: 'the session ends, then CONNACK 5; RabbitMQ: CONNACK 4',
      run: async ({ uplink, certificates, cloud }) => {
        const pem = await certificates.gateway(VICTIM);
        const client = await uplink.client(VICTIM, pem);
        const closedAt = new Promise<number>((resolve) => client.once('close', () => resolve(now())));
        const { code, said } = await ran('pki', 'revoke', VICTIM, '--config', cloud.config);
        if (code !== 0) throw new Error(said);
        const { mtimeMs } = statSync(pkiFiles(cloud.data).standing);
        const closed = closedAt.then((at) => `the session ends after ${((at - mtimeMs) / 1000).toFixed(1)} s`);
        const ended = await Promise.race([closed, pause(90_000).then(() => 'the session continues')]);
        client.end(true);
        return judged(
          `${ended}; ${await uplink.answerTo(VICTIM, pem)}`,
          uplink.says(/the session ends .*Not authorized/, /the session ends .*Bad username or password/),
          /continues|was admitted/,
        );
      },
    },
  ],
};
