import { useState } from 'preact/hooks';
import type { CommandView } from '../../../../shared/contracts/command.ts';
import type { ProblemAnswer } from '../../../../shared/contracts/problem.ts';
import { duration } from '../lib/format.ts';
import { wishText } from '../lib/setpoint.ts';
import { near } from '../lib/zone.ts';
import { DeskTabs } from '../parts/desk-tabs.tsx';
import { Panel, Problem, Waiting } from '../parts/layout.tsx';
import { sendJson, useAnswer } from '../state/api.ts';
import { commandTurn } from '../state/commands.ts';
import { whyOff } from '../state/controls.ts';
import { zone } from '../state/settings.ts';
import { links, moment, tick } from '../state/store.ts';
import type { Screen } from '../lib/screen.ts';
import { t, translate } from '../words/t.ts';
import { ColumnHeads } from '../parts/column-heads.tsx';

export const screen: Screen = {
  path: '/overrides',
  title: 'Overrides',
  Component: OverridesScreen,
  section: 'Desk',
  entries: [{ menu: 'desk', text: 'Overrides', at: 20 }],
};

const AGAIN_MS = 5_000;

/** Overrides: by whom, why and for how long; each can be released here. */
function OverridesScreen() {
  const turn = Math.floor(tick.value / AGAIN_MS) + commandTurn.value;
  const answer = useAnswer<{ items: CommandView[] }>('/v1/overrides', turn);
  const standing =
    answer.state === 'good' ? answer.value.items.filter(({ expiresAt }) => expiresAt > moment.value.now) : [];
  return (
    <>
      <DeskTabs title={t('Overrides')} />
      <Panel
        title={answer.state === 'good' ? t('{standing} standing', { standing: standing.length }) : t('Overrides')}
        label={t('Overrides')}
      >
        {answer.state === 'loading' && <Waiting what={t('the overrides')} />}
        {answer.state === 'bad' && <Problem problem={answer.problem} />}
        {answer.state === 'good' && standing.length === 0 && (
          <p class="muted waiting">
            {t('No override stands. A setpoint is given from')} <a href="/devices">{t('Devices')}</a>
            {t(', or from a feeder.')}
          </p>
        )}
        {standing.length > 0 && (
          <div class="scroll" tabIndex={0} role="group" aria-label={t('Overrides')}>
            <table class="data overrides card-rows">
              <thead>
                <ColumnHeads
                  names={[t('Device'), t('Value'), t('By'), t('Since'), t('Reason'), t('State'), t('Ends in')]}
                  act={t('Release')}
                />
              </thead>
              <tbody>
                {standing.map((each) => (
                  <Row key={each.id} override={each} />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Panel>
    </>
  );
}

function Row({ override }: { override: CommandView }) {
  const [problem, setProblem] = useState<ProblemAnswer | null>(null);
  const [busy, setBusy] = useState(false);
  const { id, gateway, device, setpoint, user, issuedAt, reason, state, expiresAt } = override;
  const reached = links.value.some((each) => each.id === gateway && each.state === 'up');
  const off = whyOff(true) ?? (reached ? undefined : t('{gateway} is not reached.', { gateway }));
  const release = async (): Promise<void> => {
    setBusy(true);
    const answer = await sendJson('POST', `/v1/overrides/${id}/release`, { reason: t('released at the desk') });
    setBusy(false);
    setProblem(answer.state === 'bad' ? answer.problem : null);
  };
  return (
    <tr>
      <th scope="row">{`${gateway}/${device ?? ''}`}</th>
      <td data-name={t('Value')}>{wishText(setpoint)}</td>
      <td data-name={t('By')}>{user}</td>
      <td class="when" data-name={t('Since')}>
        {near(issuedAt, moment.value.now, zone())}
      </td>
      <td data-name={t('Reason')}>
        {reason}
        {problem !== null && <Problem problem={problem} />}
      </td>
      <td data-name={t('State')}>
        {reached ? translate(state) : t('{state}; its gateway is not reached', { state: translate(state) })}
      </td>
      <td class="when strong" data-name={t('Ends in')}>
        <span role="timer">{duration(expiresAt - moment.value.now)}</span>
      </td>
      <td>
        <button type="button" disabled={off !== undefined || busy} title={off} onClick={() => void release()}>
          {t('Release')}
          <span class="unseen">{` ${gateway}/${device ?? ''}`}</span>
        </button>
      </td>
    </tr>
  );
}
