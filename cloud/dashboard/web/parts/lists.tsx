import type { AlarmView } from '../../../../shared/contracts/alarm.ts';
import type { MeterFindingView, SubstationView } from '../../../../shared/contracts/view.ts';
import { isOpen } from '../lib/alarms.ts';
import { words } from '../lib/format.ts';
import { near } from '../lib/zone.ts';
import { zone } from '../state/settings.ts';
import { shownMoment } from '../state/shown.ts';
import { moment } from '../state/store.ts';
import { AlarmSaid } from './alarm-said.tsx';
import { PriorityMark } from './marks.tsx';
import { saidIn, t } from '../words/t.ts';

export function AlarmList({ alarms: list }: { alarms: readonly AlarmView[] }) {
  if (list.length === 0) return <p class="muted waiting">{t('No alarm stands.')}</p>;
  return (
    <ul class="alarm-list" tabIndex={0} aria-label={t('Standing alarms')}>
      {list.map((alarm) => (
        <li key={alarm.id} class={alarm.active ? '' : 'gone'}>
          <PriorityMark level={alarm.priority} hollow={alarm.state !== 'unacknowledged'} />
          <time>{alarm.raisedAt === null ? '' : near(alarm.raisedAt, moment.value.now, zone())}</time>
          <span class="tag">{alarm.source}</span>
          <a class={`alarm-text${isOpen(alarm) ? ' strong' : ''}`} href={alarm.control}>
            <AlarmSaid alarm={alarm} />
          </a>
        </li>
      ))}
    </ul>
  );
}

const findingOf = ({ code, text, parameters = {} }: MeterFindingView): string =>
  saidIn(text, code === undefined ? [] : [{ code, text, parameters }]);

export function Findings({ substations }: { substations: readonly SubstationView[] }) {
  const found = substations.flatMap((substation) => substation.findings.map((finding) => ({ substation, finding })));
  if (found.length === 0) return <p class="muted waiting">{t('Every meter fits the others.')}</p>;
  return (
    <ul class="finding-list" tabIndex={0} aria-label={t('Meters found wrong')}>
      {found.map(({ substation, finding }) => (
        <li key={`${substation.id}${finding.device}`}>
          <b>{`${substation.id.toUpperCase()} ${finding.device}: ${words(finding.finding)}`}</b>
          <span class="muted">{t('since {since}', { since: near(finding.since, shownMoment.value.now, zone()) })}</span>
          <p>{findingOf(finding)}</p>
        </li>
      ))}
    </ul>
  );
}
