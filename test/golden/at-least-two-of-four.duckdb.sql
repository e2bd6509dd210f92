SELECT COUNT(*) AS members
FROM member AS m
WHERE m.country = $p0
  AND m.c_audience_measurement
  AND (
    CASE WHEN m.member_id IN (
      SELECT member_id
      FROM brand_day
      WHERE country = $p0
        AND day BETWEEN $p1 AND $p2
        AND brand_id IN ($p3)
    ) THEN 1 ELSE 0 END
    + CASE WHEN m.tier IN ($p4, $p5) THEN 1 ELSE 0 END
    + CASE WHEN m.region_id NOT IN ($p6) THEN 1 ELSE 0 END
    + CASE WHEN (
      m.member_id IN (
        SELECT member_id
        FROM line
        WHERE country = $p0
          AND day BETWEEN $p7 AND $p8
          AND category_id IN ($p9)
      )
      AND m.tier IN ($p10)
    ) THEN 1 ELSE 0 END
  ) >= $p11
-- p0 string FR
-- p1 date 2024-04-01
-- p2 date 2025-03-31
-- p3 int64 1
-- p4 int64 1
-- p5 int64 2
-- p6 int64 1
-- p7 date 2025-03-02
-- p8 date 2025-03-31
-- p9 int64 101
-- p10 int64 1
-- p11 int64 2
