import { Type, type Static } from 'typebox';
import type { Scope } from './caller.ts';

export const Role = Type.Union([
  Type.Literal('viewer'),
  Type.Literal('operator'),
  Type.Literal('planner'),
  Type.Literal('engineer'),
  Type.Literal('admin'),
  Type.Literal('auditor'),
]);
export type Role = Static<typeof Role>;

/** User administrators do not move devices, and operators do not grant rights. Each role has only its own rights. */
export const RIGHTS: Readonly<Record<Role, readonly Scope[]>> = {
  viewer: ['planner:read'],
  operator: ['planner:read', 'operate', 'quarantine:read'],
  planner: ['planner:read', 'planner:write'],
  engineer: ['planner:read', 'planner:write', 'models:write', 'quarantine:read'],
  admin: ['planner:read', 'access:write', 'audit:read'],
  auditor: ['planner:read', 'audit:read'],
};

/** Roles that one person may not combine: whoever grants rights neither moves devices nor audits. */
const APART: readonly (readonly [Role, Role])[] = [
  ['admin', 'operator'],
  ['admin', 'auditor'],
];

/** A pair of these roles that exclude each other; undefined if there is none. */
export const clashOf = (roles: readonly Role[]): readonly [Role, Role] | undefined =>
  APART.find((pair) => pair.every((role) => roles.includes(role)));

export const rightsOf = (roles: readonly Role[]): Scope[] => [...new Set(roles.flatMap((role) => RIGHTS[role]))];
