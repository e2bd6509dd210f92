SELECT COUNT(*) AS members
FROM member AS m
WHERE m.country = $p0
  AND m.c_audience_measurement
  AND m.member_id IN (
    SELECT member_id
    FROM brand_day
    WHERE country = $p0
      AND day BETWEEN $p1 AND $p2
      AND category_id IN ($p3, $p4)
      AND brand_id IN ($p5, $p6)
  )
  AND EXISTS (
    SELECT 1
    FROM brand_day AS l
    WHERE country = $p0
      AND day BETWEEN $p7 AND $p8
      AND category_id IN ($p9)
      AND brand_id IN ($p10)
      AND l.member_id = m.member_id
    GROUP BY member_id
    HAVING SUM(net_cents) >= $p11
  )
  AND EXISTS (
    SELECT 1
    FROM line AS l
    WHERE country = $p0
      AND day BETWEEN $p12 AND $p13
      AND category_id IN ($p14)
      AND brand_id IN ($p15)
      AND l.member_id = m.member_id
    GROUP BY member_id
    HAVING COUNT(DISTINCT basket_id) >= $p16
  )
-- p0 string FR
-- p1 date 2024-04-01
-- p2 date 2025-03-31
-- p3 int64 101
-- p4 int64 102
-- p5 int64 1
-- p6 int64 2
-- p7 date 2024-04-01
-- p8 date 2025-03-31
-- p9 int64 201
-- p10 int64 2
-- p11 int64 1
-- p12 date 2024-04-01
-- p13 date 2025-03-31
-- p14 int64 101
-- p15 int64 1
-- p16 int64 3
