SELECT COUNT(*) AS members
FROM `haven.member` AS m
WHERE m.country = @p0
  AND m.c_audience_measurement
  AND (
    m.member_id IN (
      SELECT member_id
      FROM `haven.line`
      WHERE country = @p0
        AND day BETWEEN @p1 AND @p2
        AND category_id IN (@p3, @p4, @p5, @p6)
        AND brand_id IN (@p7, @p8)
        AND product_id IN (@p9, @p10, @p11, @p12, @p13, @p14, @p15, @p16)
        AND channel IN (@p17)
    )
    OR m.member_id IN (
      SELECT member_id
      FROM `haven.line`
      WHERE country = @p0
        AND day BETWEEN @p18 AND @p19
        AND store_id IN (@p20, @p21, @p22, @p23)
    )
    OR m.member_id IN (
      SELECT member_id
      FROM `haven.line`
      WHERE country = @p0
        AND day BETWEEN @p24 AND @p25
        AND channel IN (@p26)
    )
  )
-- p0 string FR
-- p1 date 2025-03-02
-- p2 date 2025-03-31
-- p3 int64 101
-- p4 int64 102
-- p5 int64 201
-- p6 int64 201
-- p7 int64 1
-- p8 int64 2
-- p9 int64 11
-- p10 int64 12
-- p11 int64 13
-- p12 int64 14
-- p13 int64 15
-- p14 int64 15
-- p15 int64 15
-- p16 int64 15
-- p17 int64 2
-- p18 date 2025-03-02
-- p19 date 2025-03-31
-- p20 int64 1
-- p21 int64 2
-- p22 int64 3
-- p23 int64 3
-- p24 date 2025-03-31
-- p25 date 2025-03-31
-- p26 int64 1
