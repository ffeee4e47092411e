import { Type, type Static } from 'typebox';
import type { Immutable } from './immutable.ts';

/** Answers of GET /v1/users and /v1/tokens. Times are RFC 3339. */
export const UserView = Type.Object(
  {
    name: Type.String(),
    roles: Type.Array(Type.String()),
    /** Targets on which the user may act, including their parts; `*` for all. */
    areas: Type.Union([Type.Literal('*'), Type.Array(Type.String())]),
    /** Somebody else set the password. It only allows changing itself. */
    mustChange: Type.Boolean(),
    disabled: Type.Boolean(),
  },
  { title: 'UserView' },
);
export type UserView = Immutable<Static<typeof UserView>>;

export const OneTimePassword = Type.Object({ oneTimePassword: Type.String() }, { title: 'OneTimePassword' });

/** Answer of PUT /v1/users/{id}. The password of a new user is shown once. */
export const PutUserAnswer = Type.Object(
  { ...UserView.properties, oneTimePassword: Type.Optional(Type.String()) },
  { title: 'PutUserAnswer' },
);

/** Requests that need a second administrator: GET /v1/user-requests. A second administrator confirms one by making the same request. */
export const UserRequestView = Type.Object(
  {
    user: Type.String(),
    kind: Type.Union([Type.Literal('rights'), Type.Literal('password')]),
    /** The requested rights; null: a new one-time password. */
    rights: Type.Union([
      Type.Object({
        roles: UserView.properties.roles,
        areas: UserView.properties.areas,
        disabled: Type.Boolean(),
      }),
      Type.Null(),
    ]),
    by: Type.String(),
    askedAt: Type.String(),
    expiresAt: Type.String(),
  },
  { title: 'UserRequestView' },
);
export type UserRequestView = Immutable<Static<typeof UserRequestView>>;

export const PasskeyView = Type.Object(
  {
    id: Type.String(),
    name: Type.String(),
    /** Host name of the page that it is for. */
    host: Type.String(),
    createdAt: Type.String(),
    lastUsedAt: Type.Union([Type.String(), Type.Null()]),
  },
  { title: 'PasskeyView' },
);
export type PasskeyView = Immutable<Static<typeof PasskeyView>>;

/** WebAuthn options for the browser, as a JSON string. */
export const PasskeyOptions = Type.Object({ options: Type.String() }, { title: 'PasskeyOptions' });
export type PasskeyOptions = Static<typeof PasskeyOptions>;

export const TokenView = Type.Object(
  {
    id: Type.String(),
    label: Type.String(),
    scopes: Type.Array(Type.String()),
    createdAt: Type.Union([Type.String(), Type.Null()]),
    lastUsedAt: Type.Union([Type.String(), Type.Null()]),
    expiresAt: Type.String(),
  },
  { title: 'TokenView' },
);
export type TokenView = Immutable<Static<typeof TokenView>>;

/** A new token. Its secret is shown once. */
export const NewTokenView = Type.Object({ ...TokenView.properties, token: Type.String() }, { title: 'NewTokenView' });
export type NewTokenView = Immutable<Static<typeof NewTokenView>>;
