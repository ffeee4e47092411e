import { topicFor, topicTable, type TopicName } from '../../../shared/topics/topics.ts';

export interface RightsCase {
  readonly act: 'publish' | 'subscribe';
  /** A topic or a filter. */
  readonly on: string;
}

const types = ['NBIRTH', 'NDATA', 'NDEATH', 'NCMD', 'DBIRTH', 'DDATA', 'DDEATH', 'DCMD', 'STATE', 'nbirth', 'XDATA'];
const devices = ['', '/pv-1', '/PV 1', '/-pv', '/pv_1', '/pv-1/more', '/', `/${'a'.repeat(64)}`, '/pv-1\n'];

/** Attempts of a gateway: its own topics, another's, the other direction, and near misses. Every broker must answer the same. */
export function rightsCases(gateway: string, other: string, group: string): RightsCase[] {
  const names = Object.keys(topicTable) as TopicName[];
  const of = [gateway, other, `${gateway}x`, gateway.slice(0, -1), gateway.toUpperCase()];
  const own = of.flatMap((id) => names.map((name) => topicFor(name, id)));
  const sparkplug = of.flatMap((id) =>
    types.flatMap((type) => devices.map((device) => `spBv1.0/${group}/${type}/${id}${device}`)),
  );
  const topics = [
    ...own,
    ...sparkplug,
    ...own.slice(0, names.length).flatMap((topic) => [`${topic}/more`, `/${topic}`, `${topic}\n`, topic.toUpperCase()]),
    `spBv1.0/south/DDATA/${gateway}/pv-1`,
    `spAv1.0/${group}/DDATA/${gateway}/pv-1`,
    `spBv1_0/${group}/NDATA/${gateway}`,
    'spBv1.0/STATE/loadstone-cloud',
    `loadstone/v2/${gateway}/events`,
    '$SYS/x',
    'x',
  ];
  const filters = [
    ...own,
    ...of.flatMap((id) => [
      `loadstone/v1/${id}/desired/+`,
      `loadstone/v1/${id}/desired/#`,
      `loadstone/v1/${id}/+`,
      `loadstone/v1/${id}/#`,
      ...types.flatMap((type) => ['', '/+', '/#', '/pv-1'].map((end) => `spBv1.0/${group}/${type}/${id}${end}`)),
    ]),
    'spBv1.0/STATE/+',
    'spBv1.0/STATE/#',
    'spBv1.0/STATE/loadstone-cloud',
    'spBv1.0/STATE/Another',
    `spBv1.0/${group}/+/${gateway}`,
    `spBv1.0/+/NCMD/${gateway}`,
    `spBv1.0/${group}/NCMD/+`,
    'loadstone/v1/+/ack',
    'loadstone/#',
    '+/#',
    '#',
    '$share/g/#',
    `$share/g/loadstone/v1/${gateway}/ack`,
    '$SYS/#',
  ];
  return [
    ...topics.map((on): RightsCase => ({ act: 'publish', on })),
    ...filters.map((on): RightsCase => ({ act: 'subscribe', on })),
  ];
}
