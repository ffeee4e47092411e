import type { ConnectionOptions } from 'node:tls';
import { parseJson } from '../../shared/codec/json.ts';
import { bad, good, type Outcome } from '../../shared/outcome/outcome.ts';
import {
  ALPN,
  checkEnrolmentAnswer,
  PATHS,
  type EnrolmentAnswer,
  type EnrolmentRequest,
} from '../../shared/pki/enrolment.ts';
import type { TimeBase } from '../../shared/time/clock.ts';
import { openSocket, request, secured, type UplinkProxy } from './proxy-tunnel.ts';
import { messageOf } from '../../shared/outcome/message-of.ts';

export interface AuthorityAddress {
  /** mqtts:// or https://; the default port is the uplink's. */
  readonly url: string;
  readonly proxy?: UplinkProxy | undefined;
  readonly time: TimeBase;
}

const PATIENCE_MS = 20_000;
const MAX_ANSWER_BYTES = 100_000;

/** Fetches the roots that the peer presents, without trusting it yet: their fingerprint decides. */
export const askRoots = (at: AuthorityAddress): Promise<Outcome<string>> =>
  asked(at, { rejectUnauthorized: false }, PATHS.roots);

/** Requests a certificate. `tls` has the trusted roots, and the gateway's certificate if it has one. */
export async function askCertificate(
  at: AuthorityAddress,
  tls: ConnectionOptions,
  body: EnrolmentRequest,
): Promise<Outcome<EnrolmentAnswer>> {
  const path = body.secret === undefined ? PATHS.renew : PATHS.enrol;
  const answer = await asked(at, { ...tls, minVersion: 'TLSv1.3' }, path, JSON.stringify(body));
  const parsed = answer.ok ? parseJson(answer.value, { code: 'LS-PKI-005', maxChars: MAX_ANSWER_BYTES }) : answer;
  return parsed.ok ? checkEnrolmentAnswer(parsed.value) : parsed;
}

async function asked(
  { url, proxy, time }: AuthorityAddress,
  tls: ConnectionOptions,
  path: string,
  body?: string,
): Promise<Outcome<string>> {
  try {
    const plain = await openSocket(url, proxy, { time, timeoutMs: PATIENCE_MS });
    const socket = secured(plain, url, { ...tls, ALPNProtocols: [ALPN.http] });
    const late = time.after(
      PATIENCE_MS,
      () => void socket.destroy(new Error(`no answer within ${PATIENCE_MS / 1000} s`)),
    );
    return await answered(() => socket, path, body).finally(() => {
      late.cancel();
      socket.destroy();
    });
  } catch (error) {
    return bad('LS-PKI-005', `${url}: ${messageOf(error)}`);
  }
}

function answered(
  createConnection: () => ReturnType<typeof secured>,
  path: string,
  body: string | undefined,
): Promise<Outcome<string>> {
  const { promise, resolve, reject } = Promise.withResolvers<Outcome<string>>();
  const length =
    body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const call = request({
    createConnection,
    method: body === undefined ? 'GET' : 'POST',
    path,
    headers: { host: 'cloud', ...length },
  });
  call.once('error', reject);
  call.once('response', (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (more: string) => {
      text += more;
      if (text.length > MAX_ANSWER_BYTES) response.destroy(new Error('the answer is too long'));
    });
    response.once('error', reject);
    response.once('end', () => resolve(response.statusCode === 200 ? good(text) : refusalOf(text)));
  });
  call.end(body);
  return promise;
}

/** The cloud's own reason for a refusal, if the answer contains one. */
function refusalOf(text: string): Outcome<never> {
  try {
    const { code, detail } = JSON.parse(text) as { readonly code?: unknown; readonly detail?: unknown };
    if (typeof detail === 'string' && typeof code === 'string' && code !== 'LS-PKI-002')
      return bad('LS-PKI-001', `the cloud refuses: ${code}: ${detail.slice(0, 300)}`);
    if (typeof detail === 'string') return bad('LS-PKI-002', detail.slice(0, 300));
  } catch {
    // Reported below.
  }
  return bad('LS-PKI-005', 'the answer is not from a Loadstone cloud');
}
