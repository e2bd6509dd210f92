import type { Statement } from './sensitivity.ts';

/** Spend of a member in the whole history; 0 without lines. */
const SPEND = '(SELECT COALESCE(SUM(net_cents), 0) FROM line AS l WHERE l.member_id = m.member_id)';

/** Lines of tea, which many members have none of: where many are level, a quantile moves many at once. */
const TEA = '(SELECT COUNT(*) FROM line AS l WHERE l.member_id = m.member_id AND l.product_id = 4)';

const BASE = `FROM member AS m WHERE m.country = 'FR' AND m.c_audience_measurement`;

const audience = (condition: string): Statement => ({
  sql: `SELECT COUNT(*) AS members\n${BASE} AND ${condition}`,
  parameters: [],
});

/** Written by hand: audiences that ask how a member stands among the others, as the language cannot. */
export const COMPARING_AUDIENCES: Readonly<Record<string, Statement>> = {
  'in the upper half of tea drinkers': audience(`${TEA} >= (SELECT quantile_disc(${TEA}, 0.5) ${BASE})`),
  'above the average spend': audience(`${SPEND} > (SELECT AVG(${SPEND}) ${BASE})`),
  'in the best-selling region': audience(
    'm.region_id = (SELECT o.region_id FROM member AS o JOIN line USING (member_id) GROUP BY ALL ORDER BY COUNT(*) DESC, 1 LIMIT 1)',
  ),
  'where others bought the same': audience(
    `EXISTS (SELECT 1 FROM line AS a JOIN line AS b ON a.product_id = b.product_id AND a.day = b.day
       WHERE a.member_id = m.member_id AND b.member_id <> m.member_id)`,
  ),
  'in the top half by rank': audience(
    `m.member_id IN (SELECT member_id FROM member QUALIFY PERCENT_RANK() OVER (
       ORDER BY (SELECT COUNT(*) FROM line AS l WHERE l.member_id = member.member_id) DESC) <= 0.5)`,
  ),
};
