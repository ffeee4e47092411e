import { useState } from 'preact/hooks';
import type { GatewayView } from '../../../../shared/contracts/view.ts';
import { duration, milliseconds, number, words } from '../lib/format.ts';
import { freshnessOf } from '../lib/staleness.ts';
import { Panel, Waiting } from '../parts/layout.tsx';
import { LinkMark, PriorityMark } from '../parts/marks.tsx';
import { may } from '../state/session.ts';
import { gateways, moment } from '../state/store.ts';
import {
  backlogText,
  deviceLight,
  devicesSeen,
  frameAgeMs,
  GatewayFacts,
  linkState,
  reportIsStale,
} from './gateway-facts.tsx';
import type { Screen } from '../lib/screen.ts';
import { t, translate } from '../words/t.ts';
import { ColumnHeads } from '../parts/column-heads.tsx';

export const screen: Screen = {
  path: '/gateways',
  title: 'Gateways',
  Component: GatewaysScreen,
  section: 'Gateways',
  gateways: () => 'all',
  entries: [{ menu: 'main', text: 'Gateways', at: 40 }],
};

/** Shows each aspect of a gateway separately, never a single light for all. */
function GatewaysScreen() {
  const all = gateways.value;
  const [chosen, setChosen] = useState<string | null>(null);
  // On a narrow screen the details of the chosen gateway are below the list.
  const choose = (id: string): void => {
    setChosen(id);
    document.querySelector('.chosen-gateway')?.scrollIntoView({ block: 'nearest' });
  };
  const shown = all.find(({ id }) => id === chosen) ?? all.find((gateway) => linkState(gateway) !== 'up') ?? all[0];
  return (
    <>
      <div class="place">
        <h1 tabIndex={-1}>{t('Gateways')}</h1>
        <a href="/models">{t('Models')}</a>
        {may('quarantine:read') && <a href="/quarantine">{t('Quarantine')}</a>}
      </div>
      {shown === undefined ? (
        <Waiting what={t('the gateways')} />
      ) : (
        <div class="with-side">
          <Panel title={t('{all, plural, one {# gateway} other {# gateways}}', { all: all.length })}>
            <div class="scroll" tabIndex={0} role="group" aria-label={t('Gateways')}>
              <GatewayTable all={all} shown={shown.id} onChoose={choose} />
            </div>
          </Panel>
          <Panel
            title={shown.id}
            class="chosen-gateway"
            aside={<a href={`/substations/${shown.substation}`}>{t('Substation')}</a>}
          >
            <GatewayFacts gateway={shown} />
          </Panel>
        </div>
      )}
    </>
  );
}

function GatewayTable({
  all,
  shown,
  onChoose,
}: {
  all: readonly GatewayView[];
  shown: string;
  onChoose: (id: string) => void;
}) {
  const columns = [
    t('Gateway'),
    t('Cloud'),
    t('Devices'),
    t('Newest frame'),
    t('Backlog'),
    t('Missing'),
    t('Rung'),
    t('Guard'),
    t('Plan'),
    t('Model'),
    t('Cycle late p99'),
    t('Clock offset'),
  ];
  const numeric = [t('Newest frame'), t('Missing'), t('Plan'), t('Cycle late p99'), t('Clock offset')];
  return (
    <table class="data gateways card-rows pairs">
      <thead>
        <ColumnHeads names={columns} numeric={numeric} />
      </thead>
      <tbody>
        {all.map((gateway) => (
          <Row key={gateway.id} gateway={gateway} shown={gateway.id === shown} onChoose={onChoose} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ gateway, shown, onChoose }: { gateway: GatewayView; shown: boolean; onChoose: (id: string) => void }) {
  const { id, link, ledger, health } = gateway;
  const frameAge = frameAgeMs(gateway);
  const { up, all } = devicesSeen(gateway);
  const old = freshnessOf(link.lastFrame, moment.value) !== 'fresh';
  const report = reportIsStale(gateway) ? 'is-stale' : '';
  const unknown = <span class="unknown">{t('unknown')}</span>;
  return (
    <tr class={shown ? 'chosen' : ''}>
      <th scope="row">
        <button type="button" class="text row-link" aria-pressed={shown} onClick={() => onChoose(id)}>
          {id}
        </button>
      </th>
      <td data-name={t('Cloud')}>
        <span class="link-cell">
          <LinkMark state={linkState(gateway)} />
          {translate(link.state)}
        </span>
      </td>
      <td class={report} data-name={t('Devices')}>
        <span class="link-cell">
          <LinkMark state={deviceLight(gateway)} />
          {all === 0 ? t('unknown') : t('{up} of {all}', { up, all })}
        </span>
      </td>
      <td class={`num${old ? ' is-stale' : ''}`} data-name={t('Newest frame')}>
        {frameAge === null ? t('never') : duration(frameAge)}
      </td>
      <td class={report} data-name={t('Backlog')}>
        {health === null ? unknown : backlogText(gateway)}
      </td>
      <td class={`num${ledger.missingFrames > 0 ? ' strong' : ''}`} data-name={t('Missing')}>
        {number(ledger.missingFrames)}
      </td>
      <td class={report} data-name={t('Rung')}>
        {health === null ? unknown : health.rung === 'plan' ? t('plan') : <b class="strong">{words(health.rung)}</b>}
      </td>
      <td class={report} data-name={t('Guard')}>
        {health === null ? unknown : <Guard health={health} />}
      </td>
      <td class={`num ${report}`} data-name={t('Plan')}>
        {health === null ? unknown : `${health.plan.epoch}.${health.plan.sequence}`}
      </td>
      <td class={report} data-name={t('Model')}>
        {health === null ? (
          unknown
        ) : health.model.state === 'active' ? (
          t('active')
        ) : (
          <b class="strong">{words(health.model.state)}</b>
        )}
      </td>
      <td class={`num ${report}`} data-name={t('Cycle late p99')}>
        {health === null ? unknown : milliseconds(health.cycle.lateP99Ms)}
      </td>
      <td class={`num ${report}`} data-name={t('Clock offset')}>
        {health === null ? (
          unknown
        ) : health.clock.quality === 'good' ? (
          milliseconds(health.clock.offsetMs)
        ) : (
          <b class="strong">{t('{offset}, uncertain', { offset: milliseconds(health.clock.offsetMs) })}</b>
        )}
      </td>
    </tr>
  );
}

const Guard = ({ health }: { health: NonNullable<GatewayView['health']> }) =>
  health.guard.active ? (
    <b class="strong link-cell">
      <PriorityMark level={2} label={t('guard acts')} />
      {`${number(health.guard.reliefKw)} kW`}
    </b>
  ) : (
    <span class="muted">{t('at rest')}</span>
  );
