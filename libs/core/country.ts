/** The retailer's partitions, ISO 3166-1 alpha-2. A member is in exactly one. */
export const COUNTRIES = ['FR', 'ES', 'IT', 'BE', 'PL', 'RO', 'BR', 'AR', 'AE'] as const;

export type Country = (typeof COUNTRIES)[number];

export const isCountry = (text: unknown): text is Country => COUNTRIES.some((country) => country === text);
