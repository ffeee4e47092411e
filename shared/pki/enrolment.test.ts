import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertCovers } from '../contracts/testing/assert-covers.ts';
import { unwrap } from '../outcome/outcome.ts';
import { printToken, readToken } from './enrolment-token.ts';
import { ALPN, EnrolmentAnswer, EnrolmentRequest, PATHS } from './enrolment.ts';

/**
 * What gateway and cloud of this version send each other for a certificate. Gateways in the field enrol and renew with these bytes, so they
 * are never changed; a new field gets a line that uses it.
 */
const TOKEN = `loadstone-enrol.owd-01.${'a1'.repeat(32)}.${'b2'.repeat(16)}`;
const REQUESTS = [
  String.raw`{"gateway":"owd-01","request":"-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n"}`,
  String.raw`{"gateway":"owd-01","request":"-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n","secret":"b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2"}`,
];
const ANSWERS = [
  String.raw`{"gateway":"owd-01","certificate":"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n","roots":"-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n","documentKeys":{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"k","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}}`,
  String.raw`{"gateway":"owd-01","certificate":"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n","roots":"-----BEGIN CERTIFICATE-----\nMIIC\n-----END CERTIFICATE-----\n","documentKeys":{"keys":[]},"place":{"group":"north","substation":"owd","broker":{"host":"broker.example","port":8883}}}`,
];

test('requests and answers for a certificate keep their form', () => {
  assertCovers(
    EnrolmentRequest,
    REQUESTS.map((text) => JSON.parse(text) as unknown),
  );
  assertCovers(
    EnrolmentAnswer,
    ANSWERS.map((text) => JSON.parse(text) as unknown),
  );
  assert.deepEqual(
    [PATHS, ALPN],
    [
      { roots: '/pki/roots', enrol: '/pki/enrol', renew: '/pki/renew' },
      { mqtt: 'mqtt', http: 'http/1.1' },
    ],
  );
});

test('a token keeps its form', () => {
  const token = { gateway: 'owd-01', root: 'a1'.repeat(32), secret: 'b2'.repeat(16) };
  assert.equal(printToken(token), TOKEN);
  assert.deepEqual(unwrap(readToken(TOKEN)), token);
});
