import type { Country } from '#core';

/**
 * Names of the things that codes stand for. A code without a name is shown as it is. Two codes of one kind must not have
 * one name, else sentences about them would read the same.
 */
export interface Names {
  readonly product?: (gtin: string) => string | undefined;
  readonly brand?: (code: string) => string | undefined;
  readonly category?: (code: string) => string | undefined;
  readonly region?: (code: string) => string | undefined;
  readonly store?: (code: string) => string | undefined;
  readonly tier?: (code: string) => string | undefined;
  readonly audience?: (id: string) => string | undefined;
}

export const CURRENCIES: Readonly<Record<Country, string>> = {
  FR: 'EUR',
  ES: 'EUR',
  IT: 'EUR',
  BE: 'EUR',
  PL: 'PLN',
  RO: 'RON',
  BR: 'BRL',
  AR: 'ARS',
  AE: 'AED',
};
