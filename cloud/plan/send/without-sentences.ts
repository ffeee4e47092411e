import type { DesiredDocument } from '../../../shared/contracts/document.ts';

/** The document as it goes over the wire: sentences by code and values are for the page alone. */
export function withoutSentences<Document extends DesiredDocument>(document: Document): Document {
  if (document.type !== 'plan' || document.body.sentences === undefined) return document;
  const { sentences: _, ...body } = document.body;
  return { ...document, body };
}
