import { useState } from 'preact/hooks';
import type { GatewayView } from '../../../../shared/contracts/view.ts';
import { duration, milliseconds, number, words } from '../lib/format.ts';
import { freshnessOf } from '../lib/staleness.ts';
import { Panel, Waiting } from '../parts/layout.tsx';
import { LinkMark, PriorityMark } from '../parts/marks.tsx';
import { may } from '../state/session.ts';
import { cloudLink } from '../state/stream.ts';
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

export const screen: Screen = {
  path: '/gateways',
  title: 'Gateways',
  Component: GatewaysScreen,
  section: 'Gateways',
  gateways: () => 'all',
  entries: [{ menu: 'main', text: 'Gateways', at: 40 }],
};

/** Each thing of a gateway apart: never one light from one socket. */
function GatewaysScreen() {
  const all = gateways.value;
  const [chosen, setChosen] = useState<string | null>(null);
  // On a narrow screen what is told of the chosen one stands below the others.
  const choose = (id: string): void => {
    setChosen(id);
    document.querySelector('.chosen-gateway')?.scrollIntoView({ block: 'nearest' });
  };
  const shown = all.find(({ id }) => id === chosen) ?? all.find((gateway) => linkState(gateway) !== 'up') ?? all[0];
  return (
    <>
      <div class="place">
        <h1 tabIndex={-1}>Gateways</h1>
        <a href="/models">Models</a>
        {may('quarantine:read') && <a href="/quarantine">Quarantine</a>}
      </div>
      {shown === undefined ? (
        <Waiting what="the gateways" />
      ) : (
        <div class="with-side">
          <Panel title={`${all.length} gateways`}>
            <div class="scroll" tabIndex={0} role="group" aria-label="Gateways">
              <GatewayTable all={all} shown={shown.id} onChoose={choose} />
            </div>
          </Panel>
          <Panel
            title={shown.id}
            class="chosen-gateway"
            aside={<a href={`/substations/${shown.substation}`}>Substation</a>}
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
    'Gateway',
    'Cloud',
    'Devices',
    'Newest frame',
    'Backlog',
    'Missing',
    'Rung',
    'Guard',
    'Plan',
    'Model',
    'Cycle late p99',
    'Clock offset',
  ];
  const numeric = ['Newest frame', 'Missing', 'Plan', 'Cycle late p99', 'Clock offset'];
  return (
    <table class="data gateways card-rows pairs">
      <thead>
        <tr>
          {columns.map((name) => (
            <th scope="col" key={name} class={numeric.includes(name) ? 'num' : ''}>
              {name}
            </th>
          ))}
        </tr>
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
  const report = reportIsStale(gateway) || cloudLink.value === 'lost' ? 'is-stale' : '';
  const unknown = <span class="unknown">unknown</span>;
  return (
    <tr class={shown ? 'chosen' : ''}>
      <th scope="row">
        <button type="button" class="text row-link" aria-pressed={shown} onClick={() => onChoose(id)}>
          {id}
        </button>
      </th>
      <td data-name="Cloud">
        <span class="link-cell">
          <LinkMark state={linkState(gateway)} />
          {link.state}
        </span>
      </td>
      <td class={report} data-name="Devices">
        <span class="link-cell">
          <LinkMark state={deviceLight(gateway)} />
          {all === 0 ? 'unknown' : `${up} of ${all}`}
        </span>
      </td>
      <td class={`num${old ? ' is-stale' : ''}`} data-name="Newest frame">
        {frameAge === null ? 'never' : duration(frameAge)}
      </td>
      <td class={report} data-name="Backlog">
        {health === null ? unknown : backlogText(gateway)}
      </td>
      <td class={`num${ledger.missingFrames > 0 ? ' strong' : ''}`} data-name="Missing">
        {number(ledger.missingFrames)}
      </td>
      <td class={report} data-name="Rung">
        {health === null ? unknown : health.rung === 'plan' ? 'plan' : <b class="strong">{words(health.rung)}</b>}
      </td>
      <td class={report} data-name="Guard">
        {health === null ? unknown : <Guard health={health} />}
      </td>
      <td class={`num ${report}`} data-name="Plan">
        {health === null ? unknown : `${health.plan.epoch}.${health.plan.sequence}`}
      </td>
      <td class={report} data-name="Model">
        {health === null ? (
          unknown
        ) : health.model.state === 'active' ? (
          'active'
        ) : (
          <b class="strong">{words(health.model.state)}</b>
        )}
      </td>
      <td class={`num ${report}`} data-name="Cycle late p99">
        {health === null ? unknown : milliseconds(health.cycle.lateP99Ms)}
      </td>
      <td class={`num ${report}`} data-name="Clock offset">
        {health === null ? (
          unknown
        ) : health.clock.quality === 'good' ? (
          milliseconds(health.clock.offsetMs)
        ) : (
          <b class="strong">{`${milliseconds(health.clock.offsetMs)}, uncertain`}</b>
        )}
      </td>
    </tr>
  );
}

const Guard = ({ health }: { health: NonNullable<GatewayView['health']> }) =>
  health.guard.active ? (
    <b class="strong link-cell">
      <PriorityMark level={2} label="guard acts" />
      {`${number(health.guard.reliefKw)} kW`}
    </b>
  ) : (
    <span class="muted">at rest</span>
  );
