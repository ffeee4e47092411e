import { goesOutLocked } from '../../../../shared/contracts/critical-act.ts';
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Act, DevicePageView, DeviceRowView } from '../../../../shared/contracts/desk.ts';
import { lastSetText } from '../lib/control-words.ts';
import { near } from '../lib/zone.ts';
import { zone } from '../state/settings.ts';
import { duration, kw, words } from '../lib/format.ts';
import { ActDialog } from '../parts/act-dialog.tsx';
import { DeviceIncidents, Relieves } from '../parts/device-incidents.tsx';
import { SearchField } from '../parts/fields.tsx';
import { Panel, Problem, Waiting } from '../parts/layout.tsx';
import { DeviceGlyph, LinkMark } from '../parts/marks.tsx';
import { Pages, usePaged } from '../parts/pages.tsx';
import { SetpointDialog, type SetpointTarget } from '../parts/setpoint-dialog.tsx';
import { Value } from '../parts/value.tsx';
import { useAnswer } from '../state/api.ts';
import { commandTurn } from '../state/commands.ts';
import { whyOff } from '../state/controls.ts';
import { moment, tick } from '../state/store.ts';
import type { Screen } from '../lib/screen.ts';
import { t, translate } from '../words/t.ts';

export const screen: Screen = {
  path: '/devices',
  title: 'Devices',
  Component: DevicesScreen,
  section: 'Devices',
  entries: [{ menu: 'main', text: 'Devices', at: 20 }],
};

/** On a phone a device takes the space of ten lines. */
const PAGE = matchMedia('(max-width: 720px)').matches ? 12 : 50;
const AGAIN_MS = 5_000;
const QUIET_MS = 250;
const TYPES = ['battery', 'pv-inverter', 'ev-site', 'flexible-load', 'tap-changer', 'capacitor-bank', 'meter'];
const STATES = ['override', 'manual', 'limited', 'stopped', 'tagged', 'stale', 'unknown'];

/** Every device of the region, searched and paged on the server. */
function DevicesScreen() {
  const [query, setQuery] = useState(() => new URLSearchParams(location.search).get('q') ?? '');
  const [type, setType] = useState('');
  const [state, setState] = useState('');
  const paged = usePaged();
  const [open, setOpen] = useState<SetpointTarget | null>(null);
  const [act, setAct] = useState<Act | null>(null);
  const asked = usePaused(query);
  useEffect(paged.toFirst, [asked, type, state]);
  const path = pathOf({ q: asked, type, state, cursor: paged.cursor ?? '' });
  const turn = Math.floor(tick.value / AGAIN_MS) + commandTurn.value;
  const answer = useAnswer<DevicePageView>(path, turn);
  const rows = answer.state === 'good' ? answer.value.items : [];
  const next = answer.state === 'good' ? answer.value.nextCursor : null;
  return (
    <>
      <div class="place">
        <h1 tabIndex={-1}>{t('Devices')}</h1>
      </div>
      <Panel
        title={
          answer.state === 'good'
            ? t('{count, plural, one {# device} other {# devices}}', { count: answer.value.total })
            : t('Devices')
        }
        label={t('Devices')}
        aside={
          <search class="row filters">
            <SearchField
              label={t('Search devices')}
              placeholder={t('Name, id, feeder, substation')}
              value={query}
              onText={setQuery}
            />
            <Choice label={t('Kind')} value={type} choices={TYPES} onChoose={setType} />
            <Choice label={t('State')} value={state} choices={STATES} onChoose={setState} />
          </search>
        }
      >
        {answer.state === 'loading' && <Waiting what={t('the devices')} />}
        {answer.state === 'bad' && <Problem problem={answer.problem} />}
        {answer.state === 'good' && <DeviceTable rows={answer.value.items} onOpen={setOpen} onAct={setAct} />}
        {(answer.state === 'good' || paged.before > 0) && (
          <Pages
            from={paged.before * PAGE}
            shown={rows.length}
            total={answer.state === 'good' ? answer.value.total : null}
            onBack={paged.onBack}
            onNext={paged.onTo(next)}
          />
        )}
      </Panel>
      {act !== null && (
        <ActDialog
          act={act}
          feeder={rows.find(({ id }) => act.target === `device:${id}`)?.feeder}
          onClose={() => setAct(null)}
        />
      )}
      {open !== null && <SetpointDialog target={open} onClose={() => setOpen(null)} />}
    </>
  );
}

function pathOf(query: Readonly<Record<string, string>>): string {
  const set = Object.entries(query).filter(([, value]) => value !== '');
  return `/v1/devices?${new URLSearchParams([...set, ['limit', String(PAGE)]])}`;
}

function usePaused(text: string): string {
  const [paused, setPaused] = useState(text);
  useEffect(() => {
    const timer = window.setTimeout(() => setPaused(text), QUIET_MS);
    return () => window.clearTimeout(timer);
  }, [text]);
  return paused;
}

function Choice({
  label,
  value,
  choices,
  onChoose,
}: {
  label: string;
  value: string;
  choices: readonly string[];
  onChoose: (value: string) => void;
}) {
  return (
    <label>
      <span class="unseen">{label}</span>
      <select value={value} onChange={({ currentTarget }) => onChoose(currentTarget.value)}>
        <option value="">{t('{label}: any', { label })}</option>
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {words(choice)}
          </option>
        ))}
      </select>
    </label>
  );
}

interface TableProps {
  readonly onOpen: (target: SetpointTarget) => void;
  readonly onAct: (act: Act) => void;
}

function DeviceTable({ rows, onOpen, onAct }: TableProps & { readonly rows: readonly DeviceRowView[] }) {
  const [chosen, setChosen] = useState('');
  if (rows.length === 0)
    return <p class="muted waiting">{t('No device matches. Shorten the search, or remove a filter.')}</p>;
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={t('Devices')}>
      <table class="data devices card-rows pairs">
        <thead>
          <tr>
            <th scope="col">{t('Device')}</th>
            <th scope="col">{t('Feeder')}</th>
            <th scope="col" class="num">
              {t('Power, kW')}
            </th>
            <th scope="col" class="num">
              {t('Setpoint, kW')}
            </th>
            <th scope="col">{t('Set by')}</th>
            <th scope="col">{t('Limited by')}</th>
            <th scope="col">{t('Envelope, kW')}</th>
            <th scope="col">{t('Last seen')}</th>
            <th scope="col">{t('Links')}</th>
            <th scope="col">
              <span class="unseen">{t('Incidents')}</span>
            </th>
            <th scope="col" class="row-acts-head">
              <span class="unseen">{t('Act')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Row key={row.id} row={row}>
              {row.takes.length === 0 ? null : row.id === chosen || rows.length === 1 ? (
                <RowActs row={row} onOpen={onOpen} onAct={onAct} onLeave={() => setChosen('')} />
              ) : (
                <button type="button" class="quiet" aria-expanded="false" onClick={() => setChosen(row.id)}>
                  {t('Act')}
                  <span class="unseen">{` ${t('on {name}, {id}', { name: row.name, id: row.id })}`}</span>
                </button>
              )}
            </Row>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const isByHand = (source: string): boolean => source === 'override' || source === 'local-manual';

function Row({ row, children }: { readonly row: DeviceRowView; readonly children: ComponentChildren }) {
  const { now } = moment.value;
  const old = row.gatewayLink === 'up' ? '' : 'is-stale';
  return (
    <tr>
      <th scope="row">
        <DeviceGlyph type={row.type} />
        {row.name} <span class="tag">{row.id}</span>
      </th>
      <td data-name={t('Feeder')}>
        <a href={row.feeder === row.substation ? `/substations/${row.feeder}` : `/feeders/${row.feeder}`}>
          {row.feeder}
        </a>
      </td>
      <td class="num" data-name={t('Power, kW')}>
        {row.type === 'tap-changer' ? (
          <span class="muted">{t('none')}</span>
        ) : (
          <Value value={row.activePowerKw} series={`${row.id}/activePowerKw`} />
        )}
      </td>
      <td class={`num ${old}`} data-name={t('Setpoint, kW')}>
        {row.source === 'unknown' ? <Unknown /> : row.setpointKw === null ? <None /> : kw(row.setpointKw)}
      </td>
      <td class={`${isByHand(row.source) ? 'strong' : ''} ${old}`} data-name={t('Set by')}>
        {lastSetText(row.lastSet, (at) => near(at, now, zone())) ?? words(row.source)}{' '}
        {row.override !== null && (
          <span class="tag">
            {t('{user}, {expiresAt} left', {
              user: row.override.user,
              expiresAt: duration(row.override.expiresAt - now),
            })}
          </span>
        )}
        {row.stopped === true && <span class="flag">{t('stopped')}</span>}{' '}
        {row.tagged === true && <span class="flag">{t('tagged')}</span>}
      </td>
      <td class={old} data-name={t('Limited by')}>
        {row.limitedBy === null ? <None /> : translate(row.limitedBy)}
        <Relieves {...row} />
      </td>
      <td class={old} data-name={t('Envelope, kW')}>
        {row.envelope === null ? (
          <Unknown />
        ) : (
          <>
            {t('{least} to {most}', { least: kw(row.envelope.minKw), most: kw(row.envelope.maxKw) })}{' '}
            <span class="tag">{row.envelope.by}</span>
          </>
        )}
      </td>
      <td class={old} data-name={t('Last seen')}>
        {row.lastSeen === null ? <Unknown /> : t('{now} ago', { now: duration(now - row.lastSeen) })}
      </td>
      <td class={old} data-name={t('Links')}>
        <span
          class="link-cell"
          title={t('cloud to gateway {gatewayLink}, gateway to device {link}', {
            gatewayLink: translate(row.gatewayLink),
            link: translate(row.link),
          })}
        >
          <LinkMark state={row.gatewayLink === 'up' ? 'up' : row.gatewayLink === 'down' ? 'down' : 'unknown'} />
          <LinkMark state={row.link === 'up' ? 'up' : row.link === 'stale' ? 'part' : 'unknown'} />
          <span class="unseen">{`${t('cloud to gateway {link}, gateway to device', { link: translate(row.gatewayLink) })} `}</span>
          {translate(row.link)}
        </span>
      </td>
      <td>
        <DeviceIncidents {...row} />
      </td>
      <td class="desk-acts">{children}</td>
    </tr>
  );
}

/**
 * Acts on a device. Until a row is chosen it has a single control, because fifty rows with all controls are hard to navigate with a screen
 * reader.
 */
function RowActs({ row, onOpen, onAct, onLeave }: TableProps & { row: DeviceRowView; onLeave: () => void }) {
  const { id, name, gateway, device } = row;
  const button = (text: string, kind: 'stop' | 'resume' | 'tag' | 'untag') => (
    <button
      type="button"
      class="quiet"
      disabled={whyOff(goesOutLocked({ kind })) !== undefined}
      title={whyOff(goesOutLocked({ kind }))}
      onClick={() => onAct({ kind, target: `device:${id}` })}
    >
      {text}
      <span class="unseen">{` ${id}`}</span>
    </button>
  );
  return (
    <span
      class="row-acts"
      role="group"
      aria-label={t('Act on {name}, {id}', { name, id })}
      onKeyDown={({ key }) => key === 'Escape' && onLeave()}
    >
      <button type="button" class="quiet" onClick={() => onOpen({ gateway, device })}>
        {t('Setpoint')}
        <span class="unseen">{` ${t('of {name}, {id}', { name, id })}`}</span>
      </button>
      {row.stopped === true ? button(t('Lift stop'), 'resume') : button(t('Stop'), 'stop')}
      {row.tagged === true ? button(t('Untag'), 'untag') : button(t('Tag'), 'tag')}
    </span>
  );
}

const None = () => <span class="muted">{t('none')}</span>;
const Unknown = () => <span class="unknown">{t('unknown')}</span>;
