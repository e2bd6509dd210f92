import { LONGEST_MS, ON_BUDGETS } from './suite.ts';
import { verdictOf } from './verdict.ts';

describe('no brand spends what another was promised', () => {
  it.each(ON_BUDGETS.map((attack) => [attack.name, attack] as const))(
    '%s',
    async (_, attack) => {
      expect((await verdictOf(attack)).faults).toEqual([]);
    },
    LONGEST_MS,
  );
});
