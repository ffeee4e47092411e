import { LoadstoneError } from '../../shared/outcome/outcome.ts';

/** Whether a failure is the store's only: it does not answer, or cannot store now. */
export const isStoreAway = (error: unknown): error is LoadstoneError =>
  error instanceof LoadstoneError && error.code === 'LS-STORE-001';
