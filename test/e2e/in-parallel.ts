/**
 * Runs `work` for 0 … count − 1, so many at a time.
 *
 * @returns what each gave, in the order of the numbers.
 */
export async function inParallel<T>(count: number, width: number, work: (number: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const number = next++;
      results[number] = await work(number);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, lane));
  return results;
}
