import type { SessionView } from '../../../../shared/contracts/view.ts';
import type { PasskeyOptions } from '../../../../shared/contracts/people.ts';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { getJson, sendJson, type Answer } from './api.ts';
import { PASSKEY_NEEDED, passkeyAnswer } from './passkeys.ts';
import { go } from './route.ts';
import { isLocked, reader, session, standing } from './session.ts';
import { comebacks } from './settings.ts';
import { reconnect } from './store.ts';
import { refusal } from './stream.ts';

const PATH = '/v1/session';

/** Takes over the session; a reader without any right goes to the sign-in page. */
function take(answer: Answer<SessionView>): ProblemAnswer | null {
  if (answer.state === 'bad') return answer.problem;
  if (answer.state === 'loading') return null;
  const before = session.peek() === null ? null : reader.peek();
  session.value = answer.value;
  if (answer.value.rights.length === 0) go('/login');
  if (before !== null && before !== reader.peek()) reconnect();
  return null;
}

/** Counts the starts and ends of changes; a read that overlaps one is outdated. */
let turns = 0;

/** Reads the current session. */
export async function readSession(): Promise<void> {
  const before = turns;
  const answer = await getJson<SessionView>(PATH);
  if (before === turns) take(answer);
}

/** Returns the problem, or null. */
async function change(asked: () => Promise<Answer<SessionView>>): Promise<ProblemAnswer | null> {
  turns++;
  const answer = await asked();
  turns++;
  return take(answer);
}

export const signIn = (user: string, password: string): Promise<ProblemAnswer | null> =>
  change(async () => {
    const first = await sendJson<SessionView>('POST', PATH, { user, password });
    if (first.state !== 'bad' || first.problem.code !== PASSKEY_NEEDED) return first;
    const asked = await sendJson<PasskeyOptions>('POST', `${PATH}/passkey`, { user, password });
    if (asked.state !== 'good') return asked;
    const proof = await passkeyAnswer('prove', asked.value);
    return proof.state === 'good' ? sendJson('POST', PATH, { user, password, passkey: proof.value }) : proof;
  });

const sendPresence = (present: boolean): Promise<Answer<SessionView>> =>
  sendJson('PUT', `${PATH}/presence`, { present });

/** Reports that somebody is at this desk. */
export async function tellPresence(): Promise<ProblemAnswer | null> {
  const answer = await sendPresence(true);
  return answer.state === 'bad' ? answer.problem : null;
}

/** Locks this desk. */
export const lock = (): Promise<ProblemAnswer | null> => change(() => sendPresence(false));

/** Ends the session here, then at the provider that it came from, if there is one. */
export async function signOut(): Promise<ProblemAnswer | null> {
  const problem = await change(() => sendJson('DELETE', PATH));
  const elsewhere = session.peek()?.endSession;
  if (problem === null && elsewhere !== undefined) location.assign(elsewhere);
  return problem;
}

export const changePassword = (current: string, next: string): Promise<ProblemAnswer | null> =>
  change(() => sendJson('PUT', `${PATH}/password`, { current, next }));

/**
 * Reads the session now, and again whenever the cloud refuses the stream, comes back, or reports other rights or a lock: the session may
 * have ended, or another tab may have begun another one.
 */
export function startSession(): void {
  refusal.subscribe((refused) => {
    if (refused !== null) void readSession();
  });
  comebacks.subscribe((count) => {
    if (count > 0) void readSession();
  });
  standing.subscribe((reported) => {
    if (reported === null) return;
    const isKnown = reported.rights.join() === session.peek()?.rights.join() && reported.locked === isLocked.peek();
    if (!isKnown) void readSession();
  });
  void readSession();
}
