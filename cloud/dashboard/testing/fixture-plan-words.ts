import type { PlanBody } from '../../../shared/contracts/plan.ts';
import { listed, sayPlan } from '../../../shared/sentences/plan-forms.ts';
import { Sentences, type Said } from '../../../shared/sentences/said.ts';

/** Texts of the fixture's plans, worded by the optimizer's sentences. */
export function planWords(feeder: string) {
  const words = new Sentences();
  const bus = `${feeder}-b18`;
  const relieved = (element: string, constraint: string): string =>
    words.add(
      sayPlan('{cause}. Consumption at {bus} costs {price} EUR/MWh.', {
        cause: sayPlan('{element}: {constraint} binds, and this relieves it', { element, constraint }),
        bus,
        price: '-90.00',
      }),
    );
  const stays = {
    subject: sayPlan('bus {bus}', { bus }),
    limit: sayPlan('{limit} at {time}', { limit: sayPlan('above {value} pu', { value: '0.95' }), time: '18:30Z' }),
  };
  const device = 'battery-1';
  const empty = sayPlan('{device} may not be emptied below {value} % {when}', {
    device,
    value: '16',
    when: sayPlan('at {time}', { time: '18:30Z' }),
  });
  const slow = sayPlan('{device} charges at most {value} kW {when}', {
    device,
    value: '500',
    when: sayPlan('from {from} to {to}', { from: '16:00Z', to: '18:15Z' }),
  });
  const member = (
    kind: 'limit' | 'device',
    [element, fromStep, toStep]: readonly [string, number, number],
    of: Said,
  ) => ({
    kind,
    element,
    fromStep,
    toStep,
    text: words.add(of),
  });
  const conflict: NonNullable<PlanBody['conflict']> = {
    text: words.add(sayPlan('{subject} cannot stay {limit}, because {why}.', { ...stays, why: listed([empty, slow]) })),
    members: [
      member('limit', [bus, 38, 38], sayPlan('{subject} stays {limit}', stays)),
      member('device', [device, 38, 38], empty),
      member('device', [device, 28, 37], slow),
    ],
  };
  const room: NonNullable<PlanBody['room']> = {
    quantile: 0.95,
    breachProbability: 0.18,
    element: bus,
    step: 12,
    text: words.add(
      sayPlan(
        'Holds at the median of the forecast, not at {quantile}: {element}, {constraint} at {time}, has a breach probability of {share} % before the guard.',
        { quantile: 0.95, element: bus, constraint: 'voltage maximum', time: '13:00Z', share: '18.0' },
      ),
    ),
  };
  return {
    held: relieved(bus, 'voltage maximum'),
    charges: relieved('transformer', 'exported power'),
    discharges: relieved('transformer', 'imported power with load high'),
    without: words.add(
      sayPlan('without this: {element} at {value} {unit} at {time}', {
        element: bus,
        value: '1.063',
        unit: 'pu',
        time: '12:30Z',
      }),
    ),
    standsIn: words.add(
      sayPlan('meter {device} is {finding}: the estimate stands in', { device: 'transformer', finding: 'dead' }),
    ),
    rule: words.add(
      sayPlan(
        'Room at a limit is shared in proportion to what each connection point could do beyond its plan; points that relieve the limit are not bound by it, and none is cut below plan or floor; behind one meter each device may use what the others leave; a limit that all points load binds all of them.',
      ),
    ),
    conflict,
    room,
    sentences: words.list,
  };
}
