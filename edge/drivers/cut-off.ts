import { withRemedy, type Remedies } from '../local/remedies.ts';

/** By why the local broker ends a connection. */
const remedies: Remedies = [
  [/^its password/, 'give it the password whose line is in localBroker.userFile'],
  [/in localBroker\.userFile/, '"loadstone edge passwd" prints its line; restart the gateway afterwards'],
  [/^it names no user/, 'give it user and password of a line in localBroker.userFile'],
  [/may not publish/, 'have it publish only topics that its device in the configuration reads'],
  [
    /may not subscribe/,
    'have it subscribe to the topics that its device in the configuration writes, without wildcards',
  ],
  [/larger than/, 'have it send smaller messages'],
  [/^keep alive timeout/, 'look at its power and network, and give it a longer keep-alive'],
  [/protocol version/, 'set it to MQTT 3.1.1'],
  [/^drain timeout/, 'it takes no more messages: look at its network'],
  [/queue limit/, 'have it wait for the answer to CONNECT before it publishes'],
  [/did not arrive in time|^Invalid |malformed|not allowed|unknown/i, 'it must speak MQTT 3.1.1 without TLS here'],
  [/same client id/, 'give each device its own client id'],
  [/connections are open/, 'have devices keep one connection each'],
];

const MOST_CHARACTERS = 200;

/** Why the local broker ends a connection, in words that people may see, with the remedy. A device chooses its topics and names. */
export const cutOffWords = (why: string): string =>
  withRemedy(why.slice(0, MOST_CHARACTERS).replaceAll(/[^\x20-\x7e]/g, '?'), remedies);
