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

/**
 * Groups and attacks that reach the cloud's broker. They run on the embedded broker and on RabbitMQ; for all others the broker makes no
 * difference.
 */
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

/** All groups of attacks, in the order of the threat model. */
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

/** The suite for a broker, without the attacks that cannot test it. */
export const suiteOn = (broker: BrokerName): readonly Group[] =>
  suite.map((group) => ({
    ...group,
    attacks: group.attacks.filter(({ notAtRabbitMq = false }) => broker === 'embedded' || !notAtRabbitMq),
  }));
