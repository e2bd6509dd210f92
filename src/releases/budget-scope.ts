/** Kinds of budget in the one order in which all spenders lock them. */
export const SCOPE_KINDS = ['global', 'agency', 'brand', 'campaign'] as const;

/**
 * `global`: all brands in one country, the guarantee. The others are quotas beneath it: what one agency may come to see,
 * what one brand may ask, what one campaign may cost.
 */
export type ScopeKind = (typeof SCOPE_KINDS)[number];

/** Spans over which a budget is capped. */
export const BUDGET_WINDOWS = ['month', 'year', 'total'] as const;

/** `month`: calendar month, UTC. `year`: the last 365 days, today included. `total`: since it was opened. */
export type BudgetWindow = (typeof BUDGET_WINDOWS)[number];

/** The windows each kind is capped over. */
export const WINDOWS_OF: Readonly<Record<ScopeKind, readonly BudgetWindow[]>> = {
  global: ['month', 'year'],
  agency: ['month'],
  brand: ['month', 'year'],
  campaign: ['total'],
};

/** A budget that releases draw on. */
export interface BudgetScope {
  readonly id: string;
  readonly kind: ScopeKind;
  /** Country, agency id, brand id or campaign id. */
  readonly owner: string;
  /** Caps in nano-ρ, of the windows of its kind. */
  readonly caps: Readonly<Partial<Record<BudgetWindow, bigint>>>;
}

/**
 * Which budgets one release draws on: the country's, the brand's, the campaign's where it is part of one, and that of
 * every agency that the brand lets see its releases at the moment.
 */
export interface Payers {
  readonly country: string;
  readonly brandId: string;
  readonly campaignId?: string | undefined;
}

export const scopeId = (kind: ScopeKind, owner: string): string => `${kind}:${owner}`;

/** The budgets of these payers that follow from themselves; those of agencies follow from the brand's grants. */
export const ownScopeIds = ({ country, brandId, campaignId }: Payers): readonly string[] => [
  scopeId('global', country),
  scopeId('brand', brandId),
  ...(campaignId === undefined ? [] : [scopeId('campaign', campaignId)]),
];

/** Caps as the audit holds them: `monthNanoRho` and so on, in decimal. */
export const capTexts = (caps: BudgetScope['caps']): Record<string, string> =>
  Object.fromEntries(Object.entries(caps).map(([window, cap]) => [`${window}NanoRho`, cap.toString()]));
