import { LoadstoneError } from '../../shared/outcome/outcome.ts';

/** Whether something failed for the store alone: it does not answer, or cannot keep what it is given now. */
export const isStoreAway = (error: unknown): error is LoadstoneError =>
  error instanceof LoadstoneError && error.code === 'LS-STORE-001';
