SELECT COUNT(*) AS members
FROM member AS m
WHERE m.country = $p0
  AND m.c_audience_measurement
  AND EXISTS (
    SELECT 1
    FROM line AS l
    WHERE country = $p0
      AND day BETWEEN $p1 AND $p2
      AND category_id IN ($p3)
      AND l.member_id = m.member_id
    GROUP BY member_id
    HAVING COUNT(DISTINCT basket_id) >= $p4
  )
  AND m.member_id NOT IN (
    SELECT member_id
    FROM brand_day
    WHERE country = $p0
      AND day BETWEEN $p5 AND $p6
      AND brand_id IN ($p7)
  )
  AND m.region_id IN ($p8, $p9, $p10, $p11)
-- p0 string FR
-- p1 date 2024-10-01
-- p2 date 2025-03-31
-- p3 int64 101
-- p4 int64 2
-- p5 date 2024-04-01
-- p6 date 2025-03-31
-- p7 int64 1
-- p8 int64 1
-- p9 int64 2
-- p10 int64 3
-- p11 int64 3
