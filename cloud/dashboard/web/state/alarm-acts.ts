import { signal } from '@preact/signals';
import type { AlarmView } from '../../../../shared/contracts/alarm.ts';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { sendJson } from './api.ts';
import { changeAlarms } from './store.ts';

/** Why the last act on an alarm failed; null if it did not. */
export const alarmProblem = signal<ProblemAnswer | null>(null);

/** As many as one request may acknowledge. */
const MOST_AT_ONCE = 200;

/** Returns true if the act succeeded. */
async function act(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<boolean> {
  const answer = await sendJson<AlarmView | { items: readonly AlarmView[] }>(method, `/v1/alarms/${path}`, body);
  alarmProblem.value = answer.state === 'bad' ? answer.problem : null;
  if (answer.state !== 'good') return false;
  changeAlarms('items' in answer.value ? answer.value.items : [answer.value]);
  return true;
}

export async function acknowledge(ids: readonly number[]): Promise<boolean> {
  for (let at = 0; at < ids.length; at += MOST_AT_ONCE)
    if (!(await act('POST', 'acknowledge', { ids: ids.slice(at, at + MOST_AT_ONCE) }))) return false;
  return ids.length > 0;
}

export const shelve = (id: number, minutes: number, reason: string): Promise<boolean> =>
  act('POST', `${id}/shelve`, { minutes, reason });

export const unshelve = (id: number): Promise<boolean> => act('POST', `${id}/unshelve`);

export const takeOut = (id: number, reason: string): Promise<boolean> => act('PUT', `${id}/out-of-service`, { reason });

export const bringBack = (id: number): Promise<boolean> => act('DELETE', `${id}/out-of-service`);
