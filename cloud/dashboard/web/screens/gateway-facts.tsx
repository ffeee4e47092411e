import type { GatewayView } from '../../../../shared/contracts/view.ts';
import { bytes, duration, guardText, milliseconds, number, plural, words } from '../lib/format.ts';
import { backlogGrows, drainedInS } from '../lib/plan-steps.ts';
import { freshnessOf } from '../lib/staleness.ts';
import { near } from '../lib/zone.ts';
import { Facts } from '../parts/layout.tsx';
import { LinkMark, PriorityMark, type LightState } from '../parts/marks.tsx';
import { zone } from '../state/settings.ts';
import { backlogs, moment } from '../state/store.ts';

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

/** True where the gateway's own report is too old to speak for now. */
type DataBudget = NonNullable<NonNullable<GatewayView['health']>['dataBudget']>;
/** Kinds of traffic that are named. */
const MOST_USES = 4;

/** Age of the newest frame. */
export const frameAgeMs = ({ link: { lastFrame } }: GatewayView): number | null =>
  lastFrame === null ? null : Math.max(0, moment.value.now - lastFrame);

export const reportIsStale = ({ healthAt }: GatewayView): boolean => freshnessOf(healthAt, moment.value) === 'stale';

/** "12 340 frames, drained in 2 min"; of a few that come and go as they are acknowledged, their number. */
export function backlogText({ id, health }: GatewayView): string {
  if (health === null) return 'unknown';
  const { backlogFrames } = health.journal;
  if (backlogFrames === 0) return 'none';
  const samples = backlogs.value[id] ?? [];
  const seconds = drainedInS(samples);
  const trend = backlogGrows(samples)
    ? ', growing'
    : seconds === null
      ? ''
      : `, drained in ${duration(seconds * 1000)}`;
  return `${plural(backlogFrames, 'frame')}${trend}`;
}

/** What its uplink has used of the month's budget, and for what. */
function dataText({ usedMb, mbPerMonth, thinning, uses = [] }: DataBudget): string {
  const parts = uses.slice(0, MOST_USES).map(({ kind, mb }) => `${kind} ${bytes(mb * 1e6)}`);
  const thin = thinning > 1 ? ', values thinned out' : '';
  return [`${bytes(usedMb * 1e6)} of ${bytes(mbPerMonth * 1e6)}${thin}`, ...parts].join('; ');
}

/** The state of one gateway, each thing apart. */
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
            'Link to the cloud',
            <span class="link-cell">
              <LinkMark state={linkState(gateway)} />
              {`${link.state}${link.since === null ? '' : ` since ${near(link.since, now, zone())}`}`}
            </span>,
          ],
          ['Newest frame', frameAge === null ? 'never' : `${duration(frameAge)} old`],
          [
            'Ledger',
            `${plural(ledger.storedFrames, 'frame')} stored, ${number(ledger.missingFrames)} missing, ${number(ledger.refusedFrames)} refused`,
          ],
        ]}
      />
      <div class={`report${stale ? ' old' : ''}`}>
        <p class="muted">
          {gateway.healthAt === null
            ? 'It has sent no report yet.'
            : `Its own report, ${duration(now - gateway.healthAt)} old${stale ? ': stale' : ''}`}
        </p>
        <Facts
          rows={[
            [
              'Links to devices',
              <span class="link-cell">
                <LinkMark state={deviceLight(gateway)} />
                {all === 0 ? 'unknown' : `${up} of ${all}`}
              </span>,
            ],
            ['Backlog', backlogText(gateway)],
            ['Rung', health === null ? 'unknown' : words(health.rung)],
            [
              'Guard',
              health === null ? (
                'unknown'
              ) : health.guard.active ? (
                <b class="strong">
                  <PriorityMark level={2} label="guard acts" />
                  {guardText(health.guard)}
                </b>
              ) : (
                'at rest'
              ),
            ],
            [
              'Plan',
              health === null
                ? 'unknown'
                : `${health.plan.id ?? 'none'}${health.plan.inForce ? ', in force' : ', not in force'}`,
            ],
            ['Model', health === null ? 'unknown' : `${health.model.id ?? 'none'}, ${words(health.model.state)}`],
            health === null || health.model.reason === null ? null : ['', health.model.reason],
            [
              'Cycle',
              health === null
                ? 'unknown'
                : `${milliseconds(health.cycle.periodMs)}, late ${milliseconds(health.cycle.lateP99Ms)} at p99, ${plural(health.cycle.overruns, 'overrun')}`,
            ],
            [
              'Clock',
              health === null ? 'unknown' : `${health.clock.quality}, offset ${milliseconds(health.clock.offsetMs)}`,
            ],
            [
              'Journal',
              health === null
                ? 'unknown'
                : `${bytes(health.journal.bytes)}, ${health.journal.writable ? 'writable' : 'not writable'}, ${number(health.journal.droppedFrames)} dropped, ${number(health.journal.lostFrames)} lost`,
            ],
            ['Data this month', health?.dataBudget === undefined ? 'unknown' : dataText(health.dataBudget)],
            ['Software', health?.software ?? 'unknown'],
          ]}
        />
      </div>
    </>
  );
}
