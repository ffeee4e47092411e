import { signal } from '@preact/signals';
import type { AlarmView } from '../../../../shared/contracts/alarm.ts';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { patched } from '../lib/alarms.ts';
import { sendJson } from './api.ts';
import { alarmDesk } from './store.ts';

/** Why the last act on an alarm failed; null if it did not. */
export const alarmProblem = signal<ProblemAnswer | null>(null);

const take = (changed: readonly AlarmView[]): void => {
  const desk = alarmDesk.peek();
  if (desk !== null) alarmDesk.value = patched(desk, changed);
};

/** Returns true if the act succeeded. */
async function act(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<boolean> {
  const answer = await sendJson<AlarmView | { items: readonly AlarmView[] }>(method, `/v1/alarms/${path}`, body);
  alarmProblem.value = answer.state === 'bad' ? answer.problem : null;
  if (answer.state !== 'good') return false;
  take('items' in answer.value ? answer.value.items : [answer.value]);
  return true;
}

export const acknowledge = (ids: readonly number[]): Promise<boolean> =>
  ids.length === 0 ? Promise.resolve(false) : act('POST', 'acknowledge', { ids: ids.slice(0, 200) });

export const shelve = (id: number, minutes: number, reason: string): Promise<boolean> =>
  act('POST', `${id}/shelve`, { minutes, reason });

export const unshelve = (id: number): Promise<boolean> => act('POST', `${id}/unshelve`);

export const takeOut = (id: number, reason: string): Promise<boolean> => act('PUT', `${id}/out-of-service`, { reason });

export const bringBack = (id: number): Promise<boolean> => act('DELETE', `${id}/out-of-service`);
