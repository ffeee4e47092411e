import { useEffect, useRef } from 'preact/hooks';
import { duration, number, unknown } from '../lib/format.ts';
import { baseOf, entriesOf, type Route } from '../lib/screen.ts';
import { date, wallSeconds, zoneName } from '../lib/zone.ts';
import { unanswered } from '../state/api.ts';
import { query, route, screens } from '../state/route.ts';
import { localZone, theme, zone, zoneChoice, type Theme } from '../state/settings.ts';
import { links, moment, region, tick } from '../state/store.ts';
import { cloudLink, lastHeartbeat, refusal } from '../state/stream.ts';
import { AlarmBanner } from './alarm-banner.tsx';
import { AreaBanner } from './area-banner.tsx';
import { BroughtBack } from './brought-back.tsx';
import { Fence } from './fence.tsx';
import { LockBanner } from './lock-banner.tsx';
import { LinkMark, PriorityMark, type LightState } from './marks.tsx';
import { RequestBanner } from './request-banner.tsx';
import { UserMenu } from './user-menu.tsx';
import { language, t, translate, type Text } from '../words/t.ts';

/** The frame of every screen: navigation, the three links, plant time, and the banner for a lost cloud. */
export function Shell() {
  const { screen, id } = route.value;
  const first = useRef(true);
  useEffect(() => {
    document.title = `${titleOf(route.value)} · Loadstone`;
    const wanted = query.peek().has('list') ? '.alarms [tabindex="0"]' : 'main h1';
    if (!first.current)
      (document.querySelector<HTMLElement>(wanted) ?? document.querySelector<HTMLElement>('main h1'))?.focus({
        preventScroll: true,
      });
    first.current = false;
  }, [screen, id, language()]);
  return (
    <>
      <nav aria-label={t('Skip')}>
        <a class="skip" href="#main">
          {t('Skip to the screen')}
        </a>
        <a class="skip" href="/alarms?list">
          {t('Skip to the alarms')}
        </a>
      </nav>
      <Header />
      <Banner />
      <Fence>
        <LockBanner />
        <BroughtBack />
        <AlarmBanner />
        <AreaBanner />
        <RequestBanner />
      </Fence>
      <main
        id="main"
        class={`screen screen-${screen}${cloudLink.value === 'lost' ? ' is-lost' : ''}`}
        key={`${language()}/${screen}/${id}`}
      >
        <Fence>
          <CurrentScreen {...route.value} />
        </Fence>
      </main>
    </>
  );
}

function CurrentScreen({ screen, id }: Route) {
  const found = screens.value.get(screen);
  if (found !== undefined) return <found.Component id={id} />;
  return (
    <div class="empty">
      <h1 tabIndex={-1}>{t(NO_SCREEN)}</h1>
      <p>
        {`${t('There is nothing at {id}.', { id })} `}
        <a href="/">{t('Overview')}</a>
      </p>
    </div>
  );
}

const NO_SCREEN: Text = 'No such screen';

function titleOf({ screen, id }: Route): string {
  const title = screens.value.get(screen)?.title ?? NO_SCREEN;
  return typeof title === 'string' ? t(title) : title(id);
}

function Header() {
  const section = screens.value.get(route.value.screen)?.section;
  return (
    <header class="top">
      <a class="brand" href="/" aria-label={t('Loadstone, overview')}>
        <svg viewBox="0 0 32 32" aria-hidden="true">
          <path d="M8 5v16a3 3 0 0 0 3 3h14" />
          <rect x="19" y="6" width="6" height="11" />
        </svg>
        <span>Loadstone</span>
      </a>
      <nav aria-label={t('Screens')}>
        {entriesOf(screens.value, 'main').map(({ text, name, screen, Mark }) => (
          <a key={name} href={baseOf(screen)} aria-current={text === section ? 'page' : undefined}>
            {t(text)}
            {Mark !== undefined && <Mark />}
          </a>
        ))}
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

/** Three separate links: page to cloud, cloud to gateways, gateways to devices. */
function Links() {
  const all = links.value;
  const up = all.filter(({ state }) => state === 'up').length;
  const devices = all.reduce((sum, each) => sum + each.devices, 0);
  const seen = all.reduce((sum, each) => sum + each.seen, 0);
  const share = (count: number, of: number): LightState =>
    of === 0 ? 'unknown' : count === of ? 'up' : count === 0 ? 'down' : 'part';
  const cloud: LightState = cloudLink.value === 'up' ? 'up' : cloudLink.value === 'lost' ? 'down' : 'unknown';
  const stale = cloudLink.value === 'lost';
  const shown = (count: number, of: number): string => (of === 0 ? unknown() : t('{count} of {of}', { count, of }));
  return (
    <dl class="links" aria-label={t('Links')}>
      <div>
        <dt>
          <span class="unseen">{t('Page to')} </span>
          {t('Cloud')}
        </dt>
        <dd>
          <LinkMark state={cloud} />
          {cloudLink.value === 'connecting' ? t('connecting') : translate(cloudLink.value)}
        </dd>
      </div>
      <div>
        <dt>{t('Gateways')}</dt>
        <dd class={stale ? 'is-stale' : ''}>
          <LinkMark state={share(up, all.length)} />
          {shown(up, all.length)}
        </dd>
      </div>
      <div>
        <dt>{t('Devices, meters')}</dt>
        <dd class={stale ? 'is-stale' : ''}>
          <LinkMark state={share(seen, devices)} />
          {shown(seen, devices)}
        </dd>
      </div>
    </dl>
  );
}

function PlantClock() {
  const clock = region.value?.clock;
  if (clock === undefined) return <div class="clock muted">{t('time unknown')}</div>;
  const { now } = moment.value;
  const slow = clock.speedReached < 0.9 * clock.speed;
  return (
    <div class={`clock${cloudLink.value === 'lost' ? ' is-stale' : ''}`}>
      <span class="clock-time">
        <span class="clock-date">{date(now, zone())}</span> <b>{wallSeconds(now, zone())}</b> {zoneName(now, zone())}
      </span>
      <span class={`clock-speed${slow ? ' warn' : ''}`}>
        {clock.simulated
          ? slow
            ? t('machine is busy: {reached}× of {speed}×', {
                reached: number(clock.speedReached, 1),
                speed: number(clock.speed),
              })
            : t('plant time, {speed}×', { speed: number(clock.speed) })
          : t('plant time, live')}
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
    <div class="segments" role="group" aria-label={t('Time zone')}>
      {choice('local', t('Local'), t('Show {zone}', { zone: localZone.value }))}
      {choice('utc', 'UTC', t('Show UTC'))}
    </div>
  );
}

function ThemeSwitch() {
  const next: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' };
  return (
    <button
      type="button"
      class="quiet"
      title={t('Colours: system, light, dark')}
      onClick={() => (theme.value = next[theme.value])}
    >
      <span class="unseen">{t('Colours:')} </span>
      {{ system: t('Auto'), light: t('Light'), dark: t('Dark') }[theme.value]}
    </button>
  );
}

/** An answer may fail to come for so long before the screen says so. */
const UNANSWERED_MS = 5_000;

function Banner() {
  const refused = refusal.value;
  if (cloudLink.value !== 'up' && (refused?.status === 401 || refused?.status === 403)) {
    if (route.value.screen === 'login') return null;
    return (
      <div class="banner" role="alert">
        <PriorityMark level={2} />
        <span>
          {`${t('The cloud refuses this page: {detail}.', { detail: translate(refused.detail) })} `}
          <a href="/login">{t('Sign in')}</a>
        </span>
      </div>
    );
  }
  if (cloudLink.value !== 'lost') return <Unanswered />;
  const last = lastHeartbeat.value;
  const since = last === null ? '' : ` ${t('Last heartbeat {time} ago.', { time: duration(tick.value - last) })}`;
  return (
    <div class="banner" role="alert">
      <PriorityMark level={1} />
      <span>
        <b>{t('Cloud lost.')}</b> {t('Values are the last received and stale; controls are off.')}
        <span aria-hidden="true">{since}</span> {t('Gateways continue on their own.')}
      </span>
    </div>
  );
}

/** Part of the screen shows older data, because the cloud does not answer every question now. */
function Unanswered() {
  const stale = [...unanswered.value.values()].find(({ since }) => tick.value - since > UNANSWERED_MS);
  if (stale === undefined) return null;
  const { detail, title, code } = stale.problem;
  return (
    <div class="banner" role="status">
      <PriorityMark level={3} />
      <span>{t('Part of this screen is stale: {why}.', { why: translate(detail || title, code) })}</span>
    </div>
  );
}
