import type { DuckDBConnection } from '@duckdb/node-api';

/**
 * Changes a demo file so that it holds what the language speaks of and a well-behaved till never writes: baskets that
 * run past midnight, that mix channels or hold a return, members in debt to the till, lines of another country, lines
 * before the history and after the last complete day. The sums of `brand_day` are made again from the lines.
 */
export async function roughen(connection: DuckDBConnection): Promise<void> {
  for (const sql of ROUGH_EDGES) await connection.run(sql);
}

const ROUGH_EDGES = [
  'UPDATE line SET day = day + 1 WHERE member_id % 7 = 0 AND basket_id % 3 = 0 AND line_no % 2 = 0',
  'UPDATE line SET channel = 3 - channel WHERE member_id % 11 = 0 AND line_no = 2',
  'UPDATE line SET quantity = -quantity, net_cents = -net_cents WHERE member_id % 5 = 0 AND line_no <> 2',
  `UPDATE line SET country = CASE country WHEN 'FR' THEN 'ES' ELSE 'FR' END WHERE member_id % 19 = 0 AND line_no = 1`,
  `UPDATE line SET day = (SELECT min(history_from) FROM data_version) - 1 - (basket_id % 40)::INTEGER
   WHERE member_id % 17 = 0 AND basket_id % 4 = 0`,
  `UPDATE line SET day = (SELECT max(data_through) FROM data_version) + 1 + (basket_id % 3)::INTEGER
   WHERE member_id % 17 = 1 AND basket_id % 4 = 0`,
  'DELETE FROM brand_day',
  `INSERT INTO brand_day
   SELECT country, day, brand_id, category_id, member_id, count(DISTINCT basket_id), sum(quantity), sum(net_cents)
   FROM line GROUP BY ALL`,
  'CHECKPOINT',
];
