import { LONGEST_MS, ON_SIZES } from './suite.ts';
import { verdictOf } from './verdict.ts';

// Seeded: the same verdict in every run. Under other seeds a sound product is called broken with odds below 10⁻⁴ each.
describe('the size of an audience is told no more exactly than was paid for', () => {
  it.each(ON_SIZES.map((attack) => [attack.name, attack] as const))(
    '%s',
    async (_, attack) => {
      expect((await verdictOf(attack)).faults).toEqual([]);
    },
    LONGEST_MS,
  );
});
