import { Type, type Static } from 'typebox';
import { checker } from '../contracts/validate.ts';
import { Id } from '../contracts/ids.ts';

/** Enrolment and renewal use HTTP on the uplink's port. The TLS handshake (ALPN) selects the protocol. */
export const ALPN = { mqtt: 'mqtt', http: 'http/1.1' } as const;
export const PATHS = { roots: '/pki/roots', enrol: '/pki/enrol', renew: '/pki/renew' } as const;
export const MAX_ENROLMENT_BYTES = 16_384;

const closed = { additionalProperties: false } as const;
const Pem = Type.String({ minLength: 1, maxLength: 8192, pattern: '^-----BEGIN [A-Z ]+-----' });

/** `secret` is that of an enrolment token. A request that is carried by hand has none. */
export const EnrolmentRequest = Type.Object(
  { gateway: Id, secret: Type.Optional(Type.String({ pattern: '^[0-9a-f]{32}$' })), request: Pem },
  closed,
);
export type EnrolmentRequest = Static<typeof EnrolmentRequest>;
export const checkEnrolmentRequest = checker(EnrolmentRequest, 'LS-PKI-004');

/** A certificate with its chain, and what the gateway trusts from now on. */
export const EnrolmentAnswer = Type.Object({
  gateway: Id,
  /** The gateway's certificate and its issuer's, PEM. */
  certificate: Pem,
  /** Root certificates, PEM. */
  roots: Pem,
  /** Keys that may sign documents, as a JWK set. */
  documentKeys: Type.Object({ keys: Type.Array(Type.Unknown(), { maxItems: 16 }) }),
  /**
   * Where the gateway belongs: its region, and its substation if the region's model names one. `broker`: where it connects, if that differs
   * from where it enrols; without `host`, the same host.
   */
  place: Type.Optional(
    Type.Object({
      group: Id,
      substation: Type.Optional(Id),
      broker: Type.Optional(
        Type.Object({
          host: Type.Optional(Type.String({ pattern: '^[a-z0-9.:-]{1,253}$' })),
          port: Type.Integer({ minimum: 1, maximum: 65_535 }),
        }),
      ),
    }),
  ),
});
export type EnrolmentAnswer = Static<typeof EnrolmentAnswer>;
export const checkEnrolmentAnswer = checker(EnrolmentAnswer, 'LS-PKI-005');
