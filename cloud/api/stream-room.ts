import { LoadstoneError } from '../../shared/outcome/outcome.ts';

/** Most open streams, and most of one person, so that one person cannot take them all. */
export interface StreamRoom {
  readonly most: number;
  readonly mostOfOne: number;
}

/** Throws LS-API-008 if a person may open no further stream. */
export function assertRoom(
  open: ReadonlySet<{ readonly person: string }>,
  person: string,
  { most, mostOfOne }: StreamRoom,
): void {
  if (open.size >= most) throw new LoadstoneError('LS-API-008', `${most} streams are already open`);
  if ([...open].filter((each) => each.person === person).length >= mostOfOne)
    throw new LoadstoneError('LS-API-008', `${person} already has ${mostOfOne} streams open; close one`);
}
