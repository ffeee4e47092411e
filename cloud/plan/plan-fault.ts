import { EVENT_TEXT, fitText } from '../../shared/contracts/fit-text.ts';
import type { Horizon, PlanBody, ReserveShortfall } from '../../shared/contracts/plan.ts';
import { catalogue } from '../../shared/outcome/catalogue.ts';
import type { Fault } from '../../shared/outcome/outcome.ts';
import { eventSays, minuteUtc, type EventSaid } from '../../shared/sentences/event-forms.ts';

/** A limit counts as violated only beyond these, pu and %: the tolerance of the power flow that checks a plan. */
const PASSED = { voltagePu: 1e-4, loadingPct: 100.1 };

/** Most devices that an alarm names. It is read at a glance; the plan's page shows the whole conflict. */
const NAMED = 5;

/** The alarm for a plan of a place; undefined if the plan keeps all limits, even without room for forecast errors. */
export function planFault(body: PlanBody, place: string): EventSaid | undefined {
  return body.status === 'least-violation' ? (byConflict(body, place) ?? byFigures(body, place)) : undefined;
}

/** Names the first limit of the conflict and the devices that cannot help. */
function byConflict({ conflict, horizon }: PlanBody, place: string): EventSaid | undefined {
  const members = conflict?.members ?? [];
  const member = members.find(({ kind }) => kind === 'limit');
  if (member === undefined) return undefined;
  const { element, constraint, limit, unit } = member;
  const time = minuteUtc(startOf(horizon, member.fromStep));
  if (constraint === undefined || limit === undefined || unit === undefined)
    return eventSays(
      'LS-OPT-001',
      '{place}: found no plan that supplies all of the load: {element} has no power flow at {time}',
      {
        place,
        element,
        time,
      },
    );
  const ids = members.flatMap((each) => (each.kind === 'device' ? [each.element] : []));
  const devices = [...new Set(ids)].slice(0, NAMED);
  return eventSays(
    'LS-OPT-001',
    devices.length === 0
      ? '{place}: found no plan that keeps {element} within its {constraint} of {limit} {unit} at {time}: no planned device acts on it'
      : '{place}: found no plan that keeps {element} within its {constraint} of {limit} {unit} at {time}: near this one {devices} can do no more',
    { place, element, constraint, limit: Math.abs(limit), unit, time, devices },
  );
}

/** For a plan without a known conflict: what the power flow says of it. */
function byFigures({ verified }: PlanBody, place: string): EventSaid {
  const { maxVoltageViolationPu, maxLoadingPct, worstElement: element } = verified;
  const byVoltage = maxVoltageViolationPu > PASSED.voltagePu;
  const byRating = maxLoadingPct > PASSED.loadingPct;
  if (byVoltage && 100 * maxVoltageViolationPu > maxLoadingPct - 100)
    return eventSays(
      'LS-OPT-001',
      '{place}: found no plan that keeps all limits: {element} is {value} pu beyond its voltage band',
      {
        place,
        element,
        value: maxVoltageViolationPu,
      },
    );
  if (byRating)
    return eventSays(
      'LS-OPT-001',
      '{place}: found no plan that keeps all limits: {element} is at {value} % of its rating',
      {
        place,
        element,
        value: maxLoadingPct,
      },
    );
  return eventSays(
    'LS-OPT-001',
    '{place}: found no plan that keeps all limits of power; voltages and ratings are kept',
    {
      place,
    },
  );
}

/** Reports that a plan keeps less room for forecast errors than requested. */
export const roomSays = (
  { horizon }: PlanBody,
  { element, constraint = '', step, quantile, breachProbability }: ReserveShortfall,
  place: string,
): EventSaid =>
  eventSays(
    'plan.room',
    '{place}: the plan holds at the median of the forecast, not at {quantile} %: {element} passes its {constraint} at {time} with a probability of {share} % before the guard acts',
    {
      place,
      quantile: Math.round(100 * quantile),
      element,
      constraint,
      time: minuteUtc(startOf(horizon, step)),
      share: Math.round(100 * breachProbability),
    },
  );

/** Any other fault: its title and detail, in English. */
export const faultSays = (place: string, { code, detail }: Fault): EventSaid => ({
  code,
  text: fitText(`${place}: ${catalogue[code].title}. ${detail}`, EVENT_TEXT),
});

/** A plan that cannot be sent: its gateway follows the one before until that ends. */
export const unsentSays = (place: string, fault: Fault): EventSaid => ({
  ...faultSays(place, fault),
  code: 'LS-OPT-002',
});

/** Start of a step, ms UTC. */
const startOf = ({ start, stepsS }: Horizon, step: number): number =>
  start + 1000 * stepsS.slice(0, step).reduce((sum, each) => sum + each, 0);
