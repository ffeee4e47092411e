import { teller, type FormOf } from './said.ts';

/** Findings about a meter or a switch. The sentence of its alarm is `{device}: ` and one of these. */
export const findingForms = {
  'meter.kept': ['was found {finding} before the cloud was started again, and no reading has refuted it'],
  'meter.impossible': ['reads {value} kW, where its device can have {least} to {most} kW'],
  'meter.still': [
    'reads {least} to {most} kW for {hours} h on end, within {share} % of its rating; a net load of a substation is never that still',
    'reads {value} kW without a change for {minutes} min, while the other meters moved by {moved} kW in all',
  ],
  'meter.turned': [
    'rises with the sun (correlation {correlation}, {anomaly} between bright and dull days at the same hour) and shows {value} kW of feed-in by night: it counts with the wrong sign',
    'moves against its feeder heads: {slope} kW for each kW of theirs, where +1 is right (t {confidence})',
  ],
  'meter.old': ['last value is {age} s old; one each {interval} s is expected'],
  'meter.beyond': [
    '{value} kW is three times what the transformer is rated for',
    '{value} pu is no voltage that a network in service has',
  ],
  'meter.unlike': [
    'shows {value} pu, which is {difference} pu above what all other meters say',
    'shows {value} pu, which is {difference} pu below what all other meters say',
    'moves {slope} kW of {element} for each kW of its own, where 1 is right',
    'shows {value} kW over the last hour, where all others together say {expected} kW',
    'shows {value} pu over the last hour, where all others together say {expected} pu',
    'shows {value} kWh, where its device took in {expected} kWh by its own account',
  ],
  'switch.wrong': [
    'the meters fit only with {closed} closed and {open}, or a line beside it, open',
    'the last day fits {times} times better with {closed} closed and {open}, or a line beside it, open: worth a look; the estimate stays as it is',
  ],
} as const;

export type FindingForm = FormOf<typeof findingForms>;

/** All sentences of the estimate about meters, switches and substitutions, by code. */
export const estimateForms = {
  ...findingForms,
  // Substitutions.
  'estimate.unknown': ['no power flow fits these readings: the state is not known'],
  'estimate.misfit': ['its measured voltages do not fit the model: look at switch states and impedances'],
  'estimate.sum-of-heads': [
    'meter is {finding}: sum of the feeder heads stands in; the rest by habit',
    'meter is {finding}: sum of the feeder heads stands in; nothing tells what else the busbar carries',
  ],
  'estimate.unread': ['without a reading'],
  'estimate.turned': ['meter counts with the wrong sign: its value is turned'],
  'estimate.measured': ['measured', 'measured at its terminal'],
  'estimate.last-value': ['last value, its error grows with its age'],
  'estimate.profile': ['no usable head meter: half of the nominal load and the metered devices'],
  'estimate.never-read': ['never read: the middle of {least} to {most} kW'],
  'estimate.model': [
    'no usable voltage at the busbar: from the source and the tap',
    'tap position is not read: as in the network',
  ],
  // Sources of an estimate.
  'estimate.from': ['{names} ({how})', '{one}; {other}', 'the model alone'],
  'estimate.list': ['{one}, {other}', '{one} and {other}'],
  'estimate.place': ['this feeder', 'feeder head', '1 device', '{count} devices'],
} as const;

export type EstimateForm = FormOf<typeof estimateForms>;

export const sayEstimate = teller(estimateForms);
