import type { PasskeyOptions, PasskeyView } from '../../../../shared/contracts/people.ts';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { t } from '../words/t.ts';
import { sendJson, type Answer } from './api.ts';

/** Error code: the sign-in or act also needs a passkey. */
export const PASSKEY_NEEDED = 'LS-API-015';

/** Loaded on first use. */
const library = () => import('@simplewebauthn/browser');

/** Returns the browser's answer to the cloud's options, as text. */
export async function passkeyAnswer(act: 'make' | 'prove', { options }: PasskeyOptions): Promise<Answer<string>> {
  try {
    const { startAuthentication, startRegistration } = await library();
    const optionsJSON = JSON.parse(options) as never;
    const made = act === 'make' ? await startRegistration({ optionsJSON }) : await startAuthentication({ optionsJSON });
    return { state: 'good', value: JSON.stringify(made) };
  } catch (error) {
    const isThere = error instanceof Error && error.name === 'InvalidStateError';
    return { state: 'bad', problem: isThere ? alreadyThere() : unanswered() };
  }
}

/** Creates a passkey for the signed-in user. */
export async function addPasskey(name: string, password: string): Promise<Answer<PasskeyView>> {
  const asked = await sendJson<PasskeyOptions>('POST', '/v1/passkeys/options', { password });
  if (asked.state !== 'good') return asked;
  const made = await passkeyAnswer('make', asked.value);
  return made.state === 'good' ? sendJson('POST', '/v1/passkeys', { name, passkey: made.value }) : made;
}

/** Sends an act, with a passkey if it requires one. */
export async function withPasskey<T>(path: string, body: object): Promise<Answer<T>> {
  const first = await sendJson<T>('POST', path, body);
  if (first.state !== 'bad' || first.problem.code !== PASSKEY_NEEDED) return first;
  const asked = await sendJson<PasskeyOptions>('POST', '/v1/passkeys/challenge');
  if (asked.state !== 'good') return asked;
  const proof = await passkeyAnswer('prove', asked.value);
  return proof.state === 'good' ? sendJson('POST', path, { ...body, passkey: proof.value }) : proof;
}

/** The browser's own message is not in the page's language. */
const problem = (title: string, remedy: string): ProblemAnswer => ({
  type: 'about:blank',
  title,
  status: 0,
  detail: '',
  code: 'page.passkey',
  remedy,
});

const unanswered = (): ProblemAnswer =>
  problem(t('The passkey did not answer'), t('Try again; the passkey has to be at this machine.'));

const alreadyThere = (): ProblemAnswer =>
  problem(t('This device has a passkey of yours already'), t('Use that one, or make a passkey on another device.'));
