import type { GatewayView } from '../../../../shared/contracts/view.ts';
import { bytes, duration, guardText, milliseconds, number, words } from '../lib/format.ts';
import { backlogGrows, drainedInS } from '../lib/plan-steps.ts';
import { freshnessOf } from '../lib/staleness.ts';
import { near } from '../lib/zone.ts';
import { Facts } from '../parts/layout.tsx';
import { LinkMark, PriorityMark, type LightState } from '../parts/marks.tsx';
import { zone } from '../state/settings.ts';
import { backlogs, moment } from '../state/store.ts';
import { t, translate } from '../words/t.ts';

export const linkState = ({ link }: GatewayView): LightState =>
  link.state === 'up' ? 'up' : link.state === 'down' ? 'down' : 'unknown';

export const devicesSeen = ({ health }: GatewayView): { up: number; all: number } => ({
  up: health?.devices.filter(({ link }) => link === 'up').length ?? 0,
  all: health?.devices.length ?? 0,
});

export const deviceLight = (gateway: GatewayView): LightState => {
  const { up, all } = devicesSeen(gateway);
  return all === 0 ? 'unknown' : up === all ? 'up' : up === 0 ? 'down' : 'part';
};

type DataBudget = NonNullable<NonNullable<GatewayView['health']>['dataBudget']>;
/** Number of traffic kinds shown. */
const MOST_USES = 4;

/** Age of the newest frame. */
export const frameAgeMs = ({ link: { lastFrame } }: GatewayView): number | null =>
  lastFrame === null ? null : Math.max(0, moment.value.now - lastFrame);

/** True if the gateway's own report is too old to describe the present. */
export const reportIsStale = ({ healthAt }: GatewayView): boolean => freshnessOf(healthAt, moment.value) === 'stale';

/** "12 340 frames, drained in 2 min"; only the number for a few frames that come and go with their acknowledgements. */
export function backlogText({ id, health }: GatewayView): string {
  if (health === null) return t('unknown');
  const { backlogFrames } = health.journal;
  if (backlogFrames === 0) return t('none');
  const samples = backlogs.value[id] ?? [];
  const seconds = drainedInS(samples);
  const trend = backlogGrows(samples)
    ? t(', growing')
    : seconds === null
      ? ''
      : t(', drained in {time}', { time: duration(seconds * 1000) });
  return `${t('{count, plural, one {# frame} other {# frames}}', { count: backlogFrames })}${trend}`;
}

/** How much of the month's budget the uplink has used, and for what. */
function dataText({ usedMb, mbPerMonth, thinning, uses = [] }: DataBudget): string {
  const parts = uses.slice(0, MOST_USES).map(({ kind, mb }) => `${words(kind)} ${bytes(mb * 1e6)}`);
  const thin = thinning > 1 ? t(', values thinned out') : '';
  return [
    t('{used} of {most}{thin}', { used: bytes(usedMb * 1e6), most: bytes(mbPerMonth * 1e6), thin }),
    ...parts,
  ].join('; ');
}

/** The state of one gateway, each aspect separately. */
export function GatewayFacts({ gateway }: { gateway: GatewayView }) {
  const { health, link, ledger } = gateway;
  const frameAge = frameAgeMs(gateway);
  const { now } = moment.value;
  const { up, all } = devicesSeen(gateway);
  const stale = reportIsStale(gateway);
  return (
    <>
      <Facts
        rows={[
          [
            t('Link to the cloud'),
            <span class="link-cell">
              <LinkMark state={linkState(gateway)} />
              {`${translate(link.state)}${link.since === null ? '' : ` ${t('since {since}', { since: near(link.since, now, zone()) })}`}`}
            </span>,
          ],
          [t('Newest frame'), frameAge === null ? t('never') : t('{age} old', { age: duration(frameAge) })],
          [
            t('Ledger'),
            t('{stored, plural, one {# frame} other {# frames}} stored, {missing} missing, {refused} refused', {
              stored: ledger.storedFrames,
              missing: ledger.missingFrames,
              refused: ledger.refusedFrames,
            }),
          ],
        ]}
      />
      <div class={`report${stale ? ' old' : ''}`}>
        <p class="muted">
          {gateway.healthAt === null
            ? t('It has sent no report yet.')
            : t('Its own report, {now} old{stale}', {
                now: duration(now - gateway.healthAt),
                stale: stale ? t(': stale') : '',
              })}
        </p>
        <Facts
          rows={[
            [
              t('Links to devices'),
              <span class="link-cell">
                <LinkMark state={deviceLight(gateway)} />
                {all === 0 ? t('unknown') : t('{up} of {all}', { up, all })}
              </span>,
            ],
            [t('Backlog'), backlogText(gateway)],
            [t('Rung'), health === null ? t('unknown') : words(health.rung)],
            [
              t('Guard'),
              health === null ? (
                t('unknown')
              ) : health.guard.active ? (
                <b class="strong">
                  <PriorityMark level={2} label={t('guard acts')} />
                  {guardText(health.guard)}
                </b>
              ) : (
                t('at rest')
              ),
            ],
            [
              t('Plan'),
              health === null
                ? t('unknown')
                : `${health.plan.id ?? t('none')}, ${health.plan.inForce ? t('in force') : t('not in force')}`,
            ],
            [
              t('Model'),
              health === null
                ? t('unknown')
                : [
                    `${health.model.id ?? t('none')}, ${words(health.model.state)}`,
                    ...(health.model.reason === null ? [] : [translate(health.model.reason)]),
                  ].join('; '),
            ],
            [
              t('Cycle'),
              health === null
                ? t('unknown')
                : t('{period}, late {late} at p99, {overruns, plural, one {# overrun} other {# overruns}}', {
                    period: milliseconds(health.cycle.periodMs),
                    late: milliseconds(health.cycle.lateP99Ms),
                    overruns: health.cycle.overruns,
                  }),
            ],
            [
              t('Clock'),
              health === null
                ? t('unknown')
                : t('{quality}, offset {offset}', {
                    quality: words(health.clock.quality),
                    offset: milliseconds(health.clock.offsetMs),
                  }),
            ],
            [
              t('Journal'),
              health === null
                ? t('unknown')
                : t('{bytes}, {writable}, {dropped} dropped, {lost} lost', {
                    bytes: bytes(health.journal.bytes),
                    writable: health.journal.writable ? t('writable') : t('not writable'),
                    dropped: number(health.journal.droppedFrames),
                    lost: number(health.journal.lostFrames),
                  }),
            ],
            [t('Data this month'), health?.dataBudget === undefined ? t('unknown') : dataText(health.dataBudget)],
            [t('Software'), health?.software ?? t('unknown')],
          ]}
        />
      </div>
    </>
  );
}
