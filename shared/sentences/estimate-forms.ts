import { sayer } from './said.ts';

/** All that the estimate says of its meters, its switches and of what stood in for them. */
export const estimateForms = [
  // Findings.
  'was found {finding} before the cloud was started again, and no reading has refuted it',
  'reads {value} kW, where its device can have {least} to {most} kW',
  'reads {least} to {most} kW for {hours} h on end, within {share} % of its rating; a net load of a substation is never that still',
  'rises with the sun (correlation {correlation}, {anomaly} between bright and dull days at the same hour) and shows {value} kW of feed-in by night: it counts with the wrong sign',
  'reads {value} kW without a change for {minutes} min, while the other meters moved by {moved} kW in all',
  'moves against its feeder heads: {slope} kW for each kW of theirs, where +1 is right (t {confidence})',
  'last value is {age} s old; one each {interval} s is expected',
  '{value} kW is three times what the transformer is rated for',
  '{value} pu is no voltage that a network in service has',
  'shows {value} pu, which is {difference} pu above what all other meters say',
  'shows {value} pu, which is {difference} pu below what all other meters say',
  'moves {slope} kW of {element} for each kW of its own, where 1 is right',
  'shows {value} kW over the last hour, where all others together say {expected} kW',
  'shows {value} pu over the last hour, where all others together say {expected} pu',
  'shows {value} kWh, where its device took in {expected} kWh by its own account',
  'the meters fit only with {closed} closed and {open}, or a line beside it, open',
  'the last day fits {times} times better with {closed} closed and {open}, or a line beside it, open: worth a look; the estimate stays as it is',
  '{device}: {finding}',
  '{device} fits the others again',
  // What stood in.
  'no power flow fits these readings: the state is not known',
  'its measured voltages do not fit the model: look at switch states and impedances',
  'meter is {finding}: sum of the feeder heads stands in; the rest by habit',
  'meter is {finding}: sum of the feeder heads stands in; nothing tells what else the busbar carries',
  'without a reading',
  'meter counts with the wrong sign: its value is turned',
  'measured',
  'measured at its terminal',
  'last value, its error grows with its age',
  'no usable head meter: half of the nominal load and the metered devices',
  'never read: the middle of {least} to {most} kW',
  'no usable voltage at the busbar: from the source and the tap',
  'tap position is not read: as in the network',
  // What an estimate stands on.
  '{names} ({how})',
  '{one}; {other}',
  '{one}, {other}',
  '{one} and {other}',
  'this feeder',
  'feeder head',
  '1 device',
  '{count} devices',
  'the model alone',
] as const;

export type EstimateForm = (typeof estimateForms)[number];

export const sayEstimate = sayer(estimateForms);
