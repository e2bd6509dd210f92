import { Tenants1763700000001 } from './0001-tenants.ts';
import { Access1763700000002 } from './0002-access.ts';
import { Audiences1763700000003 } from './0003-audiences.ts';
import { Ledger1763700000004 } from './0004-ledger.ts';
import { Audit1763700000005 } from './0005-audit.ts';
import { HttpEdge1763700000006 } from './0006-http-edge.ts';
import { Accountant1763700000007 } from './0007-accountant.ts';

/** Every migration in the order it runs. A merged migration is never edited. */
export const MIGRATIONS = [
  Tenants1763700000001,
  Access1763700000002,
  Audiences1763700000003,
  Ledger1763700000004,
  Audit1763700000005,
  HttpEdge1763700000006,
  Accountant1763700000007,
] as const;
