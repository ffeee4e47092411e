import { Type, type Static } from 'typebox';

export const ID_PATTERN = '^[a-z0-9][a-z0-9-]{0,62}$';

/** Name of a region, substation, feeder, gateway, device, bus or branch. */
export const Id = Type.String({
  pattern: ID_PATTERN,
  maxLength: 63,
  description: 'lower-case letters, digits and dashes, at most 63',
});

/** A day of the calendar. In this form the order of the text is the order in time. */
export const CalendarDate = Type.String({
  pattern: '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$',
  description: 'date, such as 2019-04-01',
});

/** Milliseconds UTC, up to the end of the year 9999: ISO 8601 has four-digit years, and adding a day still gives a valid Date. */
export const MAX_TIME = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
export const TimeMs = Type.Integer({ minimum: 0, maximum: MAX_TIME, description: 'milliseconds UTC' });

/**
 * Bounds of integers in messages. Each is well below 2^53, so increments and sums of two stay exact in JavaScript and in 64-bit stores. No
 * real counter reaches them.
 */
export const MAX_EPOCH = 2 ** 31;
export const Epoch = Type.Integer({ minimum: 0, maximum: MAX_EPOCH });
export const Sequence = Type.Integer({ minimum: 0, maximum: 2 ** 31 });
export const MAX_RUN = 2 ** 32 - 1;
export const Run = Type.Integer({ minimum: 0, maximum: MAX_RUN });
export const MAX_OFFSET = 2 ** 51;
export const Offset = Type.Integer({ minimum: 0, maximum: MAX_OFFSET });
export const Count = Type.Integer({ minimum: 0, maximum: 2 ** 51 });

export const Quality = Type.Union([Type.Literal('good'), Type.Literal('uncertain'), Type.Literal('bad')]);
export type Quality = Static<typeof Quality>;

export const Origin = Type.Union([Type.Literal('measured'), Type.Literal('estimated'), Type.Literal('substituted')]);
export type Origin = Static<typeof Origin>;

export const DeviceType = Type.Union([
  Type.Literal('battery'),
  Type.Literal('pv-inverter'),
  Type.Literal('ev-site'),
  Type.Literal('flexible-load'),
  Type.Literal('tap-changer'),
  Type.Literal('capacitor-bank'),
  Type.Literal('meter'),
]);
export type DeviceType = Static<typeof DeviceType>;

/** What a customer's contract lets us do with a device. */
export const Authority = Type.Union([
  Type.Literal('direct'),
  Type.Literal('limit'),
  Type.Literal('guard'),
  Type.Literal('none'),
]);
export type Authority = Static<typeof Authority>;

export const FeederMode = Type.Union([Type.Literal('monitor'), Type.Literal('manual'), Type.Literal('automatic')]);
export type FeederMode = Static<typeof FeederMode>;
