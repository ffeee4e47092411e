import type { Group } from './attack.ts';
import { browserAttacks } from './groups/browser.ts';
import { badCertificates } from './groups/certificates.ts';
import { delayedHeart, forgedHeart, rebirthStorm, stolenKey } from './groups/control-plane.ts';
import { deviceUsers } from './groups/devices.ts';
import { brokenSignatures, epochs, hostileNumbers, replays, validity } from './groups/documents.ts';
import { enrolment } from './groups/enrolment.ts';
import { auditAttacks, stolenBackup } from './groups/evidence.ts';
import { endlessHandshake } from './groups/handshake.ts';
import { httpHostile } from './groups/http.ts';
import { forgedIdentity } from './groups/identity.ts';
import { injections } from './groups/injection.ts';
import { hostileModels } from './groups/models.ts';
import { mqttFloods } from './groups/mqtt-floods.ts';
import { pathTraversal } from './groups/paths.ts';
import { peopleAttacks } from './groups/people.ts';
import { forgedTokens } from './groups/tokens.ts';
import type { BrokerName } from './uplink-place.ts';

/** Groups and attacks that the broker of the cloud meets: each is run on the one in the cloud and on RabbitMQ. To all others it is the same. */
export const atBroker = [
  'forged-identity',
  'certificates',
  'mqtt-floods',
  'injection/line-protocol',
  'injection/prometheus',
  'injection/quadratic-text',
  'injection/deep-json',
  'injection/invented-runs',
  'injection/cardinality',
  'epoch/reported',
  'handshake',
  'enrolment',
] as const;

/** Every group of attacks, as the threat model lists them. */
export const suite: readonly Group[] = [
  forgedIdentity,
  badCertificates,
  replays,
  brokenSignatures,
  hostileNumbers,
  validity,
  hostileModels,
  pathTraversal,
  mqttFloods,
  httpHostile,
  forgedTokens,
  browserAttacks,
  injections,
  auditAttacks,
  peopleAttacks,
  forgedHeart,
  epochs,
  deviceUsers,
  stolenKey,
  delayedHeart,
  rebirthStorm,
  endlessHandshake,
  enrolment,
  stolenBackup,
];

/** What says something of that broker. */
export const suiteOn = (broker: BrokerName): readonly Group[] =>
  suite.map((group) => ({
    ...group,
    attacks: group.attacks.filter(({ notAtRabbitMq = false }) => broker === 'embedded' || !notAtRabbitMq),
  }));
