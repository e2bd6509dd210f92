SELECT COUNT(*) AS members
FROM `haven.member` AS m
WHERE m.country = @p0
  AND m.c_audience_measurement
  AND FALSE
-- p0 string FR
