import type { DesiredDocument } from '../../../shared/contracts/document.ts';
import type {
  BindingConstraint,
  ConflictMember,
  DevicePlan,
  KeptRoom,
  PlanBody,
} from '../../../shared/contracts/plan.ts';
import { withoutSentences } from './without-sentences.ts';

/** The document for a gateway of version 0.1.0, which refuses a document with a field that it does not know. */
export function asFirstVersion(document: DesiredDocument): DesiredDocument {
  if (document.type === 'settings' && document.body.gridLimit !== undefined) {
    const { schedule: _, ...gridLimit } = document.body.gridLimit;
    return { ...document, body: { ...document.body, gridLimit } };
  }
  if (document.type !== 'plan') return document;
  const { body } = withoutSentences(document);
  const { conflict, room } = body;
  return {
    ...document,
    body: {
      ...body,
      devices: body.devices.map(deviceOf),
      binding: body.binding.map(bindingOf),
      ...(conflict === undefined ? {} : { conflict: { ...conflict, members: conflict.members.map(memberOf) } }),
      ...(room === undefined ? {} : { room: roomOf(room) }),
    },
  };
}

const memberOf = (member: ConflictMember): ConflictMember => {
  const { constraint: _constraint, limit: _limit, unit: _unit, ...known } = member;
  return known;
};

const roomOf = (room: KeptRoom): KeptRoom => {
  const { constraint: _, ...known } = room;
  return known;
};

const bindingOf = (binding: BindingConstraint): PlanBody['binding'][number] => {
  const { penalty: _, ...known } = binding;
  return known;
};

const deviceOf = (device: DevicePlan): DevicePlan => ({
  ...device,
  reasons: device.reasons.map((reason) => {
    if (reason.price === undefined) return reason;
    const { penaltyPerMwh: _, ...price } = reason.price;
    return { ...reason, price };
  }),
});
