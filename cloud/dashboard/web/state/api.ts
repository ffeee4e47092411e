import { useEffect, useState } from 'preact/hooks';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { isSameQuestion, LastAnswers, type Answer } from '../lib/last-answers.ts';
import { csrfHeader, isLocked, reader } from './session.ts';
import { comebacks } from './settings.ts';
import { cloudLink } from './stream.ts';
import { t } from '../words/t.ts';

export type { Answer } from '../lib/last-answers.ts';

/** The browser's own message is not in the page's language. */
const unreachable = (): Answer<never> => ({
  state: 'bad',
  problem: {
    type: 'about:blank',
    title: t('The cloud does not answer'),
    status: 0,
    detail: '',
    code: 'page.unreachable',
    remedy: '',
  },
});

type Request = Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> };

async function ask<T>(path: string, init: Request): Promise<Answer<T>> {
  try {
    const response = await fetch(path, {
      ...init,
      headers: { accept: 'application/json', ...init.headers },
    });
    const body: unknown = response.status === 204 ? null : await response.json();
    if (response.ok) return { state: 'good', value: body as T };
    return { state: 'bad', problem: body as ProblemAnswer };
  } catch {
    return unreachable();
  }
}

export const getJson = <T>(path: string, signal?: AbortSignal): Promise<Answer<T>> =>
  ask<T>(path, signal === undefined ? {} : { signal });

/** Requests a change on behalf of the signed-in user. */
export function sendJson<T>(
  method: 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  more: Readonly<Record<string, string>> = {},
): Promise<Answer<T>> {
  if (body === undefined) return ask<T>(path, { method, headers: { ...more, ...csrfHeader() } });
  const headers = { 'content-type': 'application/json', ...more, ...csrfHeader() };
  return ask<T>(path, { method, headers, body: JSON.stringify(body) });
}

/** Notifies the cloud while the page may be closing. Nobody waits for the answer. */
export function tellLast(path: string, body: unknown): void {
  const headers = { 'content-type': 'application/json', ...csrfHeader() };
  void ask(path, { method: 'POST', keepalive: true, headers, body: JSON.stringify(body) });
}

const last = new LastAnswers();
/** A lost cloud may still answer requests, but not later than this. */
const PATIENCE_MS = 2_000;

/**
 * Reads `path` when it or `version` changes, and when the desk is locked or unlocked. The last answer stays while the same path is read
 * again, and while the cloud is lost, even when a screen is reopened. A question without any answer shows the failure, never the answer to
 * another one.
 */
export function useAnswer<T>(path: string | null, version: string | number = 0): Answer<T> {
  const [answer, setAnswer] = useState<{ path: string | null; answer: Answer<T> }>({
    path,
    answer: { state: 'loading' },
  });
  // Answers to another user do not count.
  const asked = `${reader.value} ${path}`;
  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    const timer = setTimeout(() => {
      if (cloudLink.peek() === 'lost') setAnswer({ path, answer: unreachable() });
    }, PATIENCE_MS);
    const leave = (): void => {
      clearTimeout(timer);
      abort.abort();
    };
    void getJson<T>(path, abort.signal).then((got) => {
      if (abort.signal.aborted) return;
      clearTimeout(timer);
      last.keep(asked, got);
      setAnswer({ path, answer: got });
    });
    return leave;
  }, [path, version, reader.value, isLocked.value, comebacks.value]);
  const key = (text: string | null): string | undefined => text?.split('?')[0];
  const isLost = cloudLink.value === 'lost';
  const isOf = isLost ? isSameQuestion(String(answer.path), String(path)) : key(answer.path) === key(path);
  const shown: Answer<T> = isOf ? answer.answer : { state: 'loading' };
  return cloudLink.value === 'up' ? shown : last.insteadOf(asked, shown);
}
