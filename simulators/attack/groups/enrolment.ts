import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TlsDoor } from '../../../cloud/ingest/tls-door.ts';
import { makeToken } from '../../../cloud/pki/tokens.ts';
import { askCertificate } from '../../../edge/uplink/ask-authority.ts';
import { unwrap } from '../../../shared/outcome/outcome.ts';
import { readToken } from '../../../shared/pki/enrolment-token.ts';
import { makeRequest } from '../../../shared/pki/request.ts';
import { SystemClock } from '../../../shared/time/system-clock.ts';
import { judged, refused, succeeded, type Group } from '../attack.ts';
import { Certificates } from '../certificates.ts';
import { gatewayYaml } from '../gateway-yaml.ts';
import { now } from '../held-gateway.ts';
import type { Stage } from '../stage.ts';
import { ran } from '../started.ts';

const REQUIREMENTS = ['CR 1.2', 'CR 1.5', 'CR 1.8', 'EDR 3.13'];
/** An id outside all substations: another attack revokes one of those, and RabbitMQ never readmits a revoked id. */
const NEWCOMER = 'new-01';
const { machine } = new SystemClock(() => undefined);

const tokenOf = ({ cloud }: Stage, id: string): string => makeToken(cloud.data, id, { now: now() });
const secretOf = (token: string): string => unwrap(readToken(token)).secret;

/** Requests a certificate like a gateway. Returns the result in words. */
async function ask({ uplink, certificates }: Stage, gateway: string, secret: string, named = gateway): Promise<string> {
  const { request } = await makeRequest(named);
  const at = { url: `https://${uplink.host}:${uplink.enrolmentPort}`, time: machine };
  const answer = await askCertificate(at, { ca: certificates.roots }, { gateway, secret, request });
  return answer.ok ? 'issued' : `${answer.fault.code}: ${answer.fault.detail}`;
}

export const enrolment: Group = {
  id: 'enrolment',
  title: 'Token used twice, guessed; enrolment through a man in the middle',
  asset: 'the certificates of gateways',
  from: 'a client of the uplink port, and a man in the middle between it and a new gateway',
  defence: 'a token works once, for one id, and names the root: cloud/pki/enrol-server.ts, edge/cli/enrol.ts',
  attacks: [
    {
      id: 'enrolment/twice',
      title: 'uses a token that has been used',
      requirements: REQUIREMENTS,
      expected: 'LS-PKI-002',
      run: async (stage) => {
        const secret = secretOf(tokenOf(stage, NEWCOMER));
        return judged(
          `${await ask(stage, NEWCOMER, secret)}, then ${await ask(stage, NEWCOMER, secret)}`,
          /^issued, then LS-PKI-002/,
          /^issued, then issued/,
        );
      },
    },
    {
      id: 'enrolment/other-gateway',
      title: 'uses a token for a gateway that it does not name',
      requirements: REQUIREMENTS,
      expected: 'an error and no certificate',
      run: async (stage) =>
        judged(await ask(stage, 'owd-01', secretOf(tokenOf(stage, NEWCOMER))), /token is wrong|LS-PKI-002/, /^issued$/),
    },
    {
      id: 'enrolment/other-name',
      title: 'requests the certificate of another gateway with its own token',
      requirements: REQUIREMENTS,
      expected: 'an error and no certificate',
      run: async (stage) =>
        judged(
          await ask(stage, NEWCOMER, secretOf(tokenOf(stage, NEWCOMER)), 'owd-01'),
          /is for "owd-01"|LS-PKI-004/,
          /^issued$/,
        ),
    },
    // After the others, because nine wrong tokens slow down further requests for the newcomer.
    {
      id: 'enrolment/at-once',
      title: 'uses a token over ten connections at once',
      requirements: REQUIREMENTS,
      expected: 'one certificate',
      run: async (stage) => {
        const secret = secretOf(tokenOf(stage, NEWCOMER));
        const answers = await Promise.all(Array.from({ length: 10 }, () => ask(stage, NEWCOMER, secret)));
        const issued = answers.filter((answer) => answer === 'issued').length;
        if (issued === 0) throw new Error(`none is issued: ${answers[0]}`);
        return issued === 1 ? refused('1 certificate') : succeeded(`${issued} certificates`);
      },
    },
    {
      id: 'enrolment/guessed',
      title: 'guesses a token 15 times',
      requirements: ['CR 1.11', ...REQUIREMENTS],
      expected: 'too many attempts, before long',
      run: async (stage) => {
        tokenOf(stage, 'wls-01');
        const seen: string[] = [];
        for (let guess = 0; guess < 15 && !/too many/.test(seen.at(-1) ?? ''); guess++)
          seen.push(await ask(stage, 'wls-01', 'f'.repeat(32)));
        return judged(`${seen.length} guesses: ${seen.at(-1)}`, /too many/, /^15 guesses: (issued|LS-PKI-002)/);
      },
    },
    {
      id: 'enrolment/man-in-the-middle',
      title: 'impersonates the cloud to a new gateway',
      requirements: ['CR 1.8', 'CR 1.2', 'CR 3.1'],
      expected: 'LS-PKI-005; the secret is not sent',
      run: async (stage) => {
        const folder = join(stage.folder, 'middle');
        mkdirSync(folder);
        const rogue = await Certificates.make(folder);
        const heard: string[] = [];
        // Even the right root, which is public, is useless without its key.
        const roots = stage.certificates.roots;
        const door = new TlsDoor({
          host: '127.0.0.1',
          port: 0,
          identity: { pem: await rogue.server(), roots: rogue.roots },
          onClient: (socket) => void socket.destroy(),
          onHttp: (socket) =>
            void socket
              .on('error', () => undefined)
              .on('data', (bytes) => {
                heard.push(bytes.toString());
                socket.end(`HTTP/1.1 200 OK\r\ncontent-length: ${roots.length}\r\n\r\n${roots}`);
              }),
        });
        await door.start();
        const url = `https://127.0.0.1:${door.port}`;
        const config = await gatewayYaml(folder, {
          id: NEWCOMER,
          substation: 'hal',
          url: `mqtts://127.0.0.1:${door.port}`,
          pem: '',
          roots: '',
          keys: [],
          userLines: [],
        });
        const token = tokenOf(stage, NEWCOMER);
        const file = join(folder, 'token');
        writeFileSync(file, token, { mode: 0o600 });
        const { code, said } = await ran('edge', 'enrol', url, '--token-file', file, '--config', config);
        door.stop();
        const isSecretSent = heard.join('').includes(secretOf(token));
        if (heard.length === 0) throw new Error(`the gateway never asked: ${said.trim()}`);
        const found = /LS-PKI-\d+/.exec(said)?.[0] ?? `exit ${code}`;
        return judged(
          `${found}, the secret ${isSecretSent ? 'is heard' : 'is not sent'}`,
          /^LS-PKI-005, the secret is not sent$/,
          /is heard$/,
        );
      },
    },
  ],
};
