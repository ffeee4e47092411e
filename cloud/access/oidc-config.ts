import { Type, type Static } from 'typebox';
import { Role } from './roles.ts';

const Groups = Type.Array(
  Type.Object(
    {
      group: Type.String({ minLength: 1, maxLength: 200, description: 'as the provider names it' }),
      roles: Type.Array(Role, { minItems: 1, maxItems: 6, uniqueItems: true }),
      areas: Type.Union([Type.Literal('*'), Type.Array(Type.String({ maxLength: 200 }), { maxItems: 1000 })], {
        default: '*',
        description: 'targets on which they may act, their parts included; *: all',
      }),
    },
    { additionalProperties: false },
  ),
  { minItems: 1, description: 'what a group of the provider may do here; who is in none of them is not let in' },
);

/** Sign-in through an OpenID Connect provider. Secrets are files. */
export const OidcConfig = Type.Object(
  {
    issuer: Type.String({
      pattern: '^(https://.+|http://(localhost|127\\.0\\.0\\.1)(:[0-9]+)?(/.*)?)$',
      description:
        'https address of the provider; http over loopback alone. It must ask for the password again where max_age is 0, and say when it did: auth_time',
    }),
    name: Type.String({
      minLength: 1,
      maxLength: 40,
      default: 'single sign-on',
      description: 'shown on the login page',
    }),
    clientId: Type.String({
      minLength: 1,
      maxLength: 200,
      description:
        'as registered at the provider, with <origin>/v1/session/oidc/callback to sign in and <origin>/login after signing out',
    }),
    clientSecretFile: Type.String({ default: '', description: 'file with the secret; empty: a public client by PKCE' }),
    scope: Type.String({ default: 'openid profile', description: 'what is asked for' }),
    userClaim: Type.String({ default: 'preferred_username', description: 'claim with the name' }),
    groupsClaim: Type.String({ default: 'groups', description: 'claim with the groups' }),
    groups: Groups,
  },
  { additionalProperties: false },
);
export type OidcConfig = Static<typeof OidcConfig>;
