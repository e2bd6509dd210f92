import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { demoBrandManufacturers } from '#demo';
import { ApiKeysService } from '../access/api-keys.service.ts';
import { ROLE_PRESETS } from '../access/scopes.ts';
import type { Role } from '../access/scopes.ts';
import { BrandsService } from '../brands/brands.service.ts';
import { replaceSecretFile } from '../config/secret-file.ts';

/** Keys of the demo's people. Made once, kept in a file that only the owner of the data folder can read. */
export interface DemoKeys {
  readonly analyst: string;
  readonly agency: string;
  readonly manager: string;
  readonly brandId: string;
  readonly otherBrandId: string;
  readonly agencyId: string;
}

/** Who the demo's first tenants and keys are made by, in the audit. */
const ACTOR = 'demo-setup';
const KEY_DAYS = 365;

/**
 * Opens two brands and an agency that works for the second, and makes a key each for analyst, agency and account
 * manager. At later starts it reads what the first one made.
 */
export async function demoTenants(app: INestApplicationContext, dataDir: string): Promise<DemoKeys> {
  const file = join(dataDir, 'secrets', 'demo-keys.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as DemoKeys;
  const keys = await openTenants(app);
  replaceSecretFile(file, `${JSON.stringify(keys, null, 2)}\n`);
  return keys;
}

async function openTenants(app: INestApplicationContext): Promise<DemoKeys> {
  const brands = app.get(BrandsService, { strict: false });
  // A start that died before the keys were written has opened them already.
  const known = await brands.list();
  const open = async (manufacturer: string): Promise<string> =>
    known.find((brand) => brand.manufacturer === manufacturer)?.id ??
    (await brands.openBrand(ACTOR, manufacturer, manufacturer)).id;
  const [first, second] = demoBrandManufacturers().manufacturers;
  const brandId = await open(first.name);
  const otherBrandId = await open(second.name);
  const { id: agencyId } = await brands.openAgency(ACTOR, 'Studio Media');
  const scopes = [...ROLE_PRESETS.agency_analyst.scopes];
  await brands.grant(ACTOR, { agencyId, brandId: otherBrandId, scopes, days: KEY_DAYS });
  const issue = keyIssuer(app);
  return {
    analyst: await issue('Demo analyst', 'brand_admin', { brandId }),
    agency: await issue('Demo agency', 'agency_analyst', { agencyId }),
    manager: await issue('Demo account manager', 'account_manager', {}),
    brandId,
    otherBrandId,
    agencyId,
  };
}

type IssueKey = (label: string, role: Role, owner: { brandId?: string; agencyId?: string }) => Promise<string>;

function keyIssuer(app: INestApplicationContext): IssueKey {
  const keys = app.get(ApiKeysService, { strict: false });
  const source = app.get(DataSource, { strict: false });
  return async (label, role, { brandId = null, agencyId = null }) => {
    const { kind, scopes } = ROLE_PRESETS[role];
    const spec = { label, scopes, expiresInDays: KEY_DAYS, allowedIps: [] };
    const issued = await source.transaction((manager) => keys.issue(manager, { kind, brandId, agencyId }, spec, ACTOR));
    return issued.text;
  };
}
