import { teller, type FormOf, type Part } from './said.ts';

/** All sentences of a plan by code: reasons, counterfactuals, conflicts, substitutions, how envelopes were shared out. */
export const planForms = {
  // What binds, other than a network limit.
  'plan.cost': ['least cost', 'limits, and the room kept at them'],
  'plan.sessions': [
    'what its sessions can take',
    'energy of its sessions',
    'energy of {who} due by {time}',
    'energy of {who} due by an unknown departure',
    'charging of {who} without a pause',
    '{count} sessions',
  ],
  // Reasons.
  'plan.free': [
    '{element}: {constraint} would bind beyond {power} kW.',
    '{element}: {constraint} would bind beyond at least {power} kW.',
  ],
  'plan.cheapest': ['No limit binds here; this is the cheapest'],
  'plan.relieves': [
    '{element}: {constraint} binds, and this relieves it',
    '{element}: {constraint} binds, and this relieves it; the connection of {date} is cut before older ones',
  ],
  'plan.ends': ['This is the cheapest, and {element}: {constraint} ends it here'],
  'plan.idle': ['{element}: {constraint} binds and leaves no more here'],
  'plan.binds': ['{element}: {constraint} binds'],
  'plan.reason': [
    '{cause}.',
    '{cause}. Consumption at {bus} costs {price} EUR/MWh.',
    '{cause}. Consumption at {bus} costs {price} EUR/MWh, besides the penalty of a broken limit.',
  ],
  // Moves of tap changers and capacitors.
  'plan.move': [
    '{moves}, from position {from} to {to}: until {time} {saved}.',
    '{moves}, from position {from} to {to}: to the end of the horizon {saved}.',
  ],
  'plan.moves': ['1 move for {price} EUR', '{count} moves for {price} EUR'],
  'plan.saved': [
    '{price} EUR less of losses, energy and peak',
    '{price} EUR more of losses, energy and peak',
    '{saved}, and less beyond limits and the room kept there',
  ],
  // Counterfactuals.
  'plan.without': [
    'without this: {element} at {value} {unit} at {time}',
    'without this: {element} {passed} at {time}',
    'without this: {energy} kWh more of {device} missing at departure, charging from {time}',
  ],
  'plan.passed': [
    '{value} pu beyond its band',
    'at {value} % of its rating',
    '{value} kW beyond its limit',
    '{value} kW beyond its contract',
  ],
  // Conflicts.
  'plan.element': [
    'bus {bus}',
    'line {line}',
    'transformer',
    'transformer {name}',
    'feeder {name}',
    'connection point {name}',
  ],
  'plan.limit': [
    'above {value} pu',
    'below {value} pu',
    'within its rating of {value} kVA',
    'within {value} kW of import',
    'within {value} kW of export',
    '{limit} with load high',
    '{limit} with load low and sun high',
    '{limit} at {time}',
    '{limit} from {from} to {to}',
    '{least} to {most}',
  ],
  'plan.conflict': [
    '{subject} cannot stay {limit}, because {why}.',
    '{subject} cannot stay {limit} while {others}, because {why}.',
    'Nothing fits, because {why}.',
    '{collapse}, with all that the devices were found to give.',
  ],
  'plan.stays': ['{subject} stays {limit}'],
  'plan.unplanned': ['no planned device acts on it'],
  'plan.collapse': ['bus {bus} has no power flow at {time} at more than {share} % of the load'],
  'plan.list': ['{one}, {other}', '{one} and {other}'],
  // What devices cannot do; `when` is a sentence of plan.when.
  'plan.when': ['at {time}', 'from {from} to {to}'],
  'plan.cannot': [
    '{devices} get no more sun {when}',
    '{devices} are curtailed to nothing {when}',
    '{devices} can feed in no more reactive power {when}',
    '{devices} can absorb no more reactive power {when}',
    '{devices} can charge no faster {when}',
    '{devices} can discharge no faster {when}',
    '{devices} are empty {when}',
    '{devices} are full {when}',
    '{devices} stand at their floors {when}',
    '{devices} take all that they can {when}',
    '{devices} have all their energy {when}',
    '{devices} can shift no more {when}',
    '{devices} stand at the lower end of their range {when}',
    '{devices} stand at the upper end of their range {when}',
    '{devices} may move no more {when}',
    '{devices} are at the rating of their inverters {when}',
    '{device} feeds in at most {value} kvar {when}',
    '{device} absorbs at most {value} kvar {when}',
    '{device} is at the rating of its inverter {when}',
    '{device} is curtailed to nothing {when}',
    '{device} gets no more sun than for {value} kW {when}',
    '{device} charges at most {value} kW {when}',
    '{device} discharges at most {value} kW {when}',
    '{device} may not be emptied below {value} % {when}',
    '{device} may not be charged above {value} % {when}',
    '{device} has given its sessions all their energy {when}',
    '{device} may not be held below {value} kW {when}',
    '{device} takes at most {value} kW {when}',
    '{device} shifts at most {value} kWh {when}',
    '{device} sheds no further than {value} kW {when}',
    '{device} has no moves left {when}',
    '{device} stands at the lower end of its range {when}',
    '{device} stands at the upper end of its range {when}',
  ],
  'plan.room': [
    'Holds at the median of the forecast, not at {quantile}: {element}, {constraint} at {time}, has a breach probability of {share} % before the guard.',
  ],
  // Substitutions for unknown inputs.
  'plan.less-load': ['planned for less than the load: {collapse}'],
  'plan.defaults': [
    'the default envelopes would not hold: {names}',
    '{element} by {value} {unit} at {time}',
    'no power flow converges without any device',
    'no power flow converges at {time}',
  ],
  'plan.unreached': [
    '{device} is not reached or not known: counted as switched off',
    '{device} is not reached or not known: counted at what the sun gives, at most {value} kW',
    '{device} is not reached or not known: counted at its fallback, {value} kW',
    '{device} is held by a person: counted at {value} kW',
    '{device} is held by a person: counted as it runs by itself',
    '{device} is not commanded by plans: counted as it runs by itself',
  ],
  'plan.unread': [
    '{device}: how often it moved today is not known; it stays where it is until tomorrow',
    '{device}: no reading of what the sun gives; between overcast and clear sky',
    '{device}: no reading of what it wishes; counted without sessions, its floor kept',
    '{device}: its sessions are not known one by one; counted as one that leaves first',
    '{device}: no reading of what it wishes; half its rating taken',
  ],
  'plan.forecast': [
    'forecast of {target} is a fallback ({level})',
    'no forecast of {target} reaches over the horizon: its load of now, within hours {value} kW either way',
  ],
  'plan.peak': ["the month's peak so far is not known: plans avoid any import that the capacity tariff bills"],
  'plan.pause': ['{device}: limits leave no room for charging of {who} without a pause'],
  'plan.order': [
    'solar plants are cut last in, first out: the newest connection agreement first',
    'limits leave no order of connection agreements: older solar plants may be cut before newer ones',
  ],
  'plan.emissions': ['CO2 intensity of {missing} of {steps} steps is not known: {value} kg/MWh'],
  'plan.estimate': [
    'switch {device} is not in the state that the network model gives: the estimate follows the meters',
    'meter {device} is {finding}: the estimate stands in',
  ],
  'plan.connection-point': ['connection point {id} stands at {buses}: its devices are planned one by one'],
  // How envelopes were shared out.
  'plan.envelopes': [
    'Room at a limit is shared in proportion to what each connection point could do beyond its plan; points that relieve the limit are not bound by it, and none is cut below plan or floor; behind one meter each device may use what the others leave; a limit that all points load binds all of them.',
  ],
} as const;

export type PlanForm = FormOf<typeof planForms>;

export const sayPlan = teller(planForms);

/** Joins parts to a list in a sentence. */
export function listed(parts: readonly Part[]): Part {
  const [last = '', ...before] = parts.toReversed();
  if (before.length === 0) return last;
  return sayPlan('{one} and {other}', {
    one: before.toReversed().reduce((one, other) => sayPlan('{one}, {other}', { one, other })),
    other: last,
  });
}
