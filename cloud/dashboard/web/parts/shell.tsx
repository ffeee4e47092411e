import { useEffect, useRef } from 'preact/hooks';
import { NO_ALARMS } from '../lib/alarms.ts';
import type { Priority } from '../lib/assess.ts';
import { duration, number } from '../lib/format.ts';
import type { Route, Screen } from '../lib/route-path.ts';
import { clockSeconds, date, zoneName } from '../lib/zone.ts';
import { DeskScreen } from '../screens/desk.tsx';
import { DevicesScreen } from '../screens/devices.tsx';
import { AlarmFiguresScreen } from '../screens/alarm-figures.tsx';
import { AlarmsScreen } from '../screens/alarms.tsx';
import { AuditScreen } from '../screens/audit.tsx';
import { EventsScreen } from '../screens/events.tsx';
import { FeederScreen } from '../screens/feeder.tsx';
import { ForecastScreen } from '../screens/forecast.tsx';
import { GatewaysScreen } from '../screens/gateways.tsx';
import { ModelsScreen } from '../screens/models.tsx';
import { LoginScreen } from '../screens/login.tsx';
import { OverridesScreen } from '../screens/overrides.tsx';
import { Overview } from '../screens/overview.tsx';
import { PlanScreen } from '../screens/plan.tsx';
import { ScorecardScreen } from '../screens/scorecard.tsx';
import { AreasScreen } from '../screens/areas.tsx';
import { QuarantineScreen } from '../screens/quarantine.tsx';
import { SettingsScreen } from '../screens/settings.tsx';
import { RegisterScreen } from '../screens/register.tsx';
import { SubstationScreen } from '../screens/substation.tsx';
import { UsersScreen } from '../screens/users.tsx';
import { route } from '../state/route.ts';
import { localZone, theme, zone, zoneChoice, type Theme } from '../state/settings.ts';
import { alarmDesk, gateways, moment, region, tick } from '../state/store.ts';
import { cloudLink, lastHeartbeat, refusal } from '../state/stream.ts';
import { isOfDesk } from './desk-tabs.tsx';
import { AlarmBanner } from './alarm-banner.tsx';
import { AreaBanner } from './area-banner.tsx';
import { LinkMark, PriorityMark, type LightState } from './marks.tsx';
import { RequestBanner } from './request-banner.tsx';
import { UserMenu } from './user-menu.tsx';

/** The frame of every screen: navigation, the three links, plant time, and the banner when the cloud is lost. */
export function Shell() {
  const { screen, id } = route.value;
  const first = useRef(true);
  useEffect(() => {
    document.title = `${titleOf(route.value)} · Loadstone`;
    if (!first.current) document.querySelector<HTMLElement>('main h1')?.focus({ preventScroll: true });
    first.current = false;
  }, [screen, id]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the screen
      </a>
      <Header />
      <Banner />
      <AlarmBanner />
      <AreaBanner />
      <RequestBanner />
      <main id="main" class={`screen screen-${screen}`} key={`${screen}/${id}`}>
        <CurrentScreen {...route.value} />
      </main>
    </>
  );
}

function CurrentScreen({ screen, id }: Route) {
  switch (screen) {
    case 'overview':
      return <Overview />;
    case 'substation':
      return <SubstationScreen id={id} />;
    case 'feeder':
      return <FeederScreen id={id} />;
    case 'forecast':
      return <ForecastScreen id={id} />;
    case 'scorecard':
      return <ScorecardScreen id={id} />;
    case 'plan':
      return <PlanScreen id={id} />;
    case 'gateways':
      return <GatewaysScreen />;
    case 'models':
      return <ModelsScreen id={id} />;
    case 'devices':
      return <DevicesScreen />;
    case 'desk':
      return <DeskScreen />;
    case 'register':
      return <RegisterScreen />;
    case 'areas':
      return <AreasScreen />;
    case 'quarantine':
      return <QuarantineScreen />;
    case 'settings':
      return <SettingsScreen />;
    case 'overrides':
      return <OverridesScreen />;
    case 'events':
      return <EventsScreen />;
    case 'alarms':
      return <AlarmsScreen />;
    case 'alarm-figures':
      return <AlarmFiguresScreen />;
    case 'users':
      return <UsersScreen />;
    case 'audit':
      return <AuditScreen />;
    case 'login':
      return <LoginScreen />;
    case 'none':
      return (
        <div class="empty">
          <h1 tabIndex={-1}>No such screen</h1>
          <p>
            {`There is nothing at ${id}. `}
            <a href="/">Overview</a>
          </p>
        </div>
      );
  }
}

function titleOf({ screen, id }: Route): string {
  const names = {
    overview: 'Overview',
    substation: id,
    feeder: id,
    forecast: `Forecast ${id}`,
    scorecard: `Scorecard ${id}`,
    plan: `Plan ${id}`,
    gateways: 'Gateways',
    models: 'Models',
    devices: 'Devices',
    overrides: 'Overrides',
    desk: 'Control',
    register: 'Register',
    areas: 'Areas',
    settings: 'Settings',
    quarantine: 'Quarantine',
    events: 'Events',
    alarms: 'Alarms',
    'alarm-figures': 'Alarm figures',
    users: 'Users',
    audit: 'Audit',
    login: 'Sign in',
    none: 'No such screen',
  };
  return names[screen];
}

/** Screens that are reached from the overview. */
const AREA_SCREENS: readonly Screen[] = ['overview', 'substation', 'feeder', 'forecast', 'plan', 'scorecard'];

function Header() {
  const here = route.value.screen;
  const counts = alarmDesk.value?.standing ?? NO_ALARMS;
  const link = (to: string, text: string, on: boolean, extra?: preact.ComponentChildren) => (
    <a href={to} aria-current={on ? 'page' : undefined}>
      {text}
      {extra}
    </a>
  );
  const area = AREA_SCREENS.includes(here);
  return (
    <header class="top">
      <a class="brand" href="/" aria-label="Loadstone, overview">
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <path d="M8 5v16a3 3 0 0 0 3 3h14" />
          <rect x="19" y="6" width="6" height="11" />
        </svg>
        <span>Loadstone</span>
      </a>
      <nav aria-label="Screens">
        {link('/', 'Overview', area)}
        {link('/devices', 'Devices', here === 'devices')}
        {link('/desk', 'Desk', isOfDesk(here))}
        {link('/gateways', 'Gateways', ['gateways', 'models', 'quarantine'].includes(here))}
        {link('/alarms', 'Alarms', here.startsWith('alarm'), <AlarmCounts counts={counts} />)}
        {link('/events', 'Events', here === 'events')}
      </nav>
      <Links />
      <PlantClock />
      <div class="choices">
        <ZoneSwitch />
        <ThemeSwitch />
        <UserMenu />
      </div>
    </header>
  );
}

function AlarmCounts({ counts }: { counts: Readonly<Record<Priority, number>> }) {
  const standing = ([1, 2, 3] as const).filter((priority) => counts[priority] > 0);
  return (
    <span class="counts">
      {standing.map((priority) => (
        <span key={priority} class="count">
          <PriorityMark level={priority} label={`priority ${priority} alarms:`} />
          {counts[priority]}
        </span>
      ))}
    </span>
  );
}

/** Three links, each apart: this page to the cloud, the cloud to its gateways, the gateways to their devices. */
function Links() {
  const all = gateways.value;
  const up = all.filter((gateway) => gateway.link.state === 'up').length;
  const devices = all.flatMap(({ health }) => health?.devices ?? []);
  const seen = devices.filter((device) => device.link === 'up').length;
  const share = (count: number, of: number): LightState =>
    of === 0 ? 'unknown' : count === of ? 'up' : count === 0 ? 'down' : 'part';
  const cloud: LightState = cloudLink.value === 'up' ? 'up' : cloudLink.value === 'lost' ? 'down' : 'unknown';
  const stale = cloudLink.value === 'lost';
  const shown = (count: number, of: number): string => (of === 0 ? 'unknown' : `${count} of ${of}`);
  return (
    <dl class="links" aria-label="Links">
      <div>
        <dt>
          <span class="unseen">Page to </span>Cloud
        </dt>
        <dd>
          <LinkMark state={cloud} />
          {cloudLink.value === 'connecting' ? 'connecting' : cloudLink.value}
        </dd>
      </div>
      <div>
        <dt>Gateways</dt>
        <dd class={stale ? 'is-stale' : ''}>
          <LinkMark state={share(up, all.length)} />
          {shown(up, all.length)}
        </dd>
      </div>
      <div>
        <dt>Devices</dt>
        <dd class={stale ? 'is-stale' : ''}>
          <LinkMark state={share(seen, devices.length)} />
          {shown(seen, devices.length)}
        </dd>
      </div>
    </dl>
  );
}

function PlantClock() {
  const clock = region.value?.clock;
  if (clock === undefined) return <div class="clock muted">time unknown</div>;
  const { now } = moment.value;
  const slow = clock.speedReached < 0.9 * clock.speed;
  return (
    <div class={`clock${cloudLink.value === 'lost' ? ' is-stale' : ''}`}>
      <span class="clock-time">
        <span class="clock-date">{date(now, zone())}</span> <b>{clockSeconds(now, zone())}</b> {zoneName(now, zone())}
      </span>
      <span class={`clock-speed${slow ? ' warn' : ''}`}>
        {clock.simulated
          ? slow
            ? `${number(clock.speedReached, 1)}× of ${number(clock.speed)}× reached`
            : `plant time, ${number(clock.speed)}×`
          : 'plant time, live'}
      </span>
    </div>
  );
}

function ZoneSwitch() {
  const choice = (value: 'utc' | 'local', text: string, title: string) => (
    <button
      type="button"
      aria-pressed={zoneChoice.value === value}
      title={title}
      onClick={() => (zoneChoice.value = value)}
    >
      {text}
    </button>
  );
  return (
    <div class="segments" role="group" aria-label="Time zone">
      {choice('utc', 'UTC', 'Show UTC')}
      {choice('local', 'Local', `Show ${localZone.value}`)}
    </div>
  );
}

function ThemeSwitch() {
  const next: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' };
  return (
    <button
      type="button"
      class="quiet"
      title="Colours: system, light, dark"
      onClick={() => (theme.value = next[theme.value])}
    >
      <span class="unseen">Colours: </span>
      {{ system: 'Auto', light: 'Light', dark: 'Dark' }[theme.value]}
    </button>
  );
}

function Banner() {
  const refused = refusal.value;
  if (refused !== null && cloudLink.value !== 'up') {
    if (route.value.screen === 'login') return null;
    return (
      <div class="banner" role="alert">
        <PriorityMark level={2} />
        <span>
          {`The cloud refuses this page: ${refused.detail}. `}
          <a href="/login">Sign in</a>
        </span>
      </div>
    );
  }
  if (cloudLink.value !== 'lost') return null;
  const last = lastHeartbeat.value;
  const since = last === null ? '' : ` Last heartbeat ${duration(tick.value - last)} ago.`;
  return (
    <div class="banner" role="alert">
      <PriorityMark level={1} />
      <span>
        <b>Cloud lost.</b> Values are the last that came, and stale; controls are off.
        <span aria-hidden="true">{since}</span> Gateways go on by themselves.
      </span>
    </div>
  );
}
