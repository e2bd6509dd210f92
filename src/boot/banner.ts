import { demoBrandManufacturers } from '#demo';
import type { DemoKeys } from './demo-tenants.ts';

/** What a person needs to go on once the service runs: addresses, keys and three calls to try. */
export function banner(url: string, keys: DemoKeys | undefined): string {
  const addresses = `\nHaven is running.\n\n  API        ${url}\n  Docs       ${url}/docs\n`;
  if (keys === undefined) return addresses;
  return `${addresses}
  Analyst    ${keys.analyst}
  Agency     ${keys.agency}
  Manager    ${keys.manager}

Try:

  curl -s ${url}/v1/me -H 'Authorization: Bearer ${keys.analyst}'

  curl -s '${url}/v1/catalog/categories?limit=5' -H 'Authorization: Bearer ${keys.analyst}'

  curl -s ${url}/v1/audiences/estimate -H 'Authorization: Bearer ${keys.analyst}' \\
    -H 'Idempotency-Key: first-size' -H 'Content-Type: application/json' \\
    -d '${JSON.stringify({ definition: exampleDefinition() })}'

Stop with Ctrl-C.
`;
}

/** Bought the category at least twice in six months and not the brand in twelve, in three regions. */
export function exampleDefinition(): Record<string, unknown> {
  const { manufacturers, categoryCode, country, regionCodes } = demoBrandManufacturers();
  return {
    version: 'audience/1',
    country,
    rule: {
      all: [
        { frequency: { products: { categories: [categoryCode] }, window: { lastMonths: 6 }, min: 2 } },
        { notPurchased: { products: { brands: [...manufacturers[0].brandCodes] }, window: { lastMonths: 12 } } },
        { region: { in: [...regionCodes] } },
      ],
    },
  };
}
