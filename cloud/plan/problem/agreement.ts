import type { Agreement, Control, Role } from './layout.ts';
import type { DispatchProblem } from './problem.ts';

/** Plants by the date of their connection agreement, the oldest first; empty unless the newest is to be cut first. */
export function agreementsOf({ devices }: DispatchProblem, controls: readonly Control[]): Agreement[] {
  const indexOf = (device: number, role: Role): number =>
    controls.findIndex((one) => one.device === device && one.role === role);
  const dated = devices.flatMap((item, device) => {
    if (item.kind !== 'pv' || item.connectedOn === undefined) return [];
    const limit = indexOf(device, 'limit');
    const plant = { device, feedIn: indexOf(device, 'feed-in'), limit: limit < 0 ? undefined : limit };
    return [{ date: item.connectedOn, plant }];
  });
  return [...Map.groupBy(dated, ({ date }) => date)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, own]) => own.map(({ plant }) => plant));
}
