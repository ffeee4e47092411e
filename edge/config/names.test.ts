import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withNames } from './names.ts';

const known = { gateway: 'owd-01', place: { group: 'north', substation: 'owd' }, url: 'mqtts://grid.example.net' };

test('enrolment fills in open names and keeps comments and everything else', () => {
  const text = [
    'gateway: { id: unconfigured, substation: unconfigured }  # by "edge enrol"',
    'uplink: { identity: /var/lib/loadstone-edge/identity }',
    'devices: []  # none yet',
    '',
  ].join('\n');
  const named = withNames(text, 'gateway.yaml', known);
  assert.deepEqual(named.set, ['gateway.id', 'gateway.substation', 'gateway.group', 'uplink.url']);
  assert.equal(
    named.text,
    [
      'gateway: { id: owd-01, substation: owd, group: north } # by "edge enrol"',
      'uplink: { identity: /var/lib/loadstone-edge/identity, url: mqtts://grid.example.net }',
      'devices: [] # none yet',
      '',
    ].join('\n'),
  );
});

test('enrolment leaves a configuration with all names unchanged, to the byte', () => {
  const text = 'gateway: {id: hal-01,   substation: hal}\nuplink: { url: "wss://other.example.net" }\n';
  assert.deepEqual(withNames(text, 'gateway.yaml', known), { text, set: [] });
});

test('enrolment leaves the substation open if the cloud does not have the gateway in its region', () => {
  const text = 'gateway: { id: unconfigured, substation: unconfigured }\n';
  const { set } = withNames(text, 'gateway.yaml', { ...known, place: { group: 'north' } });
  assert.deepEqual(set, ['gateway.id', 'gateway.group', 'uplink.url']);
});

test('a gateway whose broker is not where it enrols gets both addresses', () => {
  const text = 'gateway: { id: unconfigured, substation: unconfigured }\n';
  const place = { group: 'north', broker: { host: 'mq.example.net', port: 8883 } };
  const url = 'mqtts://grid.example.net:8884';
  const named = withNames(text, 'gateway.yaml', { ...known, place, url });
  assert.match(named.text, /url: mqtts:\/\/mq\.example\.net:8883\n +authority: https:\/\/grid\.example\.net:8884/);
  const same = withNames(text, 'gateway.yaml', { ...known, place: { group: 'north', broker: { port: 8883 } }, url });
  assert.match(same.text, /url: mqtts:\/\/grid\.example\.net:8883\n/);
});
