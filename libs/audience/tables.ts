/** The tables a compiled audience may read. */
export type TableName = 'member' | 'line' | 'brand_day';
