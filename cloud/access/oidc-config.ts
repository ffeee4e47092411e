import { Type, type Static } from 'typebox';
import { Role } from './roles.ts';

const Groups = Type.Array(
  Type.Object(
    {
      group: Type.String({ minLength: 1, maxLength: 200, description: 'name of the group at the provider' }),
      roles: Type.Array(Role, { minItems: 1, maxItems: 6, uniqueItems: true }),
      areas: Type.Union([Type.Literal('*'), Type.Array(Type.String({ maxLength: 200 }), { maxItems: 1000 })], {
        default: '*',
        description: 'targets on which its members may act, with everything below them; *: all',
      }),
    },
    { additionalProperties: false },
  ),
  {
    minItems: 1,
    description: 'roles and areas of each group of the provider; a person in none of these groups is refused',
  },
);

/** Sign-in through an OpenID Connect provider. Secrets are files. */
export const OidcConfig = Type.Object(
  {
    issuer: Type.String({
      pattern: '^(https://.+|http://(localhost|127\\.0\\.0\\.1)(:[0-9]+)?(/.*)?)$',
      description:
        'https address of the provider; http only over loopback. It must ask for the password again if max_age is 0, and report when it did (auth_time)',
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
        'client id registered at the provider, with redirect URI <origin>/v1/session/oidc/callback and post-logout redirect URI <origin>/login',
    }),
    clientSecretFile: Type.String({
      default: '',
      description: 'file with the client secret; empty: a public client with PKCE',
    }),
    scope: Type.String({ default: 'openid profile', description: 'requested scopes' }),
    userClaim: Type.String({ default: 'preferred_username', description: 'claim with the user name' }),
    groupsClaim: Type.String({ default: 'groups', description: 'claim with the groups' }),
    groups: Groups,
  },
  { additionalProperties: false },
);
export type OidcConfig = Static<typeof OidcConfig>;
