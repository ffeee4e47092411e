import { Type, type Static } from 'typebox';
import { checker } from '../contracts/validate.ts';
import { Id } from '../contracts/ids.ts';

/** Enrolment and renewal speak HTTP on the port of the uplink: the TLS handshake chooses between the two. */
export const ALPN = { mqtt: 'mqtt', http: 'http/1.1' } as const;
export const PATHS = { roots: '/pki/roots', enrol: '/pki/enrol', renew: '/pki/renew' } as const;
export const MAX_ENROLMENT_BYTES = 16_384;

const closed = { additionalProperties: false } as const;
const Pem = Type.String({ minLength: 1, maxLength: 8192, pattern: '^-----BEGIN [A-Z ]+-----' });

/** With a token's secret. A request that is carried by hand has none. */
export const EnrolmentRequest = Type.Object(
  { gateway: Id, secret: Type.Optional(Type.String({ pattern: '^[0-9a-f]{32}$' })), request: Pem },
  closed,
);
export type EnrolmentRequest = Static<typeof EnrolmentRequest>;
export const checkEnrolmentRequest = checker(EnrolmentRequest, 'LS-PKI-004');

/** A certificate with what is above it, and whom the gateway may trust from now on. */
export const EnrolmentAnswer = Type.Object({
  gateway: Id,
  /** The gateway's certificate and its issuer's, PEM. */
  certificate: Pem,
  /** Certificates of the roots, PEM. */
  roots: Pem,
  /** Keys that may sign documents, as a JWK set. */
  documentKeys: Type.Object({ keys: Type.Array(Type.Unknown(), { maxItems: 16 }) }),
  /**
   * Where the cloud has the gateway: its region, and its substation if the region's model names one. `broker`: where it connects to, if not
   * where it enrols; without a host at the same one.
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
