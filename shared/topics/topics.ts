import type { TSchema } from 'typebox';
import { Acknowledgement, RangeReport } from '../contracts/acknowledgement.ts';
import { EventBatch } from '../contracts/event.ts';
import { TrainingReport } from '../contracts/federated.ts';
import { ChunkRequest } from '../contracts/model.ts';
import { DocumentReport, HealthReport, Heartbeat } from '../contracts/report.ts';
import { SessionsReport } from '../contracts/sessions.ts';

/** One line of the topic table. `{gateway}` stands for the gateway's id. The payload is JSON unless `encoding` says otherwise. */
export interface TopicLine {
  readonly topic: string;
  readonly direction: 'up' | 'down';
  readonly qos: 0 | 1;
  readonly retain: boolean;
  readonly encoding: 'json' | 'jws' | 'sparkplug' | 'bytes';
  readonly schema: TSchema | null;
  readonly version: number;
  readonly meaning: string;
}

const line = (topic: string, direction: 'up' | 'down', rest: Partial<TopicLine> & { meaning: string }): TopicLine => ({
  topic,
  direction,
  qos: 1,
  retain: false,
  encoding: 'json',
  schema: null,
  version: 1,
  ...rest,
});

export const topicTable = {
  events: line('loadstone/v1/{gateway}/events', 'up', {
    qos: 0,
    schema: EventBatch,
    meaning: 'events, alarms, outcomes, audit',
  }),
  ranges: line('loadstone/v1/{gateway}/reported/ranges', 'up', {
    schema: RangeReport,
    meaning: 'runs of the journal, and dropped or lost ranges',
  }),
  reportedPlan: line('loadstone/v1/{gateway}/reported/plan', 'up', {
    schema: DocumentReport,
    meaning: 'lifecycle of a plan',
  }),
  reportedModel: line('loadstone/v1/{gateway}/reported/model', 'up', {
    schema: DocumentReport,
    meaning: 'lifecycle of a model',
  }),
  health: line('loadstone/v1/{gateway}/reported/health', 'up', {
    qos: 0,
    schema: HealthReport,
    meaning: 'state of the gateway',
  }),
  sessions: line('loadstone/v1/{gateway}/reported/sessions', 'up', {
    qos: 0,
    schema: SessionsReport,
    meaning: 'charging sessions at its sites: on each arrival and departure, else every 1 to 5 min of plant time',
  }),
  commandResult: line('loadstone/v1/{gateway}/command/result', 'up', {
    schema: DocumentReport,
    meaning: 'lifecycle of a command',
  }),
  modelRequest: line('loadstone/v1/{gateway}/model/request', 'up', {
    schema: ChunkRequest,
    meaning: 'request for one chunk of a model',
  }),
  reportedTrainingWay: line('loadstone/v1/{gateway}/reported/training/way', 'up', {
    schema: DocumentReport,
    meaning: 'lifecycle of a round of federated learning',
  }),
  reportedTraining: line('loadstone/v1/{gateway}/reported/training', 'up', {
    schema: TrainingReport,
    meaning: 'result of a gateway in a round, and the loss of the base model there',
  }),
  trainingChunk: line('loadstone/v1/{gateway}/training/chunk', 'up', {
    encoding: 'bytes',
    meaning: '32 bytes SHA-256 of an update, uint32 LE index, then the chunk',
  }),
  acknowledgement: line('loadstone/v1/{gateway}/ack', 'down', {
    qos: 0,
    schema: Acknowledgement,
    meaning: 'ranges that the cloud has accounted for',
  }),
  heartbeat: line('loadstone/v1/{gateway}/heartbeat', 'down', {
    qos: 0,
    schema: Heartbeat,
    meaning: 'the cloud is alive, every 60 s of plant time',
  }),
  desiredKeys: line('loadstone/v1/{gateway}/desired/keys', 'down', {
    encoding: 'jws',
    meaning: 'list of the valid keys, signed by the root',
  }),
  desiredPlan: line('loadstone/v1/{gateway}/desired/plan', 'down', { encoding: 'jws', meaning: 'signed plan' }),
  desiredModel: line('loadstone/v1/{gateway}/desired/model', 'down', {
    encoding: 'jws',
    meaning: 'signed manifest of a model',
  }),
  desiredSettings: line('loadstone/v1/{gateway}/desired/settings', 'down', {
    encoding: 'jws',
    meaning: 'signed settings',
  }),
  desiredTraining: line('loadstone/v1/{gateway}/desired/training', 'down', {
    encoding: 'jws',
    meaning: 'signed round of federated learning',
  }),
  desiredWeather: line('loadstone/v1/{gateway}/desired/weather', 'down', {
    encoding: 'jws',
    meaning: 'signed temperature, past and ahead, for the local forecast',
  }),
  trainingRequest: line('loadstone/v1/{gateway}/training/request', 'down', {
    schema: ChunkRequest,
    meaning: 'request for one chunk of an update',
  }),
  command: line('loadstone/v1/{gateway}/command', 'down', { encoding: 'jws', meaning: 'signed command' }),
  modelChunk: line('loadstone/v1/{gateway}/model/chunk', 'down', {
    encoding: 'bytes',
    meaning: '32 bytes SHA-256, uint32 LE index, then the chunk',
  }),
} as const satisfies Record<string, TopicLine>;

export type TopicName = keyof typeof topicTable;

/** The topic of a line for one gateway. */
export const topicFor = (name: TopicName, gateway: string): string =>
  topicTable[name].topic.replace('{gateway}', gateway);

/** Filter that matches a line for every gateway. */
export const filterFor = (name: TopicName): string => topicTable[name].topic.replace('{gateway}', '+');

/** The line and the gateway that a topic belongs to; undefined if it is none of ours. */
export function parseTopic(topic: string): { name: TopicName; gateway: string } | undefined {
  const levels = topic.split('/');
  const gateway = levels[2];
  if (levels[0] !== 'loadstone' || levels[1] !== 'v1' || gateway === undefined) return undefined;
  for (const name of Object.keys(topicTable) as TopicName[]) {
    if (topicFor(name, gateway) === topic) return { name, gateway };
  }
  return undefined;
}

/** Sparkplug B 3.0 message types that an edge node or its devices send and receive. */
export type SparkplugType = 'NBIRTH' | 'NDATA' | 'NDEATH' | 'NCMD' | 'DBIRTH' | 'DDATA' | 'DDEATH' | 'DCMD';

export const sparkplugTopic = (group: string, type: SparkplugType, node: string, device?: string): string =>
  device === undefined ? `spBv1.0/${group}/${type}/${node}` : `spBv1.0/${group}/${type}/${node}/${device}`;

/** Filters for everything that one edge node and its devices publish. */
export const sparkplugFilters = (group: string, node: string): string[] => [
  ...(['NBIRTH', 'NDATA', 'NDEATH'] as const).map((type) => sparkplugTopic(group, type, node)),
  ...(['DBIRTH', 'DDATA', 'DDEATH'] as const).map((type) => sparkplugTopic(group, type, node, '+')),
];

/** Whether an MQTT filter matches a topic (MQTT 3.1.1, 4.7). A filter that begins with a wildcard matches no topic that begins with `$`. */
export function matchesFilter(filter: string, topic: string): boolean {
  if (!/[+#]/.test(filter)) return filter === topic;
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false;
  const [wanted, levels] = [filter.split('/'), topic.split('/')];
  const rest = wanted.indexOf('#');
  if (rest === -1 && wanted.length !== levels.length) return false;
  if (levels.length < (rest === -1 ? wanted.length : rest)) return false;
  return wanted.every((level, at) => (rest !== -1 && at >= rest) || level === '+' || level === levels[at]);
}

export const stateTopic = (host: string): string => `spBv1.0/STATE/${host}`;

/** The parts of a Sparkplug topic; undefined if it is not one. */
export function parseSparkplugTopic(
  topic: string,
): { group: string; type: SparkplugType; node: string; device: string | undefined } | undefined {
  const [root, group, type, node, device, more] = topic.split('/');
  if (root !== 'spBv1.0' || group === undefined || type === undefined || node === undefined || more !== undefined) {
    return undefined;
  }
  if (!/^[ND](BIRTH|DATA|DEATH|CMD)$/.test(type)) return undefined;
  return { group, type: type as SparkplugType, node, device };
}
