import { useState } from 'preact/hooks';
import type { ChannelView, NotifyView, TestMessageView } from '../../../../shared/contracts/notify.ts';
import { clockSeconds, day } from '../lib/zone.ts';
import { Facts, Panel, Problem, Waiting } from '../parts/layout.tsx';
import { sendJson, useAnswer, type Answer } from '../state/api.ts';
import { whyOff } from '../state/controls.ts';
import { LANGUAGES, zone } from '../state/settings.ts';
import { t } from '../words/t.ts';

/** Who is notified of unacknowledged alarms, and whether messages get through. */
export function NotificationsView() {
  const [asks, setAsks] = useState(0);
  const read = useAnswer<NotifyView>('/v1/notify', asks);
  const onSent = (): void => setAsks(asks + 1);
  return (
    <>
      <div class="place">
        <h1 tabIndex={-1}>{t('Notifications')}</h1>
      </div>
      <Panel title={t('Mail')} class="wide">
        {read.state === 'loading' && <Waiting what={t('the settings')} />}
        {read.state === 'bad' && <Problem problem={read.problem} />}
        {read.state === 'good' && <Mail mail={read.value.mail} onSent={onSent} />}
      </Panel>
      {read.state === 'good' &&
        read.value.webhooks.map((each) => (
          <Panel key={each.name} title={t('Webhook {name}', { name: each.name })} class="wide">
            <Webhook webhook={each} onSent={onSent} />
          </Panel>
        ))}
      {read.state === 'good' && read.value.webhooks.length === 0 && (
        <Panel title={t('Webhooks')} class="wide">
          <p class="muted waiting">
            {t('No webhook for alarms is configured. See notify.webhooks in the configuration of the cloud.')}
          </p>
        </Panel>
      )}
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
  const withLanguage = (addresses: readonly string[]): string =>
    addresses.map((each) => `${each} (${LANGUAGES[mail.languages[each] ?? 'en']})`).join(', ');
  return (
    <>
      <Facts
        rows={[
          [t('Mail server'), mail.server],
          [t('From'), mail.from],
          ...rulesOf(mail, withLanguage(mail.to), withLanguage(mail.escalateTo)),
        ]}
      />
      <TestButton
        path="/v1/notify/mail/test"
        says={t('Send a test mail')}
        taken={(accepted) => t('The mail server has taken it for {accepted}.', { accepted })}
        onSent={onSent}
      />
    </>
  );
}

function Webhook({ webhook, onSent }: { webhook: NotifyView['webhooks'][number]; onSent: () => void }) {
  const { name, receiver, escalateTo, language } = webhook;
  return (
    <>
      <Facts rows={rulesOf(webhook, `${receiver} (${LANGUAGES[language]})`, escalateTo ?? '')} />
      <TestButton
        path={`/v1/notify/webhooks/${name}/test`}
        says={t('Send a test message')}
        taken={(accepted) => t('Taken by {accepted}.', { accepted })}
        onSent={onSent}
      />
    </>
  );
}

type Rows = Parameters<typeof Facts>[0]['rows'];

/** Rules and state of a channel. `next` is empty if nobody is notified later. */
function rulesOf(channel: ChannelView, first: string, next: string): Rows {
  const { priority, escalateAfterMin, quietHours, isQuiet, waiting, sentAt, fault } = channel;
  return [
    [t('Notified first'), first],
    [t('What'), priority === 1 ? t('priority 1') : t('priority 1 and 2')],
    [
      t('If nobody acknowledges'),
      next === '' ? t('nobody else') : t('{to}, after {minutes} min', { to: next, minutes: escalateAfterMin }),
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
    fault === null ? null : [t('Last fault'), <span class="strong">{fault}</span>],
  ];
}

interface TestButtonProps {
  readonly path: string;
  readonly says: string;
  /** Text of who was reached. */
  readonly taken: (accepted: string) => string;
  readonly onSent: () => void;
}

function TestButton({ path, says, taken, onSent }: TestButtonProps) {
  const [busy, setBusy] = useState(false);
  const [answer, setAnswer] = useState<Answer<TestMessageView> | null>(null);
  const send = async (): Promise<void> => {
    setBusy(true);
    setAnswer(await sendJson<TestMessageView>('POST', path));
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
        {says}
      </button>
      {answer?.state === 'good' && (
        <p role="status">
          {taken(answer.value.accepted.join(', '))}
          {answer.value.rejected.length > 0 &&
            ` ${t('It refuses {rejected}.', { rejected: answer.value.rejected.join(', ') })}`}
        </p>
      )}
      {answer?.state === 'bad' && <Problem problem={answer.problem} />}
    </div>
  );
}
