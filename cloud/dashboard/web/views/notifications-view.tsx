import { useState } from 'preact/hooks';
import type { NotifyView, TestMailView } from '../../../../shared/contracts/notify.ts';
import { clockSeconds, day } from '../lib/zone.ts';
import { Facts, Panel, Problem, Waiting } from '../parts/layout.tsx';
import { sendJson, useAnswer, type Answer } from '../state/api.ts';
import { may } from '../state/session.ts';
import { zone } from '../state/settings.ts';
import { controlsOn } from '../state/store.ts';

/** Who is told of alarms that nobody looks at, and whether the mail would come. */
export function NotificationsView() {
  const [asks, setAsks] = useState(0);
  const read = useAnswer<NotifyView>('/v1/notify', asks);
  return (
    <>
      <div class="place">
        <h1 tabIndex={-1}>Notifications</h1>
      </div>
      <Panel title="Mail" class="wide">
        {read.state === 'loading' && <Waiting what="the settings" />}
        {read.state === 'bad' && <Problem problem={read.problem} />}
        {read.state === 'good' && <Mail mail={read.value.mail} onSent={() => setAsks(asks + 1)} />}
      </Panel>
    </>
  );
}

function Mail({ mail, onSent }: { mail: NotifyView['mail']; onSent: () => void }) {
  if (mail === null)
    return (
      <p class="muted waiting">
        No mail server is configured: alarms stay on this page. See notify.mail in the configuration of the cloud.
      </p>
    );
  const { server, from, to, priority, escalateTo, escalateAfterMin, quietHours, isQuiet, waiting, sentAt } = mail;
  return (
    <>
      <Facts
        rows={[
          ['Mail server', server],
          ['From', from],
          ['Told first', to.join(', ')],
          ['What', priority === 1 ? 'priority 1' : 'priority 1 and 2'],
          [
            'Where nobody acknowledges',
            escalateTo.length === 0 ? 'nobody else' : `${escalateTo.join(', ')}, after ${escalateAfterMin} min`,
          ],
          [
            'Quiet hours',
            quietHours === null
              ? 'none'
              : `${quietHours.from} to ${quietHours.to}${isQuiet ? ', now' : ''}; priority 1 breaks through`,
          ],
          ['Waiting', waiting === 0 ? 'nothing' : String(waiting)],
          [
            'Last sent',
            sentAt === null ? 'nothing since the start' : `${day(sentAt, zone())} ${clockSeconds(sentAt, zone())}`,
          ],
          mail.fault === null ? null : ['Last fault', <span class="strong">{mail.fault}</span>],
        ]}
      />
      <TestButton onSent={onSent} />
    </>
  );
}

function TestButton({ onSent }: { onSent: () => void }) {
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<Answer<TestMailView> | null>(null);
  const send = async (): Promise<void> => {
    setBusy(true);
    setAnswer(await sendJson<TestMailView>('POST', '/v1/notify/mail/test'));
    setBusy(false);
    onSent();
  };
  return (
    <div class="row test-mail">
      <button
        type="button"
        class="big primary"
        disabled={busy || !controlsOn.value || !may('operate')}
        onClick={() => void send()}
      >
        Send a test mail
      </button>
      {answer?.state === 'good' && (
        <p role="status">
          {`The mail server has taken it for ${answer.value.accepted.join(', ')}.`}
          {answer.value.rejected.length > 0 && ` It refuses ${answer.value.rejected.join(', ')}.`}
        </p>
      )}
      {answer?.state === 'bad' && <Problem problem={answer.problem} />}
    </div>
  );
}
