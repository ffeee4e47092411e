import { LoadstoneError } from '../../shared/outcome/outcome.ts';

/** True if the store caused the failure: it does not answer, or cannot store now. */
export const isStoreAway = (error: unknown): error is LoadstoneError =>
  error instanceof LoadstoneError && error.code === 'LS-STORE-001';
