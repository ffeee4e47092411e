import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { sendJson } from './api.ts';
import { t } from '../words/t.ts';

type Started = { readonly id: string; readonly kind: string; readonly result?: { readonly href: string } | null };

/** Starts a forecast and waits a while for it. Returns its id, or the problem. */
export async function startForecast(
  body: Readonly<Record<string, string>>,
): Promise<{ readonly id: string } | { readonly problem: ProblemAnswer }> {
  const started = await sendJson<Started>('POST', '/v1/forecasts', body, { prefer: 'wait=20' });
  if (started.state === 'bad') return { problem: started.problem };
  if (started.state === 'good') {
    const { id, result } = started.value;
    if (!id.startsWith('job_')) return { id };
    const made = result?.href.split(/[/?]/)[3];
    if (made !== undefined) return { id: made };
  }
  return {
    problem: {
      type: 'about:blank',
      title: t('Not done yet'),
      status: 202,
      detail: t('It is still being computed; run it again in a moment.'),
      code: 'page.waiting',
      remedy: '',
    },
  };
}
