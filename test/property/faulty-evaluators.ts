import type { ProductSelector, Rule, Window } from '#audience';
import type { Purpose } from '#core';
import type { LeafBodies } from '../../libs/audience/ast.ts';
import { AudienceEvaluator, no, some, within } from './audience-evaluator.ts';
import type { LineTest, Lines, Span, Test } from './audience-evaluator.ts';
import type { Line, Member, Retail } from './retail.ts';

type EvaluatorClass = new (retail: Retail) => AudienceEvaluator;

/** Evaluators that misread one term of the language each. */
export const FAULTY_EVALUATORS: Readonly<Record<string, EvaluatorClass>> = {
  'windows begin a day late': class extends AudienceEvaluator {
    protected override span(window: Window): Span {
      const { from, to } = super.span(window);
      return { from: from + 1, to };
    }
  },
  'the last day of a window is left out': class extends AudienceEvaluator {
    protected override span(window: Window): Span {
      const { from, to } = super.span(window);
      return { from, to: to - 1 };
    }
  },
  'a month is 30 days': class extends AudienceEvaluator {
    protected override span(window: Window): Span {
      return super.span('lastMonths' in window ? { lastDays: 30 * window.lastMonths } : window);
    }
  },
  'lines are counted, not baskets': class extends AudienceEvaluator {
    protected override baskets(lines: readonly Line[]): number {
      return lines.length;
    }
  },
  'a basket is counted on each of its days': class extends AudienceEvaluator {
    protected override baskets(lines: readonly Line[]): number {
      return new Set(lines.map(({ basket, day }) => `${basket} ${day}`)).size;
    }
  },
  'a basket is counted for each brand and category': class extends AudienceEvaluator {
    protected override baskets(lines: readonly Line[]): number {
      return new Set(lines.map(({ basket, brand, category }) => `${basket} ${brand} ${category}`)).size;
    }
  },
  'a member without lines fails every frequency': class extends AudienceEvaluator {
    protected override frequency(body: LeafBodies['frequency']): Test {
      const [keeps, bought] = [super.frequency(body), some(this.purchases(body))];
      return (member) => keeps(member) && bought(member);
    }
  },
  'a member without lines fails every spend': class extends AudienceEvaluator {
    protected override spend(body: LeafBodies['spend']): Test {
      const [keeps, bought] = [super.spend(body), some(this.purchases(body))];
      return (member) => keeps(member) && bought(member);
    }
  },
  'returns do not lower spend': class extends AudienceEvaluator {
    protected override cents(lines: readonly Line[]): number {
      return super.cents(lines.filter(({ netCents }) => netCents > 0));
    }
  },
  'none is ignored': class extends AudienceEvaluator {
    protected override none(children: readonly Rule[]): ReadonlySet<Member> {
      return this.match({ any: children });
    }
  },
  'none means not all': class extends AudienceEvaluator {
    protected override none(children: readonly Rule[]): ReadonlySet<Member> {
      const all = this.match({ all: children });
      return this.those((member) => !all.has(member));
    }
  },
  'a child listed twice counts once': class extends AudienceEvaluator {
    protected override atLeast(n: number, children: readonly Rule[]): ReadonlySet<Member> {
      const different = new Map(children.map((child) => [JSON.stringify(child), child]));
      return super.atLeast(n, [...different.values()]);
    }
  },
  'atLeast means exactly': class extends AudienceEvaluator {
    protected override atLeast(n: number, children: readonly Rule[]): ReadonlySet<Member> {
      return super.atLeast(n, children).difference(super.atLeast(n + 1, children));
    }
  },
  'channels are ignored': class extends AudienceEvaluator {
    protected override lines(span: Span, { channels: _, ...test }: LineTest): Lines {
      return super.lines(span, test);
    }
  },
  'stores are ignored': class extends AudienceEvaluator {
    protected override lines(span: Span, { stores: _, ...test }: LineTest): Lines {
      return super.lines(span, test);
    }
  },
  'brands or categories, not both': class extends AudienceEvaluator {
    protected override products({ gtins, brands, categories }: ProductSelector): ReadonlySet<string> {
      const parts = [
        ...(gtins ? [{ gtins }] : []),
        ...(brands ? [{ brands }] : []),
        ...(categories ? [{ categories }] : []),
      ];
      return new Set(parts.flatMap((part) => [...super.products(part)]));
    }
  },
  'a category reaches beyond the trade of the brand': class extends AudienceEvaluator {
    protected override leaves(code: string): ReadonlySet<string> {
      return this.subtree(code);
    }
  },
  'a category is only its own leaf': class extends AudienceEvaluator {
    protected override subtree(code: string): ReadonlySet<string> {
      return new Set([code]);
    }
  },
  'the look-back of newToBrand is ignored': class extends AudienceEvaluator {
    protected override newToBrand({ brands, window }: LeafBodies['newToBrand']): Test {
      return some(this.purchases({ products: { brands }, window }));
    }
  },
  'the look-back of newToBrand begins a day late': class extends AudienceEvaluator {
    protected override newToBrand({ lookbackDays, ...body }: LeafBodies['newToBrand']): Test {
      return super.newToBrand({ ...body, lookbackDays: lookbackDays - 1 });
    }
  },
  'the look-back of newToBrand ends in the window': class extends AudienceEvaluator {
    protected override newToBrand({ brands, window, lookbackDays }: LeafBodies['newToBrand']): Test {
      const { from, to } = this.span(window);
      const products = this.products({ brands });
      const bought = some(this.lines({ from, to }, { products }));
      const notBefore = no(this.lines({ from: from - lookbackDays, to: from }, { products }));
      return (member) => bought(member) && notBefore(member);
    }
  },
  'recency looks at the first line': class extends AudienceEvaluator {
    protected override recency({ products, minDaysAgo, maxDaysAgo }: LeafBodies['recency']): Test {
      const lines = this.purchases({ products, window: { lastDays: 730 } });
      return (member) => {
        const daysAgo = lines(member).map(({ day }) => this.retail.dataThrough - day);
        return daysAgo.length > 0 && within(Math.max(...daysAgo), minDaysAgo, maxDaysAgo);
      };
    }
  },
  'recency counts from 1': class extends AudienceEvaluator {
    protected override recency({ products, minDaysAgo = 0, maxDaysAgo = 729 }: LeafBodies['recency']): Test {
      return super.recency({ products, minDaysAgo: minDaysAgo - 1, maxDaysAgo: maxDaysAgo - 1 });
    }
  },
  'lapsed looks only before the last days': class extends AudienceEvaluator {
    protected override lapsed({ products, activeWindow, sinceDays }: LeafBodies['lapsed']): Test {
      const { from, to } = this.span(activeWindow);
      const earlier = { from, to: Math.min(to, this.span({ lastDays: sinceDays }).from - 1) };
      return some(this.lines(earlier, { products: this.products(products) }));
    }
  },
  'one purpose is enough': class extends AudienceEvaluator {
    protected override consents(member: Member, purposes: readonly Purpose[]): boolean {
      return purposes.some((purpose) => member.consents.has(purpose));
    }
  },
  'lines of another country count': class extends AudienceEvaluator {
    protected override exists(line: Line): boolean {
      return super.exists(line, line.country);
    }
  },
  'lines before the history count': class extends AudienceEvaluator {
    protected override exists(line: Line, country: Member['country']): boolean {
      return line.country === country && line.day <= this.retail.dataThrough;
    }
  },
};
