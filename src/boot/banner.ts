import type { DemoKeys } from './demo-tenants.ts';
import { tourDefinition } from './tour-audiences.ts';

/** What a person needs to go on once the service runs: addresses, keys and three calls to try. */
export function banner(url: string, keys: DemoKeys | undefined): string {
  const addresses = `\nHaven is running.\n\n  API        ${url}\n  Docs       ${url}/docs\n`;
  if (keys === undefined) return `${addresses}\nStop with Ctrl-C.\n`;
  return `${addresses}
  Analyst    ${keys.analyst}
  Agency     ${keys.agency}
  Manager    ${keys.manager}

Try:

  curl -s ${url}/v1/me -H 'Authorization: Bearer ${keys.analyst}'

  curl -s '${url}/v1/catalog/categories?limit=5' -H 'Authorization: Bearer ${keys.analyst}'

  curl -s ${url}/v1/audiences/estimate -H 'Authorization: Bearer ${keys.analyst}' \\
    -H 'Idempotency-Key: first-size' -H 'Content-Type: application/json' \\
    -d '${JSON.stringify({ definition: tourDefinition() })}'

Stop with Ctrl-C.
`;
}
