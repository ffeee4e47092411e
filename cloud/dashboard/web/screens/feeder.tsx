import { useState } from 'preact/hooks';
import type { BusView, DeviceView, FeederView } from '../../../../shared/contracts/view.ts';
import { loadingLevel, powerLevel, voltageLevel, worst } from '../lib/assess.ts';
import { shortName } from '../lib/diagram-geometry.ts';
import { lastSetText } from '../lib/control-words.ts';
import { near } from '../lib/zone.ts';
import { zone } from '../state/settings.ts';
import { shownMoment } from '../state/shown.ts';
import { kw, percent, pu, sentence, words } from '../lib/format.ts';
import { deviceSeries, flowSeries, voltageSeries } from '../lib/series-names.ts';
import { LoadingBar } from '../parts/bars.tsx';
import { DeviceIncidents, Relieves } from '../parts/device-incidents.tsx';
import { Diagram, rootOf } from '../parts/diagram.tsx';
import { Panel, Problem, Waiting } from '../parts/layout.tsx';
import { DeviceGlyph, LinkMark, PriorityMark } from '../parts/marks.tsx';
import { HeadTrend } from '../parts/head-trend.tsx';
import { PlaceStories } from '../parts/story.tsx';
import { Recommendations } from '../parts/recommendations.tsx';
import { SetpointDialog } from '../parts/setpoint-dialog.tsx';
import { Value, VoltageRange } from '../parts/value.tsx';
import { useAnswer } from '../state/api.ts';
import { feeders, gateways, gatewaysOf, substationOf } from '../state/store.ts';
import { BusTable } from './bus-table.tsx';
import { Place } from './place.tsx';
import { SpikePanel } from './spike.tsx';
import type { Screen } from '../lib/screen.ts';
import { saidIn, t, translate } from '../words/t.ts';

export const screen: Screen = {
  path: '/feeders/:id',
  title: (id) => id,
  Component: FeederScreen,
  section: 'Overview',
  feeders: (id) => [id],
  gateways: gatewaysOf,
};

function FeederScreen({ id }: { id: string }) {
  const first = useAnswer<FeederView>(`/v1/view/feeders/${encodeURIComponent(id)}`);
  const view = feeders.value[id] ?? (first.state === 'good' ? first.value : undefined);
  return (
    <>
      <Place id={id} title={view?.name ?? id} />
      {view === undefined && first.state === 'bad' && <Problem problem={first.problem} />}
      {view === undefined && first.state === 'loading' && <Waiting what={t('the feeder')} />}
      {view !== undefined && <Feeder view={view} />}
    </>
  );
}

function Feeder({ view }: { view: FeederView }) {
  return (
    <>
      <PlaceStories substation={view.substation} feeder={view.id} />
      <HeadStrip view={view} />
      <DiagramPanel view={view} />
      {view.mode === 'manual' && <Recommendations view={view} />}
      <div class="with-side">
        <Panel title={t('Devices')}>
          <DeviceTable view={view} />
        </Panel>
        <SpikePanel feeder={view.id} />
      </div>
    </>
  );
}

export function DiagramPanel({ view }: { view: FeederView }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const [table, setTable] = useState(false);
  const selected = chosen ?? worstBus(view) ?? rootOf(view) ?? view.buses[0]?.id ?? '';
  return (
    <Panel
      title={t('One-line diagram')}
      class="wide"
      aside={
        <>
          <Legend />
          <button type="button" class="quiet" aria-pressed={table} onClick={() => setTable(!table)}>
            {t('Table')}
          </button>
        </>
      }
    >
      <Selection view={view} bus={selected} />
      {table ? <BusTable view={view} /> : <Diagram view={view} selected={selected} onSelect={setChosen} />}
      <p class="muted foot">{t('Estimate from {time}.', { time: saidIn(view.estimateFrom, view.sentences) })}</p>
    </Panel>
  );
}

/** Returns the bus whose voltage is closest to a limit. */
function worstBus(view: FeederView): string | undefined {
  const room = ({ voltagePu: { value }, vMinPu, vMaxPu }: BusView): number =>
    value === null ? 9 : Math.min(value - vMinPu, vMaxPu - value);
  return [...view.buses].sort((a, b) => room(a) - room(b))[0]?.id;
}

export function HeadStrip({ view }: { view: FeederView }) {
  const { head, tapPosition, mode } = view;
  const { limits } = head;
  const power = head.activePowerKw.value;
  const level = worst(loadingLevel(head.loadingPct.value), limits === undefined ? null : powerLevel(power, limits));
  const limitKw = limits === undefined || power === null ? null : power < 0 ? limits.exportKw : limits.importKw;
  const known = view.buses.filter(({ voltagePu }) => voltagePu.value !== null);
  const [low, high] = [extreme(known, -1), extreme(known, 1)];
  return (
    <section class="strip" aria-label={t('State of the feeder')}>
      <div class="strip-item wide">
        <span class="strip-name">{t('Power at the head')}</span>
        <span class="strip-value">
          <Value value={head.activePowerKw} unit="kW" series={head.series} />
        </span>
        <LoadingBar value={head.loadingPct} label={t('Head')} />
        <span class="strip-note">
          {level !== null && <PriorityMark level={level} />}
          {limitKw !== null &&
            `${t('{share} % of its limit of {limit} kW', { share: percent((100 * Math.abs(power!)) / limitKw), limit: kw(limitKw) })}, `}
          {t('{loading} % of its rating', { loading: percent(head.loadingPct.value) })}
        </span>
      </div>
      {view.past !== true && (
        <div class="strip-item">
          <span class="strip-name">{t('Last 30 min')}</span>
          <HeadTrend view={view} width={190} height={44} />
        </div>
      )}
      <div class="strip-item">
        <span class="strip-name">{t('Voltage')}</span>
        <span class="strip-value">
          {low === undefined ? t('unknown') : <VoltageRange low={low.voltagePu} high={high!.voltagePu} unit="pu" />}
        </span>
        <span class="strip-note">
          {t('limits {least} to {most} pu', {
            least: pu(view.buses[0]?.vMinPu),
            most: pu(view.buses[0]?.vMaxPu),
          })}
        </span>
      </div>
      <div class="strip-item">
        <span class="strip-name">{t('Tap changer')}</span>
        <span class="strip-value">
          <Value
            value={tapPosition}
            format={(tap) => (tap === null ? t('unknown') : `${tap > 0 ? '+' : ''}${kw(tap)}`)}
          />
        </span>
        <span class="strip-note">{t('position, 0 is nominal')}</span>
      </div>
      <div class="strip-item">
        <span class="strip-name">{t('Mode')}</span>
        <span class="strip-value">{sentence(words(mode))}</span>
        <span class="strip-note">{modeNote(mode)}</span>
      </div>
    </section>
  );
}

const extreme = (buses: readonly BusView[], side: 1 | -1): BusView | undefined =>
  [...buses].sort((a, b) => side * (b.voltagePu.value! - a.voltagePu.value!))[0];

function modeNote(mode: FeederView['mode']): string {
  switch (mode) {
    case 'monitor':
      return t('shows what it would do');
    case 'manual':
      return t('recommends; guard on');
    case 'automatic':
      return t('acts by itself; guard on');
    case 'unknown':
      return t('not reported by its gateway');
  }
}

const Legend = () => (
  <ul class="legend">
    <li>
      <span class="legend-box measured" />
      {t('measured')}
    </li>
    <li>
      <span class="legend-box estimated" />
      <span>
        <i>{t('estimated')}</i>
        {t(', shade ±2 standard errors')}
      </span>
    </li>
    <li>
      <span class="legend-box stale" />
      {t('stale')}
    </li>
    <li>
      <span class="legend-box open" />
      {t('open switch')}
    </li>
    <li class="muted">{t('flow in kW, bar: loading')}</li>
  </ul>
);

function Selection({ view, bus }: { view: FeederView; bus: string }) {
  const gateway = substationOf(view.id)?.gateway;
  const own = view.buses.find(({ id }) => id === bus);
  const feeding = view.branches.filter(({ from, to, closed }) => closed && (from === bus || to === bus));
  const devices = view.devices.filter((device) => device.bus === bus);
  return (
    <div class="selection">
      <b class="selection-name" aria-live="polite">
        {t('Bus {bus}', { bus: shortName(bus, view.id) })}
      </b>
      {own === undefined ? (
        <span class="muted">{t('no value')}</span>
      ) : (
        <>
          <Value
            value={own.voltagePu}
            format={pu}
            unit="pu"
            level={voltageLevel(own.voltagePu.value, own)}
            age
            series={voltageSeries(gateway, view.devices, bus)}
          />
          <span class="muted">{t('limits {least} to {most}', { least: pu(own.vMinPu), most: pu(own.vMaxPu) })}</span>
        </>
      )}
      {feeding.map((branch) => (
        <span key={branch.id} class="selection-way">
          <span class="tag">{shortName(branch.id, view.id)}</span>
          <Value value={branch.activePowerKw} unit="kW" series={flowSeries(view, branch)} />
          <span class="muted">{`${percent(branch.loadingPct.value)} %`}</span>
        </span>
      ))}
      {view.branches
        .filter(({ from, to, closed }) => !closed && (from === bus || to === bus))
        .map(({ id, from, to }) => (
          <span key={id} class="muted">
            {t('{id} open to {shortName}', {
              id: shortName(id, view.id),
              shortName: shortName(from === bus ? to : from, view.id),
            })}
          </span>
        ))}
      {devices.map((device) => (
        <span key={device.id} class="selection-way">
          <DeviceGlyph type={device.type} />
          {device.name}
          <Value value={device.activePowerKw} unit="kW" series={deviceSeries(gateway, device, 'activePowerKw')} />
        </span>
      ))}
    </div>
  );
}

export function DeviceTable({ view }: { view: FeederView }) {
  const [open, setOpen] = useState<string | null>(null);
  const gateway = substationOf(view.id)?.gateway;
  if (view.devices.length === 0) return <p class="muted waiting">{t('No device on this feeder is known.')}</p>;
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label={t('Devices')}>
      <table class="data devices card-rows pairs">
        <thead>
          <tr>
            <th scope="col">{t('Device')}</th>
            <th scope="col">{t('Bus')}</th>
            <th scope="col" class="num">
              {t('Power, kW')}
            </th>
            <th scope="col" class="num">
              {t('Setpoint, kW')}
            </th>
            <th scope="col">{t('Set by')}</th>
            <th scope="col">{t('Limited by')}</th>
            <th scope="col" class="num">
              {t('Charge, %')}
            </th>
            <th scope="col">{t('Link')}</th>
            {view.past !== true && (
              <>
                <th scope="col">
                  <span class="unseen">{t('Incidents')}</span>
                </th>
                <th scope="col">
                  <span class="unseen">{t('Act')}</span>
                </th>
              </>
            )}
          </tr>
        </thead>
        <tbody>
          {view.devices.map((device) => (
            <DeviceRow
              key={device.id}
              device={device}
              feeder={view.id}
              onOpen={view.past === true ? null : () => setOpen(device.id)}
            />
          ))}
        </tbody>
      </table>
      {open !== null && gateway !== undefined && (
        <SetpointDialog target={{ gateway, device: open }} onClose={() => setOpen(null)} />
      )}
    </div>
  );
}

/** `onOpen` is null in the past, where nothing can be changed. */
function DeviceRow({ device, feeder, onOpen }: { device: DeviceView; feeder: string; onOpen: (() => void) | null }) {
  const isPast = onOpen === null;
  const place = substationOf(feeder)?.gateway;
  const gateway = gateways.value.find(({ id }) => id === place);
  const old = !isPast && gateway?.link.state === 'down' ? 'is-stale' : '';
  const none = (word: string) => <span class="muted">{device.source === 'unknown' ? t('unknown') : word}</span>;
  const isByHand = device.source === 'override' || device.source === 'local-manual';
  return (
    <tr>
      <th scope="row">
        <DeviceGlyph type={device.type} />
        {device.name} <span class="tag">{device.id}</span>
      </th>
      <td data-name={t('Bus')}>{shortName(device.bus, feeder)}</td>
      <td class="num" data-name={t('Power, kW')}>
        {device.type === 'tap-changer' ? (
          <span class="muted">{t('none')}</span>
        ) : (
          <Value value={device.activePowerKw} series={deviceSeries(place, device, 'activePowerKw')} />
        )}
      </td>
      <td class={`num ${old}`} data-name={t('Setpoint, kW')}>
        {device.setpointKw === null ? none(t('none')) : kw(device.setpointKw)}
      </td>
      <td class={`${isByHand ? 'strong' : ''} ${old}`} data-name={t('Set by')}>
        {lastSetText(device.lastSet, (at) => near(at, shownMoment.value.now, zone())) ?? words(device.source)}
      </td>
      <td class={old} data-name={t('Limited by')}>
        {device.limitedBy === null ? none(t('nothing')) : translate(device.limitedBy)}
        {!isPast && place !== undefined && <Relieves gateway={place} device={device.id} />}
      </td>
      <td class="num" data-name={t('Charge, %')}>
        {device.socPct === null ? '' : <Value value={device.socPct} series={deviceSeries(place, device, 'socPct')} />}
      </td>
      <td class={old} data-name={t('Link')}>
        <span class="link-cell">
          <LinkMark state={device.link === 'up' ? 'up' : device.link === 'stale' ? 'part' : 'unknown'} />
          {translate(device.link)}
        </span>
      </td>
      {onOpen !== null && (
        <>
          <td>{place !== undefined && <DeviceIncidents gateway={place} device={device.id} />}</td>
          <td class="desk-acts">
            <button type="button" class="quiet" onClick={onOpen}>
              {t('Setpoint')}
              <span class="unseen">{` ${t('of {name}', { name: device.name })}`}</span>
            </button>
          </td>
        </>
      )}
    </tr>
  );
}
