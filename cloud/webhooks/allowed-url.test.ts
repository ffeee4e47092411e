import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPublicAddress, reachOf } from './allowed-url.ts';

const ALLOWED = ['hooks.example.com', 'http://10.0.0.5:9000'];

test('deliveries go to public https hosts only, unless the origin is allowed: no loopback, private address or credentials', () => {
  assert.equal(reachOf('https://hooks.example.com/x', ALLOWED, '/url'), 'public');
  assert.equal(reachOf('http://10.0.0.5:9000/x', ALLOWED, '/url'), 'any');
  assert.equal(reachOf('https://elsewhere.example.org/', ['*'], '/url'), 'public');
  const refused = [
    'http://hooks.example.com/x',
    'https://hooks.example.com.evil.org/',
    'http://10.0.0.5:9001/',
    'https://10.0.0.5/',
    'https://127.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://user:pass@hooks.example.com/',
    'file:///etc/passwd',
    'nonsense',
  ];
  for (const url of refused)
    assert.throws(() => reachOf(url, [...ALLOWED, '*'].slice(0, url.includes('example') ? 2 : 3), '/url'), url);
  for (const address of [
    '127.0.0.1',
    '10.1.2.3',
    '169.254.169.254',
    '192.168.1.1',
    '100.64.0.1',
    '0.0.0.0',
    '255.255.255.255',
  ])
    assert.equal(isPublicAddress(address), false, address);
  for (const address of [
    '::1',
    '::',
    'fe80::1',
    'fc00::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    '2002:a00:1::',
    '2001:db8::1',
    'ff02::1',
  ])
    assert.equal(isPublicAddress(address), false, address);
  for (const address of ['8.8.8.8', '193.0.6.139', '2606:4700::1111'])
    assert.equal(isPublicAddress(address), true, address);
});
