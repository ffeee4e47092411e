import { filterFor, topicTable, type TopicName } from '../../shared/topics/topics.ts';

/** Everything that gateways of a group send. */
export function ingestSubscriptions(group: string): string[] {
  const names = Object.keys(topicTable) as TopicName[];
  return [
    ...names.filter((name) => topicTable[name].direction === 'up').map(filterFor),
    ...['NBIRTH', 'NDATA', 'NDEATH'].map((type) => `spBv1.0/${group}/${type}/+`),
    ...['DBIRTH', 'DDATA', 'DDEATH'].map((type) => `spBv1.0/${group}/${type}/+/+`),
  ];
}
