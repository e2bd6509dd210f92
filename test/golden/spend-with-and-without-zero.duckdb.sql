SELECT COUNT(*) AS members
FROM member AS m
WHERE m.country = $p0
  AND m.c_audience_measurement
  AND EXISTS (
    SELECT 1
    FROM brand_day AS l
    WHERE country = $p0
      AND day BETWEEN $p1 AND $p2
      AND brand_id IN ($p3)
      AND l.member_id = m.member_id
    GROUP BY member_id
    HAVING SUM(net_cents) >= $p4 AND SUM(net_cents) <= $p5
  )
  AND m.member_id NOT IN (
    SELECT member_id
    FROM line
    WHERE country = $p0
      AND day BETWEEN $p6 AND $p7
      AND category_id IN ($p8)
    GROUP BY member_id
    HAVING SUM(net_cents) < $p9 OR SUM(net_cents) > $p10
  )
  AND EXISTS (
    SELECT 1
    FROM line AS l
    WHERE country = $p0
      AND day BETWEEN $p11 AND $p12
      AND category_id IN ($p13)
      AND l.member_id = m.member_id
    GROUP BY member_id
    HAVING SUM(net_cents) > $p14
  )
-- p0 string FR
-- p1 date 2024-04-01
-- p2 date 2025-03-31
-- p3 int64 1
-- p4 int64 5000
-- p5 int64 20000
-- p6 date 2025-03-02
-- p7 date 2025-03-31
-- p8 int64 101
-- p9 int64 -100
-- p10 int64 1000
-- p11 date 2024-04-01
-- p12 date 2025-03-31
-- p13 int64 101
-- p14 int64 500000
