import { useState } from 'preact/hooks';
import type { NotifyView, TestMailView } from '../../../../shared/contracts/notify.ts';
import { clockSeconds, day } from '../lib/zone.ts';
import { Facts, Panel, Problem, Waiting } from '../parts/layout.tsx';
import { sendJson, useAnswer, type Answer } from '../state/api.ts';
import { whyOff } from '../state/controls.ts';
import { LANGUAGES, zone } from '../state/settings.ts';
import { t } from '../words/t.ts';

/** Who is told of alarms that nobody looks at, and whether the mail would come. */
export function NotificationsView() {
  const [asks, setAsks] = useState(0);
  const read = useAnswer<NotifyView>('/v1/notify', asks);
  return (
    <>
      <div class="place">
        <h1 tabIndex={-1}>{t('Notifications')}</h1>
      </div>
      <Panel title={t('Mail')} class="wide">
        {read.state === 'loading' && <Waiting what={t('the settings')} />}
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
        {t(
          'No mail server is configured: alarms stay on this page. See notify.mail in the configuration of the cloud.',
        )}
      </p>
    );
  const { server, from, to, priority, escalateTo, escalateAfterMin, quietHours, isQuiet, waiting, sentAt } = mail;
  const withLanguage = (addresses: readonly string[]): string =>
    addresses.map((each) => `${each} (${LANGUAGES[mail.languages[each] ?? 'en']})`).join(', ');
  return (
    <>
      <Facts
        rows={[
          [t('Mail server'), server],
          [t('From'), from],
          [t('Told first'), withLanguage(to)],
          [t('What'), priority === 1 ? t('priority 1') : t('priority 1 and 2')],
          [
            t('Where nobody acknowledges'),
            escalateTo.length === 0
              ? t('nobody else')
              : t('{to}, after {minutes} min', {
                  to: withLanguage(escalateTo),
                  minutes: escalateAfterMin,
                }),
          ],
          [
            t('Quiet hours'),
            quietHours === null
              ? t('none')
              : t('{from} to {to}{quiet}; priority 1 breaks through', {
                  from: quietHours.from,
                  to: quietHours.to,
                  quiet: isQuiet ? t(', now') : '',
                }),
          ],
          [t('Waiting'), waiting === 0 ? t('nothing') : String(waiting)],
          [
            t('Last sent'),
            sentAt === null ? t('nothing since the start') : `${day(sentAt, zone())} ${clockSeconds(sentAt, zone())}`,
          ],
          mail.fault === null ? null : [t('Last fault'), <span class="strong">{mail.fault}</span>],
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
        disabled={busy || whyOff() !== undefined}
        title={whyOff()}
        onClick={() => void send()}
      >
        {t('Send a test mail')}
      </button>
      {answer?.state === 'good' && (
        <p role="status">
          {t('The mail server has taken it for {accepted}.', { accepted: answer.value.accepted.join(', ') })}
          {answer.value.rejected.length > 0 &&
            ` ${t('It refuses {rejected}.', { rejected: answer.value.rejected.join(', ') })}`}
        </p>
      )}
      {answer?.state === 'bad' && <Problem problem={answer.problem} />}
    </div>
  );
}
