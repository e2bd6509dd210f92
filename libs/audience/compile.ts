import { DomainError, PURPOSES, SqlParameters } from '#core';
import type { CountStatement, Dialect, Purpose } from '#core';
import { atomKey } from './atoms.ts';
import type { ResolvedAtom } from './atoms.ts';
import type { TableName } from './tables.ts';
import { intern } from './expr.ts';
import type { Expr } from './expr.ts';
import { LIMITS } from './limits.ts';
import { indented, purchaseSql } from './purchase-sql.ts';
import type { Fragment } from './purchase-sql.ts';
import type { ResolvedAudience } from './resolve.ts';
import { simplify } from './simplify.ts';

export interface CompileOptions {
  /** Only members who consent to every one of these count. At least one. */
  readonly purposes: readonly Purpose[];
  readonly dialect: Dialect;
  /** The full name of a table, quoted as the dialect needs; by default the bare name. Comes from configuration. */
  readonly tables?: (name: TableName) => string;
}

const CONSENT_COLUMNS: Readonly<Record<Purpose, string>> = {
  audience_measurement: 'c_audience_measurement',
  personalised_offers: 'c_personalised_offers',
  direct_marketing_email: 'c_direct_marketing_email',
  ads_owned_media: 'c_ads_owned_media',
  ads_open_web: 'c_ads_open_web',
  ads_social: 'c_ads_social',
  ads_tv: 'c_ads_tv',
};

const REGION_OR_TIER = { region: 'm.region_id', tier: 'm.tier' } as const;

/**
 * The statement that counts the members of the audience's country who consent to the purposes and match the rule: one
 * row, one 64-bit integer column `members`.
 *
 * Guarantees: every value, id and day is a parameter, named `p0`, `p1` … in the order of first use, each used; every
 * identifier comes from this library or from `tables`; the text depends on the shape of the rule, on the lengths of its
 * lists (rounded up to powers of two) and on whether bounds let in a member without any line, on nothing else; every reference to `line` and `brand_day` is bounded by
 * country and by a range of days; the test on a member reads that member's rows alone. Columns are taken as NOT NULL.
 *
 * @throws DomainError `audience-invalid` if the statement would need more than `LIMITS.parameters` parameters.
 */
export function compileCount(resolved: ResolvedAudience, options: CompileOptions): CountStatement {
  const { dialect, purposes, tables = (name: TableName): string => name } = options;
  const consents = PURPOSES.filter((purpose) => purposes.includes(purpose));
  if (consents.length === 0) throw new TypeError('a count needs at least one purpose that members consented to');
  const parameters = new SqlParameters(dialect);
  const country = parameters.text(resolved.country);
  const { expr, atoms } = intern(resolved.rule, atomKey);
  const test = new Test(atoms, { parameters, country, table: tables });
  const conditions = [
    `m.country = ${country}`,
    ...consents.map((purpose) => `m.${CONSENT_COLUMNS[purpose]}`),
    ...test.conjuncts(simplify(expr)),
  ];
  if (parameters.collected.length > LIMITS.parameters) throw tooLarge(parameters.collected.length);
  const where = conditions.map((condition, index) =>
    index === 0 ? `WHERE ${condition}` : indented(`AND ${condition}`),
  );
  const sql = ['SELECT COUNT(*) AS members', `FROM ${tables('member')} AS m`, ...where].join('\n');
  return { dialect, sql, parameters: parameters.collected };
}

function tooLarge(parameters: number): DomainError {
  const must = `one that needs at most ${LIMITS.parameters}`;
  const message = `is a rule that needs ${parameters} query parameters, must be ${must}: name fewer products`;
  return new DomainError('audience-invalid', {
    public: 'The audience definition names too many products in all.',
    errors: [{ pointer: '/rule', code: 'too-many', message }],
  });
}

/** Writes a simplified rule as a test on one row of `member`, called `m`. */
class Test {
  readonly #atoms: readonly ResolvedAtom[];
  readonly #fragment: Fragment;

  constructor(atoms: readonly ResolvedAtom[], fragment: Fragment) {
    this.#atoms = atoms;
    this.#fragment = fragment;
  }

  /** Conditions at the top level stand apart: an engine runs each as a semi join or an anti join. */
  conjuncts(expr: Expr<number>): readonly string[] {
    return expr.op === 'all' ? expr.of.map((child) => this.#sql(child)) : [this.#sql(expr)];
  }

  #sql(expr: Expr<number>): string {
    if (expr.op === 'constant') return expr.value ? 'TRUE' : 'FALSE';
    if (expr.op === 'atom') return this.#atom(expr.atom, true);
    if (expr.op === 'not')
      return expr.of.op === 'atom' ? this.#atom(expr.of.atom, false) : `NOT (${this.#sql(expr.of)})`;
    if (expr.op === 'atLeast') return this.#atLeast(expr.n, expr.of);
    const word = expr.op === 'all' ? 'AND' : 'OR';
    return `(\n${indented(expr.of.map((child) => this.#sql(child)).join(`\n${word} `))}\n)`;
  }

  #atLeast(n: number, children: readonly Expr<number>[]): string {
    const terms = children.map((child) => `CASE WHEN ${this.#sql(child)} THEN 1 ELSE 0 END`);
    return `(\n${indented(terms.join('\n+ '))}\n) >= ${this.#fragment.parameters.int(n)}`;
  }

  #atom(index: number, positive: boolean): string {
    const atom = this.#atoms[index];
    if (atom === undefined) throw new RangeError(`no atom ${index} among ${this.#atoms.length}`);
    if (atom.kind === 'purchases') return purchaseSql(atom, positive, this.#fragment);
    const column = REGION_OR_TIER[atom.attribute];
    return `${column} ${positive ? 'IN' : 'NOT IN'} ${this.#fragment.parameters.ints(atom.ids)}`;
  }
}
