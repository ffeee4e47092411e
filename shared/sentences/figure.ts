const THIN = '\u202f';

/** A plain number as a language writes it: a true minus, a narrow space between thousands in all of them, a comma before decimals but in English. */
export function figure(value: number | string, language: string): string {
  const [whole = '0', part] = String(value).split('.');
  const grouped = whole.replace(/\D/g, '').length > 4 ? whole.replace(/\B(?=(?:\d{3}){1,7}$)/g, THIN) : whole;
  const signed = grouped.replace('-', '−');
  return part === undefined ? signed : `${signed}${language === 'en' ? '.' : ','}${part}`;
}
