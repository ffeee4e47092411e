import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as check, constantFrom, property, string } from 'fast-check';
import { withoutSecrets } from './without-secrets.ts';

test('secrets are removed from a support file, explanations stay', () => {
  const cases: [string, RegExp, string][] = [
    ['url: mqtts://owd:hunter22@grid.example.net:8883', /hunter22/, 'grid.example.net:8883'],
    ['{"kty":"OKP","d":"nWGxne_9Wm","x":"11qYAY"}', /nWGxne/, '11qYAY'],
    ["password: 'o p e n'", /o p e n/, 'password'],
    ['token=7QF2-M9KD done', /7QF2/, 'done'],
    ['bms:scrypt$a1$b2', /a1\$b2/, 'bms'],
    ['-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----\nnext', /MC4CAQ/, 'next'],
    ['Authorization: Bearer abc.def-1', /abc\.def/, 'Authorization'],
    ['jws eyJhbGciOiJF.eyJ4Ijox.c2ln refused', /eyJ/, 'refused'],
  ];
  const plain = 'gateway: { id: owd-01 }\n{"acknowledged":3,"quarantined":[]}\nstopped: no journal';
  assert.equal(withoutSecrets(plain, []), plain);
  for (const [text, secret, stays] of cases) {
    const left = withoutSecrets(text, []);
    assert.deepEqual([secret.test(left), left.includes(stays)], [false, true], left);
  }
});

test('a password from a secret file is removed wherever it appears', () => {
  const word = string({
    minLength: 4,
    maxLength: 20,
    unit: constantFrom('a', 'Z', '0', '$', '.', '*', '+', '?', '(', ')', '[', ']', '^'),
  });
  check(
    property(word, string(), string(), (secret, before, after) => {
      const left = withoutSecrets(`${before}\n<${secret}>\n${after}`, [`owd-01:${secret}\n`]);
      assert.ok(!left.includes(`<${secret}>`), left);
    }),
  );
});
