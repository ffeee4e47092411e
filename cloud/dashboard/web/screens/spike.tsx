import { useState } from 'preact/hooks';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { dayClock } from '../lib/zone.ts';
import { Panel, Problem } from '../parts/layout.tsx';
import { sendJson } from '../state/api.ts';
import { may, needs } from '../state/session.ts';
import { zone } from '../state/settings.ts';
import { controlsOn, region } from '../state/store.ts';
import { whyLost } from '../state/controls.ts';
import { t } from '../words/t.ts';

const PERCENT = 30;
const DURATION_S = 300;

type Result = { readonly acceptedAt: string } | { readonly problem: ProblemAnswer } | null;

/** Only with a simulated plant: injects a spike on the feeder, to watch how guard and plan handle it. */
export function SpikePanel({ feeder }: { feeder: string }) {
  const [result, setResult] = useState<Result>(null);
  const [busy, setBusy] = useState(false);
  if (region.value?.clock.simulated !== true) return null;
  const send = async (): Promise<void> => {
    setBusy(true);
    const answer = await sendJson<{ acceptedAt: string }>('POST', '/v1/simulation/events', {
      kind: 'spike',
      feeder,
      percent: PERCENT,
      durationS: DURATION_S,
    });
    setBusy(false);
    if (answer.state === 'good') setResult(answer.value);
    if (answer.state === 'bad') setResult({ problem: answer.problem });
  };
  const off = !controlsOn.value || !may('operate') || busy;
  return (
    <Panel title={t('Simulated plant')} class="wide">
      <div class="row">
        <button type="button" class="primary" disabled={off} onClick={() => void send()}>
          {t('Add {percent} % load for {minutes} min', { percent: PERCENT, minutes: DURATION_S / 60 })}
        </button>
        <span class="muted" role="status">
          {hint()}
          {result !== null &&
            'acceptedAt' in result &&
            t('Accepted for {time} plant time; the guard acts in its next cycle.', {
              time: dayClock(Date.parse(result.acceptedAt), zone()),
            })}
        </span>
      </div>
      {result !== null && 'problem' in result && <Problem problem={result.problem} />}
    </Panel>
  );
}

function hint(): string {
  const lost = whyLost();
  if (lost !== undefined) return `${lost} `;
  return may('operate') ? '' : `${needs(t('an operator'))} `;
}
