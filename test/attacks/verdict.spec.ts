import type { Outcome } from './attack.ts';
import { accuracyAfter } from './bounds.ts';
import { verdictTable } from './table.ts';
import { judge } from './verdict.ts';

const attack = { name: 'an attack', bound: ({ nanoRhoEach }: Outcome) => accuracyAfter(nanoRhoEach) };
const of = (successes: number, more: Partial<Outcome> = {}): Outcome => ({
  trials: 200,
  successes,
  nanoRhoEach: 100_000,
  violations: [],
  ...more,
});
const WON = of(200, { nanoRhoEach: 0 });

describe('a verdict', () => {
  // The bound is 50.3 %; Pr[Bin(200, 0.503) > 127] = 6·10⁻⁵ and Pr[… > 126] = 1.04·10⁻⁴.
  it('passes up to the ceiling and not beyond', () => {
    expect(judge(attack, of(127), WON).faults).toEqual([]);
    expect(judge(attack, of(128), WON).faults).toEqual(['64.0 % succeed, must be at most 63.5 %']);
  });

  it.each([
    ['a control that does not win', of(100), of(189), ['the control has 94.5 %, must win']],
    ['answers that cost nothing', of(100, { nanoRhoEach: 0 }), WON, ['the answers were charged nothing']],
    ['a violation', of(100, { violations: ['shown'] }), WON, ['shown']],
    ['one of the control', of(100), of(200, { violations: ['shown'] }), ['control: shown']],
    ['too few trials', of(5, { trials: 10 }), WON, ['so few trials could not tell a winner']],
  ])('finds %s', (_, product, control, faults) => {
    expect(judge(attack, product, control).faults).toEqual(faults);
  });
});

describe('the table', () => {
  it('has a line for each attack and says below it what is broken', () => {
    const table = verdictTable([judge(attack, of(101), WON), judge(attack, of(200), WON)]);
    expect(table.split('\n')).toEqual([
      'attack     trials  success   bound  + sampling  control',
      '---------  ------  -------  ------  ----------  -------  ------',
      'an attack     200   50.5 %  50.3 %      63.5 %  100.0 %  ok',
      'an attack     200  100.0 %  50.3 %      63.5 %  100.0 %  BROKEN',
      '',
      'an attack: 100.0 % succeed, must be at most 63.5 %',
    ]);
  });
});
