import { Type, type Static } from 'typebox';
import type { Immutable } from './immutable.ts';

/** Answers of GET /v1/users and /v1/tokens. Times are RFC 3339. */
export const UserView = Type.Object(
  {
    name: Type.String(),
    roles: Type.Array(Type.String()),
    /** Targets on which they may act, their parts included; `*`: all. */
    areas: Type.Union([Type.Literal('*'), Type.Array(Type.String())]),
    /** The password was given by somebody else: it opens nothing but its own change. */
    mustChange: Type.Boolean(),
    disabled: Type.Boolean(),
  },
  { title: 'UserView' },
);
export type UserView = Immutable<Static<typeof UserView>>;

export const OneTimePassword = Type.Object({ oneTimePassword: Type.String() }, { title: 'OneTimePassword' });

/** What PUT /v1/users/{id} answers: a new user's password is shown once. */
export const PutUserAnswer = Type.Object(
  { ...UserView.properties, oneTimePassword: Type.Optional(Type.String()) },
  { title: 'PutUserAnswer' },
);

/** What waits for a second admin: GET /v1/user-requests. Who asks for the same confirms it. */
export const UserRequestView = Type.Object(
  {
    user: Type.String(),
    kind: Type.Union([Type.Literal('rights'), Type.Literal('password')]),
    /** The rights that are asked for; null: a new one-time password. */
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
    /** The host name of the page that it is for. */
    host: Type.String(),
    createdAt: Type.String(),
    lastUsedAt: Type.Union([Type.String(), Type.Null()]),
  },
  { title: 'PasskeyView' },
);
export type PasskeyView = Immutable<Static<typeof PasskeyView>>;

/** Options of WebAuthn as JSON in a text, for the browser. */
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

/** A token that was made: its secret is shown once. */
export const NewTokenView = Type.Object({ ...TokenView.properties, token: Type.String() }, { title: 'NewTokenView' });
export type NewTokenView = Immutable<Static<typeof NewTokenView>>;
