import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { isSameQuestion, isUnanswered, LastAnswers, type Answer } from '../lib/last-answers.ts';
import { csrfHeader, isLocked, reader } from './session.ts';
import { rereads } from './settings.ts';
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

/** Reads the pages of a list, at most `most` entries or all; null if one of them does not come. */
export async function getAll<T>(path: string, most = Infinity): Promise<T[] | null> {
  const all: T[] = [];
  for (let cursor: string | null = ''; cursor !== null && all.length < most;) {
    const answer: Answer<{ items: readonly T[]; nextCursor?: string | null }> = await getJson(
      cursor === '' ? path : `${path}&cursor=${encodeURIComponent(cursor)}`,
    );
    if (answer.state !== 'good') return null;
    all.push(...answer.value.items);
    cursor = answer.value.nextCursor ?? null;
  }
  return all;
}

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
/** A read without an answer for so long is given up. */
const LONGEST_MS = 60_000;

/** Questions on the screen whose last good answer is kept because the cloud does not answer them now. */
export const unanswered = signal<ReadonlyMap<string, { readonly problem: ProblemAnswer; readonly since: number }>>(
  new Map(),
);

function setUnanswered(asked: string, problem: ProblemAnswer | null): void {
  const before = unanswered.peek();
  const known = before.get(asked);
  if (problem === null ? known === undefined : known !== undefined) return;
  const others = [...before].filter(([each]) => each !== asked);
  unanswered.value = new Map(
    problem === null ? others : [...others, [asked, { problem, since: performance.now() }] as const],
  );
}

/**
 * Reads `path` when it or `version` changes, and when the desk is locked or unlocked. A read under way goes on when `version` changes, and
 * another follows it. The last answer stays while the same path is read again, while the cloud does not answer it, and while the cloud is
 * lost, even when a screen is reopened. A question without any answer shows the failure, never the answer to another one.
 */
export function useAnswer<T>(path: string | null, version: string | number = 0): Answer<T> {
  // Answers to another user do not count.
  const asked = `${reader.value} ${path}`;
  const [answer, setAnswer] = useState<{ path: string | null; asked: string; answer: Answer<T> }>({
    path,
    asked,
    answer: { state: 'loading' },
  });
  useEffect(() => () => setUnanswered(asked, null), [asked]);
  const again = useRef<() => void>(undefined);
  useEffect(() => again.current?.(), [version]);
  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    const take = (got: Answer<T>): void =>
      setAnswer((before) => {
        const isKept = isUnanswered(got) && before.answer.state === 'good' && isSameQuestion(before.asked, asked);
        const isMarked = isKept && cloudLink.peek() === 'up';
        setUnanswered(asked, isMarked && got.state === 'bad' ? got.problem : null);
        return isKept ? before : { path, asked, answer: got };
      });
    let isReading = false;
    let isAsked = false;
    const read = async (): Promise<void> => {
      isAsked = isReading;
      if (isReading) return;
      isReading = true;
      const timer = setTimeout(() => {
        if (cloudLink.peek() === 'lost') take(unreachable());
      }, PATIENCE_MS);
      const got = await getJson<T>(path, AbortSignal.any([abort.signal, AbortSignal.timeout(LONGEST_MS)]));
      clearTimeout(timer);
      if (abort.signal.aborted) return;
      isReading = false;
      last.keep(asked, got);
      take(got);
      if (isAsked) await read();
    };
    again.current = () => void read();
    void read();
    return () => {
      again.current = undefined;
      abort.abort();
    };
  }, [path, reader.value, isLocked.value, rereads.value]);
  const key = (text: string | null): string | undefined => text?.split('?')[0];
  const isLost = cloudLink.value === 'lost';
  const isOf = isLost ? isSameQuestion(String(answer.path), String(path)) : key(answer.path) === key(path);
  const shown: Answer<T> = isOf ? answer.answer : { state: 'loading' };
  return cloudLink.value === 'up' ? shown : last.insteadOf(asked, shown);
}
