import { LoadstoneError } from '../../../shared/outcome/outcome.ts';
import { localDay, localMoment } from '../../tables/local-time.ts';
import { zoneFor } from '../answers/formats.ts';

/**
 * Parses `D-1T0600[Europe/Amsterdam]`: by 06:00 local time on the day before a step's local day. Returns a function from a step to the last
 * issue time that counts for it.
 */
export function availableAt(text: string, pointer: string): (step: number) => number {
  const match = /^D-(\d{1,2})T([01]\d|2[0-3]):?([0-5]\d)\[([A-Za-z0-9_+\-/]{1,64})\]$/.exec(text);
  if (match === null)
    throw new LoadstoneError(
      'LS-API-001',
      `${pointer}: "${text.slice(0, 60)}" is not a time such as D-1T0600[Europe/Amsterdam]`,
      pointer,
    );
  const [, days, hours, minutes, name] = match;
  const zone = zoneFor(name, pointer)!;
  const timeOfDayMs = (Number(hours) * 60 + Number(minutes)) * 60_000;
  return (step) => localMoment(zone, localDay(zone, step) - Number(days), timeOfDayMs);
}
