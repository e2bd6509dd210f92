SELECT COUNT(*) AS members
FROM `haven.member` AS m
WHERE m.country = @p0
  AND m.c_audience_measurement
  AND (
    (
      m.member_id IN (
        SELECT member_id
        FROM `haven.brand_day`
        WHERE country = @p0
          AND day BETWEEN @p1 AND @p2
          AND brand_id IN (@p3)
      )
      AND m.member_id NOT IN (
        SELECT member_id
        FROM `haven.brand_day`
        WHERE country = @p0
          AND day BETWEEN @p4 AND @p5
          AND brand_id IN (@p6)
      )
    )
    OR (
      m.member_id IN (
        SELECT member_id
        FROM `haven.line`
        WHERE country = @p0
          AND day BETWEEN @p7 AND @p8
          AND category_id IN (@p9)
      )
      AND m.member_id NOT IN (
        SELECT member_id
        FROM `haven.line`
        WHERE country = @p0
          AND day BETWEEN @p10 AND @p11
          AND category_id IN (@p12)
      )
    )
    OR (
      m.member_id IN (
        SELECT member_id
        FROM `haven.brand_day`
        WHERE country = @p0
          AND day BETWEEN @p13 AND @p14
          AND brand_id IN (@p15)
      )
      AND m.member_id NOT IN (
        SELECT member_id
        FROM `haven.brand_day`
        WHERE country = @p0
          AND day BETWEEN @p16 AND @p17
          AND brand_id IN (@p18)
      )
    )
  )
-- p0 string FR
-- p1 date 2025-03-02
-- p2 date 2025-03-31
-- p3 int64 1
-- p4 date 2024-03-02
-- p5 date 2025-03-01
-- p6 int64 1
-- p7 date 2024-04-01
-- p8 date 2025-03-31
-- p9 int64 101
-- p10 date 2025-01-01
-- p11 date 2025-03-31
-- p12 int64 101
-- p13 date 2025-01-30
-- p14 date 2025-03-31
-- p15 int64 1
-- p16 date 2025-03-02
-- p17 date 2025-03-31
-- p18 int64 1
