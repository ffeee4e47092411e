import type { Zip } from '../../../shared/codec/signed-document.ts';
import type { DesiredDocument } from '../../../shared/contracts/document.ts';
import type { DevicePlan, PlanBody } from '../../../shared/contracts/plan.ts';
import type { Reads } from '../../../shared/contracts/reads.ts';

/** The document as it is sent. Texts of a plan are only for the page and left out, except the reasons of each setpoint. */
export function forGateway<Document extends DesiredDocument>(document: Document): Document {
  return document.type === 'plan' ? { ...document, body: controlOf(document.body) } : document;
}

/** How the document is compressed for a gateway that reads `encodings`; the store keeps whole documents in Brotli only. */
export function zipFor({ type }: DesiredDocument, encodings: Reads['encodings']): Zip | undefined {
  if (!encodings.includes('br')) return undefined;
  return type === 'plan' && encodings.includes('columns') ? 'columns' : 'br';
}

/** The document for a gateway of version 0.1.0, which refuses documents with unknown fields. */
export function asFirstVersion(document: DesiredDocument): DesiredDocument {
  if (document.type !== 'settings' || document.body.gridLimit === undefined) return forGateway(document);
  const { schedule: _, ...gridLimit } = document.body.gridLimit;
  return { ...document, body: { ...document.body, gridLimit } };
}

function controlOf(body: PlanBody): PlanBody {
  const { sentences: _sentences, conflict: _conflict, room: _room, doNothing: _doNothing, ...control } = body;
  const { envelopeRule: _rule, ...assumptions } = body.assumptions;
  const { penaltyEur: _penalty, doNothingPenaltyEur: _nothing, ...cost } = body.cost;
  return {
    ...control,
    devices: body.devices.map(targetsOf),
    expected: [],
    assumptions: { ...assumptions, substitutions: [] },
    binding: [],
    cost,
  };
}

const targetsOf = ({ socPct: _soc, unservedKwh: _unserved, ...device }: DevicePlan): DevicePlan => ({
  ...device,
  reasons: device.reasons.map(({ price: _price, counterfactual: _counterfactual, ...reason }) => reason),
});
