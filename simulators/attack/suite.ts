import type { Group } from './attack.ts';
import { badCertificates } from './groups/certificates.ts';
import { endlessHandshake } from './groups/handshake.ts';
import { forgedIdentity } from './groups/identity.ts';
import { mqttFloods } from './groups/mqtt-floods.ts';

/** Every group of attacks, as the threat model lists them. */
export const suite: readonly Group[] = [forgedIdentity, badCertificates, mqttFloods, endlessHandshake];
