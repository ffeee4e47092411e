import { filterFor, stateTopic, topicTable, type TopicName } from '../../shared/topics/topics.ts';

/** Subscriptions for everything that gateways of a group send, and for the host's own STATE (Sparkplug B 3.0, 4.1). */
export function ingestSubscriptions(group: string, hostId: string): string[] {
  const names = Object.keys(topicTable) as TopicName[];
  return [
    ...names.filter((name) => topicTable[name].direction === 'up').map(filterFor),
    stateTopic(hostId),
    ...['NBIRTH', 'NDATA', 'NDEATH'].map((type) => `spBv1.0/${group}/${type}/+`),
    ...['DBIRTH', 'DDATA', 'DDEATH'].map((type) => `spBv1.0/${group}/${type}/+/+`),
  ];
}
