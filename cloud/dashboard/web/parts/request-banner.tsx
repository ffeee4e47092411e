import type { ApprovalView } from '../../../../shared/contracts/desk.ts';
import { actWords } from '../lib/acts.ts';
import { duration } from '../lib/format.ts';
import { useAnswer } from '../state/api.ts';
import { commandTurn } from '../state/commands.ts';
import { route } from '../state/route.ts';
import { may, session } from '../state/session.ts';
import { tick } from '../state/store.ts';
import { cloudLink } from '../state/stream.ts';
import { PriorityMark } from './marks.tsx';
import { t } from '../words/t.ts';

const AGAIN_MS = 10_000;

/**
 * An act of somebody else that needs a second person, shown on every screen of those who may approve it, because it expires within minutes.
 */
export function RequestBanner() {
  const me = session.value?.user?.name;
  // While the cloud is lost, nobody knows whether the request still waits.
  const asks = cloudLink.value === 'up' && may('operate') && me !== undefined;
  const turn = Math.floor(tick.value / AGAIN_MS) + commandTurn.value;
  const answer = useAnswer<{ items: ApprovalView[] }>(asks ? '/v1/approvals' : null, turn);
  const items = asks && answer.state === 'good' ? answer.value.items : [];
  const waiting = items.filter(({ state, user }) => state === 'waiting' && user !== me);
  const first = waiting.at(-1);
  const { screen } = route.value;
  if (first === undefined || screen === 'desk' || screen === 'login') return null;
  const more =
    waiting.length === 1
      ? ''
      : ` ${t('{waiting, plural, one {# more waits.} other {# more wait.}}', { waiting: waiting.length - 1 })}`;
  return (
    <section class="alarm-banner" aria-label={t('Asked of a second person')}>
      <PriorityMark level={3} label={t('waits for you')} />
      <p role="status">
        {t('{user} asks a second person: {title}, {reason}. Void in {time}.{more}', {
          user: first.user,
          title: actWords(first.act).title,
          reason: first.reason,
          time: duration(first.expiresInMs),
          more,
        })}
      </p>
      <div class="row">
        <a href="/desk?show=requests" class="button">
          {t('Decide')}
        </a>
      </div>
    </section>
  );
}
