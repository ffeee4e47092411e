import type { Origin, Quality } from './ids.ts';

/** From best to worst. The order defines their codes in journals and stores. */
export const qualities: readonly Quality[] = ['good', 'uncertain', 'bad'];

/** The order defines their codes in journals and stores. */
export const origins: readonly Origin[] = ['measured', 'estimated', 'substituted'];
