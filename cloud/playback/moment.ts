import type { CommandView } from '../../shared/contracts/command.ts';
import type { RegionSubstation } from '../../shared/contracts/region.ts';
import type { DeviceHealth, HealthReport } from '../../shared/contracts/report.ts';
import type { LinkView, SubstationView } from '../../shared/contracts/view.ts';
import type { Exchange, MeterFinding } from '../estimate/state.ts';
import type { ReadModel } from '../read-model/read-model.ts';

/** The part of a gateway's health report that views show. */
export interface ShownHealth extends Pick<HealthReport, 'mode' | 'stopped' | 'guard' | 'emergency'> {
  readonly devices: readonly Pick<
    DeviceHealth,
    'device' | 'link' | 'source' | 'setpointKw' | 'limitedBy' | 'mode' | 'stopped' | 'tagged' | 'lastSet'
  >[];
}

/** State of a substation at a moment that measurements cannot reconstruct later. */
export interface Moment {
  /** Requested speed, in plant seconds per machine second. */
  readonly speed: number;
  readonly link: Omit<LinkView, 'lastFrame'>;
  /** Null if the gateway had not reported. */
  readonly health: ShownHealth | null;
  readonly overrides: readonly Pick<CommandView, 'gateway' | 'device' | 'user' | 'expiresAt'>[];
  readonly findings: readonly MeterFinding[];
  /** Switches whose suspected position the estimate did not adopt. */
  readonly suspected: readonly string[];
  /** The pair of lines that the estimate swapped, one opened and one closed; null if none. */
  readonly exchange: Exchange | null;
  /** Devices reported offline: the estimate ignores their last values. */
  readonly gone: readonly string[];
  readonly alarms: number;
  readonly planStatus: SubstationView['planStatus'];
}

const NO_LINK = { state: 'never', since: null } as const;

/** Returns the current state of a substation. */
export function momentOf(
  { id, gateway, devices, meters }: RegionSubstation,
  model: Pick<ReadModel<unknown>, 'get'>,
): Moment {
  const { state, since } = model.get('link', gateway) ?? NO_LINK;
  const estimate = model.get('estimate', id);
  const findings = model.get('findings', id) ?? [];
  const report = model.get('health', gateway)?.report;
  const isUsed = ({ device, finding, channel }: MeterFinding): boolean =>
    estimate?.findings.some(
      (each) => each.device === device && each.finding === finding && each.channel === channel,
    ) === true;
  const isGone = (device: string): boolean =>
    Object.values(model.get('live', `${gateway}/${device}`) ?? {}).some(({ staleSince }) => staleSince !== undefined);
  return {
    speed: model.get('pace')?.speed ?? 1,
    link: { state, since },
    health: report === undefined ? null : shownOf(report),
    overrides: (model.get('overrides') ?? [])
      .filter((each) => each.gateway === gateway)
      .map(({ device, user, expiresAt }) => ({ gateway, device, user, expiresAt })),
    findings,
    suspected: findings.filter((each) => each.finding === 'wrong-switch' && !isUsed(each)).map(({ device }) => device),
    exchange: estimate?.exchange ?? null,
    gone: [...new Set([...meters.map(({ device }) => device), ...devices.map((each) => each.id)])].filter(isGone),
    alarms: model.get('alarmCount', gateway) ?? 0,
    planStatus: model.get('plan', id)?.plan.status ?? 'none',
  };
}

function shownOf({ mode, stopped, guard, emergency, devices }: HealthReport): ShownHealth {
  return {
    mode,
    stopped,
    guard,
    ...(emergency === undefined || emergency.length === 0 ? {} : { emergency }),
    devices: devices.map(({ device, link, source, setpointKw, limitedBy, ...rest }) => ({
      device,
      link,
      source,
      setpointKw,
      limitedBy,
      ...(rest.mode === undefined ? {} : { mode: rest.mode }),
      ...(rest.stopped === undefined ? {} : { stopped: rest.stopped }),
      ...(rest.tagged === undefined ? {} : { tagged: rest.tagged }),
      ...(rest.lastSet === undefined ? {} : { lastSet: rest.lastSet }),
    })),
  };
}

/**
 * The part of a moment that is recorded as soon as it changes: everything except numbers and the limits that devices reach from one second
 * to the next.
 */
export function firmPart({ health, ...rest }: Moment): unknown {
  if (health === null) return rest;
  const { guard, devices, ...control } = health;
  return {
    ...rest,
    findings: rest.findings.map(({ device, finding, channel }) => [device, finding, channel]),
    ...control,
    guard: [guard.active, guard.element],
    devices: devices.map(({ setpointKw: _setpoint, limitedBy: _limit, ...firm }) => firm),
  };
}
