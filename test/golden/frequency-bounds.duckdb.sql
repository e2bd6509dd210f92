SELECT COUNT(*) AS members
FROM member AS m
WHERE m.country = $p0
  AND m.c_audience_measurement
  AND m.member_id NOT IN (
    SELECT member_id
    FROM line
    WHERE country = $p0
      AND day BETWEEN $p1 AND $p2
      AND brand_id IN ($p3)
    GROUP BY member_id
    HAVING COUNT(DISTINCT basket_id) > $p4
  )
  AND EXISTS (
    SELECT 1
    FROM line AS l
    WHERE country = $p0
      AND day BETWEEN $p5 AND $p6
      AND category_id IN ($p7)
      AND l.member_id = m.member_id
    GROUP BY member_id
    HAVING COUNT(DISTINCT basket_id) >= $p8 AND COUNT(DISTINCT basket_id) <= $p9
  )
  AND EXISTS (
    SELECT 1
    FROM line AS l
    WHERE country = $p0
      AND day BETWEEN $p10 AND $p11
      AND category_id IN ($p12)
      AND l.member_id = m.member_id
    GROUP BY member_id
    HAVING COUNT(DISTINCT basket_id) <= $p13
  )
  AND m.member_id NOT IN (
    SELECT member_id
    FROM line
    WHERE country = $p0
      AND day BETWEEN $p14 AND $p15
      AND category_id IN ($p16)
  )
-- p0 string FR
-- p1 date 2024-04-01
-- p2 date 2025-03-31
-- p3 int64 1
-- p4 int64 3
-- p5 date 2024-04-01
-- p6 date 2025-03-31
-- p7 int64 101
-- p8 int64 2
-- p9 int64 5
-- p10 date 2024-04-01
-- p11 date 2025-03-31
-- p12 int64 201
-- p13 int64 4
-- p14 date 2024-04-01
-- p15 date 2025-03-31
-- p16 int64 102
